//! Closed integer intervals, computed in `i128` so that bounds themselves cannot wrap.

use crate::quant_graph::Interval;
use crate::round::rescale;

/// Accumulators must stay below this in magnitude: 2^62.
pub(crate) const ACCUMULATOR_LIMIT: i64 = 1 << 62;

impl Interval {
    /// The interval of one value.
    #[must_use]
    pub fn point(value: i64) -> Self {
        Interval { lo: value, hi: value }
    }

    /// Whether `value` lies inside.
    #[must_use]
    pub fn contains(&self, value: i64) -> bool {
        self.lo <= value && value <= self.hi
    }

    /// Whether all of `other` lies inside.
    #[must_use]
    pub fn covers(&self, other: &Interval) -> bool {
        self.lo <= other.lo && other.hi <= self.hi
    }

    /// The smallest interval that holds both.
    #[must_use]
    pub fn hull(self, other: Interval) -> Self {
        Interval { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// Of what its values rescale to.
    pub(crate) fn rescaled(self, shift: u32) -> Self {
        Interval { lo: rescale(self.lo, shift), hi: rescale(self.hi, shift) }
    }

    /// Largest magnitude inside.
    #[must_use]
    pub fn magnitude(&self) -> u64 {
        self.lo.unsigned_abs().max(self.hi.unsigned_abs())
    }
}

/// An interval of wide integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wide {
    pub(crate) lo: i128,
    pub(crate) hi: i128,
}

impl Wide {
    pub(crate) const ZERO: Wide = Wide { lo: 0, hi: 0 };

    /// `weight · x` for x in `interval`.
    pub(crate) fn scaled(weight: i64, interval: Interval) -> Self {
        let (a, b) = (
            i128::from(weight) * i128::from(interval.lo),
            i128::from(weight) * i128::from(interval.hi),
        );
        Wide { lo: a.min(b), hi: a.max(b) }
    }

    /// As [`Wide::weighted`], of weights side by side: several at once where they are small.
    pub(crate) fn weighted_row(weights: &[i64], interval: Interval) -> Option<Self> {
        // So many of less than 2^53 do not wrap.
        const TOGETHER: usize = 256;
        let (mut positive, mut negative) = (0_i128, 0_i128);
        for chunk in weights.chunks(TOGETHER) {
            if chunk.iter().fold(true, |small, w| small & (w.unsigned_abs() < 1 << 53)) {
                let sums = chunk.iter().fold((0_i64, 0_i64), |(positive, negative), w| {
                    (positive.wrapping_add((*w).max(0)), negative.wrapping_add((*w).min(0)))
                });
                positive += i128::from(sums.0);
                negative += i128::from(sums.1);
            } else {
                let sums = sums(chunk.iter());
                positive += sums.0;
                negative += sums.1;
            }
        }
        Self::of_sums(positive, negative, interval)
    }

    /// `Σ w·x_w` over some weights, each x in `interval` by itself; `None` beyond `i128`.
    pub(crate) fn weighted<'a>(
        weights: impl Iterator<Item = &'a i64>,
        interval: Interval,
    ) -> Option<Self> {
        let (positive, negative) = sums(weights);
        Self::of_sums(positive, negative, interval)
    }

    /// Of weights whose positive ones come to one sum, and whose negative ones to another: either takes an end of its own.
    fn of_sums(positive: i128, negative: i128, interval: Interval) -> Option<Self> {
        let [lo, hi] = [interval.lo.min(interval.hi), interval.lo.max(interval.hi)].map(i128::from);
        let sum = |a: i128, b: i128| positive.checked_mul(a)?.checked_add(negative.checked_mul(b)?);
        Some(Wide { lo: sum(lo, hi)?, hi: sum(hi, lo)? })
    }

    /// Sum; `None` beyond `i128`.
    pub(crate) fn plus(self, other: Wide) -> Option<Self> {
        Some(Wide { lo: self.lo.checked_add(other.lo)?, hi: self.hi.checked_add(other.hi)? })
    }

    /// Hull with another interval.
    pub(crate) fn hull(self, other: Wide) -> Self {
        Wide { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// The value, or nothing: hull with zero.
    pub(crate) fn optional(self) -> Self {
        self.hull(Wide::ZERO)
    }

    /// Products of values of two intervals.
    pub(crate) fn product(a: Interval, b: Interval) -> Self {
        Wide::scaled(a.lo, b).hull(Wide::scaled(a.hi, b))
    }

    /// Multiplied by a positive integer; `None` beyond `i128`.
    pub(crate) fn times(self, factor: i64) -> Option<Self> {
        let factor = i128::from(factor);
        Some(Wide { lo: self.lo.checked_mul(factor)?, hi: self.hi.checked_mul(factor)? })
    }

    /// Itself; `None` where a value could reach 2^62.
    pub(crate) fn below_limit(self) -> Option<Self> {
        self.accumulator().map(|_| self)
    }

    /// As an accumulator's interval; `None` where a value could reach 2^62.
    pub(crate) fn accumulator(self) -> Option<Interval> {
        let limit = i128::from(ACCUMULATOR_LIMIT);
        if self.lo <= -limit || self.hi >= limit {
            return None;
        }
        Some(Interval { lo: i64::try_from(self.lo).ok()?, hi: i64::try_from(self.hi).ok()? })
    }
}

impl From<Interval> for Wide {
    fn from(interval: Interval) -> Self {
        Wide { lo: i128::from(interval.lo), hi: i128::from(interval.hi) }
    }
}

/// The sums of the positive weights and of the negative ones.
fn sums<'a>(weights: impl Iterator<Item = &'a i64>) -> (i128, i128) {
    weights.fold((0, 0), |(positive, negative), &weight| {
        (positive + i128::from(weight.max(0)), negative + i128::from(weight.min(0)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn weighted_sums_are_those_of_each_weight(
            weights in prop::collection::vec(any::<i64>(), 0..9),
            lo: i64,
            hi: i64,
        ) {
            let interval = Interval { lo, hi };
            let mut each = weights.iter().map(|weight| Wide::scaled(*weight, interval));
            let sum = each.try_fold(Wide::ZERO, Wide::plus);
            let got = Wide::weighted(weights.iter(), interval);
            let small: Vec<i64> = weights.iter().map(|w| w >> 11).collect();
            for row in [&weights, &small] {
                prop_assert_eq!(Wide::weighted_row(row, interval), Wide::weighted(row.iter(), interval));
            }
            // Beyond 128 bits both are nothing sooner or later; what is compared with 2^62 is the same.
            let small = |sum: Option<Wide>| sum.and_then(Wide::below_limit);
            prop_assert_eq!(small(got), small(sum));
        }
    }
}

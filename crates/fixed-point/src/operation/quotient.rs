//! Quotient: `x = ⌊c·n/d + 1/2⌋` for a positive divisor: division, halves upwards, exact.
//!
//! Of all integers x, one satisfies `2·c·n + d = 2·d·x + r` with `0 ≤ r ≤ 2·d − 1`: the quotient and the remainder of
//! `2·c·n + d` by `2·d`. No d below 1 has such an r, so that a zero divisor has no proof.

use crate::interpret_error::InterpretError;
use crate::interval::ACCUMULATOR_LIMIT;
use crate::linear::Operands;
use crate::quant_graph::{Interval, QuantGraph, Quotient, TensorId};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

/// `⌊c·n/d + 1/2⌋` for positive d; `None` beyond `i64`.
fn divide(numerator: i128, divisor: i64) -> Option<i64> {
    let d = i128::from(divisor);
    let twice = numerator.checked_mul(2)?.checked_add(d)?;
    i64::try_from(twice.checked_div_euclid(2 * d)?).ok()
}

/// `c·n`, whatever both are.
fn scaled(multiplier: i64, numerator: i64) -> i128 {
    i128::from(multiplier) * i128::from(numerator)
}

impl Quotient {
    pub(super) fn check(&self, sizes: Sizes<'_>) -> Result<(), ValidateError> {
        if self.multiplier <= 0 || self.least <= 0 {
            return sizes.malformed("the multiplier or the least divisor is not positive");
        }
        if let Some(numerator) = self.numerator {
            sizes.equal("numerator", Some(sizes.len), sizes.operand(numerator))?;
        }
        sizes.equal("divisor", Some(sizes.len), sizes.operand(self.divisor))
    }

    /// The numerators' interval, times the multiplier; `None` where they could reach 2^61.
    fn numerators(&self, graph: &QuantGraph) -> Option<Interval> {
        let n = match self.numerator {
            Some(id) => graph.tensors.get(id.0)?.interval,
            None => Interval::point(1),
        };
        let end = |n| i64::try_from(scaled(self.multiplier, n)).ok();
        let scaled = Interval { lo: end(n.lo)?, hi: end(n.hi)? };
        (scaled.magnitude() < ACCUMULATOR_LIMIT.unsigned_abs() / 2).then_some(scaled)
    }

    /// The divisors that are not refused; `None` where they could reach 2^60.
    fn divisors(&self, graph: &QuantGraph) -> Option<Interval> {
        let Interval { lo, hi } = graph.tensors.get(self.divisor.0)?.interval;
        let divisors = Interval { lo: lo.max(self.least), hi: hi.max(self.least) };
        (divisors.hi < ACCUMULATOR_LIMIT / 4).then_some(divisors)
    }

    /// Whether a divisor could be smaller than the least one, so that it has to be shown that none is.
    #[must_use]
    pub fn shows_least(&self, graph: &QuantGraph) -> bool {
        let divisor = graph.tensors.get(self.divisor.0);
        divisor.is_none_or(|divisor| divisor.interval.lo < self.least)
    }

    pub(super) fn interval(&self, graph: &QuantGraph) -> Option<Interval> {
        let (n, d) = (self.numerators(graph)?, self.divisors(graph)?);
        let mut hull: Option<Interval> = None;
        for n in [n.lo, n.hi] {
            for d in [d.lo, d.hi] {
                let x = Interval::point(divide(i128::from(n), d)?);
                hull = Some(hull.map_or(x, |hull| hull.hull(x)));
            }
        }
        hull
    }

    pub(super) fn evaluate(
        &self,
        operands: Operands<'_>,
        len: usize,
    ) -> Result<Vec<i64>, InterpretError> {
        let one = |(index, (n, d)): (usize, (i64, i64))| {
            if d < self.least {
                let (node, least) = (operands.node.into(), self.least);
                return Err(InterpretError::Divisor { node, index, value: d, least });
            }
            divide(scaled(self.multiplier, n), d).ok_or_else(|| operands.overflow())
        };
        self.pairs(operands, len)?.into_iter().enumerate().map(one).collect()
    }

    /// Numerators and divisors.
    fn pairs(&self, operands: Operands<'_>, len: usize) -> Result<Vec<(i64, i64)>, InterpretError> {
        let divisors = operands.get(self.divisor, len)?.iter().copied();
        Ok(match self.numerator {
            Some(id) => operands.get(id, len)?.iter().copied().zip(divisors).collect(),
            None => divisors.map(|d| (1, d)).collect(),
        })
    }

    /// Of x; of the remainder r, less what of it is constant: `r` or, without a numerator, `r − 2c`; of
    /// `2d − r` or `2d − (r − 2c)`; and of d, if it could be too small.
    pub(super) fn ranges(&self, graph: &QuantGraph, x: Interval) -> Option<Vec<Interval>> {
        let d = self.divisors(graph)?;
        let constant = self.constant();
        let remainder = Interval { lo: -constant, hi: 2 * d.hi - 1 - constant };
        let complement = Interval { lo: 1 + constant, hi: 2 * d.hi + constant };
        let least = self.shows_least(graph).then_some(d);
        Some([x, remainder, complement].into_iter().chain(least).collect())
    }

    /// `2·c·n` where n is the constant 1.
    fn constant(&self) -> i64 {
        // Below 2^62, as the interval's check has it.
        if self.numerator.is_some() { 0 } else { self.multiplier.saturating_mul(2) }
    }

    pub(super) fn ranged(
        &self,
        operands: Operands<'_>,
        id: TensorId,
        len: usize,
    ) -> Result<Vec<Vec<i64>>, InterpretError> {
        let x = operands.get(id, len)?;
        let (mut remainders, mut complements) = (Vec::with_capacity(len), Vec::with_capacity(len));
        let mut divisors = Vec::with_capacity(len);
        for ((n, d), x) in self.pairs(operands, len)?.into_iter().zip(x) {
            let twice = 2 * scaled(self.multiplier, n) + i128::from(d);
            let r = twice - 2 * i128::from(d) * i128::from(*x) - i128::from(self.constant());
            let narrow = |wide| i64::try_from(wide).map_err(|_| operands.overflow());
            remainders.push(narrow(r)?);
            complements.push(narrow(2 * i128::from(d) - r)?);
            divisors.push(d);
        }
        let least = self.shows_least(operands.graph).then_some(divisors);
        Ok([x.to_vec(), remainders, complements].into_iter().chain(least).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Rounded as the one rounding function rounds.
        #[test]
        fn the_quotient_is_the_rounded_one(n in -(1_i64 << 60)..(1 << 60), d in 1_i64..(1 << 60)) {
            let x = i128::from(divide(i128::from(n), d).unwrap());
            let r = 2 * i128::from(n) + i128::from(d) - 2 * i128::from(d) * x;
            prop_assert!((0..2 * i128::from(d)).contains(&r));
        }
    }

    #[test]
    fn halves_go_up() {
        let halves = [(1, 2, 1), (-1, 2, 0), (3, 2, 2), (-3, 2, -1), (7, 3, 2), (-7, 3, -2)];
        for (n, d, x) in halves {
            assert_eq!(divide(n, d), Some(x), "{n}/{d}");
        }
    }
}

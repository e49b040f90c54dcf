//! Committed weights: integers that a commitment holds in place of the key.
//!
//! A circuit for committed weights must not depend on them, so whatever would follow from them follows from their *bits*:
//! every weight is one of `-2^(bits-1) .. 2^(bits-1)`, and so is every digit of a bias, `b = Σ_i digit_i·2^(radix·i)`.

use crate::interval::Wide;
use crate::quant_graph::Interval;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Bits that committed weights may have. Their range is shown once, with the commitment: of two limbs, for a table of as
/// many rows as there are weights of 17 bits, as many have, would be longer than most circuits. The low limb has
/// [`COMMITTED_LIMB`] bits, or all where there are no more.
pub const COMMITTED_BITS: RangeInclusive<u32> = 1..=24;

/// Bits of the low limb of a committed weight, which is not negative; the high one has the sign.
pub const COMMITTED_LIMB: u32 = 10;

/// Most digits of a bias.
const MOST_DIGITS: u32 = 16;

/// What is known of the weights of a committed form, and of its bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Committed {
    /// Of a weight and of a digit, the sign included.
    pub bits: u32,
    /// Of a bias; none where there is no bias.
    pub digits: u32,
    /// Bits from one digit to the next; no more than a digit has.
    pub radix: u32,
}

/// How large the weights and biases of a node may be, in the model's own numbers: settings say so where weights are
/// committed, and a model that was trained further keeps to it.
///
/// Nobody proves sums. They bound the tables of accumulators: what a heavier model came to beyond these has no proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Magnitudes {
    /// Of weights.
    pub weight: f64,
    /// Of biases.
    pub bias: f64,
    /// The largest sum of an output's positive weights.
    pub positive: f64,
    /// The largest sum of an output's negative weights, as a magnitude.
    pub negative: f64,
}

impl Magnitudes {
    /// The hull with others.
    #[must_use]
    pub fn hull(self, other: Magnitudes) -> Self {
        Magnitudes {
            weight: self.weight.max(other.weight),
            bias: self.bias.max(other.bias),
            positive: self.positive.max(other.positive),
            negative: self.negative.max(other.negative),
        }
    }

    /// Of these weights, so many rows of them, and biases.
    #[must_use]
    pub fn of(weights: &[f64], rows: usize, biases: &[f64]) -> Self {
        let largest = |values: &[f64]| values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        let each = weights.len().checked_div(rows).unwrap_or(0).max(1);
        let (mut positive, mut negative) = (0.0_f64, 0.0_f64);
        for row in weights.chunks(each) {
            positive = positive.max(row.iter().map(|w| w.max(0.0)).sum());
            negative = negative.max(row.iter().map(|w| (-w).max(0.0)).sum());
        }
        Magnitudes { weight: largest(weights), bias: largest(biases), positive, negative }
    }

    /// What weights of these magnitudes times numbers between two ends come to, with bias; where `optional`, each product
    /// may be absent.
    #[must_use]
    pub fn bounds(self, (lo, hi): (f64, f64), optional: bool) -> (f64, f64) {
        let (lo, hi) = if optional { (lo.min(0.0), hi.max(0.0)) } else { (lo, hi) };
        // Any row may have less of either sign.
        let least = (self.positive * lo).min(0.0) - (self.negative * hi).max(0.0);
        let most = (self.positive * hi).max(0.0) - (self.negative * lo).min(0.0);
        (least - self.bias, most + self.bias)
    }

    /// A quarter more, for training, rounded up to three bits: settings are not to tell more of weights than they need. What
    /// bits round up to is room too.
    #[must_use]
    pub fn with_room(self) -> Self {
        let room = |x: f64| {
            let unit = x.log2().floor().exp2() / 4.0;
            if x > 0.0 { (x * 1.25 / unit).ceil() * unit } else { 0.0 }
        };
        // A bias that is zero everywhere may not stay so.
        Magnitudes {
            weight: room(self.weight),
            bias: room(self.bias.max(self.weight / 16.0)),
            positive: room(self.positive),
            negative: room(self.negative),
        }
    }

    /// Whether these hold others.
    #[must_use]
    pub fn cover(self, other: Magnitudes) -> bool {
        let sums = other.positive <= self.positive && other.negative <= self.negative;
        sums && other.weight <= self.weight && other.bias <= self.bias
    }
}

impl Committed {
    /// The fewest bits and digits for weights and biases of these magnitudes; `None` beyond limits.
    #[must_use]
    pub fn of(weight: u64, bias: u64) -> Option<Self> {
        let bits = u64::BITS - weight.leading_zeros() + 1;
        if bias == 0 {
            let committed = Committed { bits, digits: 0, radix: bits };
            return COMMITTED_BITS.contains(&bits).then_some(committed);
        }
        // A digit of one bit is never positive. What digits could come to widens tables: the fewest, the closest together.
        let bits = bits.max(2);
        let form = |digits, radix| Committed { bits, digits, radix };
        let holds = |form: &Committed| {
            form.is_valid() && form.bias().is_some_and(|all| i128::from(bias) <= all.hi)
        };
        let digits = (1..=MOST_DIGITS).find(|&digits| holds(&form(digits, bits)))?;
        (1..=bits).map(|radix| form(digits, radix)).find(holds)
    }

    /// Whether bits and digits are within limits.
    #[must_use]
    pub fn is_valid(self) -> bool {
        let radix = (1..=self.bits).contains(&self.radix);
        // What a bias can be is asked for bits and digits within limits alone.
        let within = COMMITTED_BITS.contains(&self.bits) && radix && self.digits <= MOST_DIGITS;
        within && self.bias().is_some()
    }

    /// What a weight or a digit can be.
    #[must_use]
    pub fn weight(self) -> Interval {
        let half = 1_i64 << (self.bits - 1);
        Interval { lo: -half, hi: half - 1 }
    }

    /// What a bias can be, every integer from one end to the other; `None` beyond `i128`.
    pub(crate) fn bias(self) -> Option<Wide> {
        self.below(self.digits)
    }

    /// What so many digits, the least ones, come to.
    fn below(self, digits: u32) -> Option<Wide> {
        let mut sum = Wide::ZERO;
        for digit in 0..digits {
            sum = sum.plus(Wide::from(self.weight()).times(self.unit(digit)?)?)?;
        }
        Some(sum)
    }

    /// `2^(radix·i)`: what digit i of a bias counts.
    #[must_use]
    pub fn unit(self, digit: u32) -> Option<i64> {
        1_i64.checked_shl(self.radix.checked_mul(digit)?).filter(|unit| *unit > 0)
    }

    /// The digits of a bias, the least first; `None` if it has more.
    #[must_use]
    pub fn digits(self, bias: i64) -> Option<Vec<i64>> {
        let range = self.weight();
        let (mut rest, mut digits) = (i128::from(bias), vec![]);
        for place in (0..self.digits).rev() {
            // The most that leaves no less than the lower digits come to. As they come to everything between their ends,
            // and to `2^(radix·place)` integers or more, nor does it leave more than that, where any digit would do.
            let (unit, below) = (i128::from(self.unit(place)?), self.below(place)?);
            let digit = (rest - below.lo).div_euclid(unit).clamp(range.lo.into(), range.hi.into());
            rest -= digit * unit;
            digits.push(i64::try_from(digit).ok()?);
        }
        digits.reverse();
        (rest == 0).then_some(digits)
    }

    /// Whether all of these are weights, and all of those biases, of such a form.
    #[must_use]
    pub fn holds(self, weights: &[i64], bias: &[i64]) -> bool {
        let range = self.weight();
        let biases = bias.iter().all(|&bias| self.digits(bias).is_some());
        biases && weights.iter().all(|&weight| range.contains(weight))
    }

    /// `Σ_k w_k·x_k` over `terms` weights, each product absent or there where `optional`, plus a bias.
    pub(crate) fn sum(self, x: Interval, terms: usize, optional: bool) -> Option<Wide> {
        let product = Wide::product(self.weight(), x);
        let product = if optional { product.optional() } else { product };
        let bias = self.bias()?;
        let bias = if optional { bias.optional() } else { bias };
        product.times(i64::try_from(terms).ok()?)?.plus(bias)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bias_is_the_sum_of_its_digits(
            bits in 2_u32..=24,
            digits in 1_u32..=3,
            less in 0_u32..=4,
            bias: i32,
        ) {
            let committed = Committed { bits, digits, radix: bits.saturating_sub(less).max(1) };
            prop_assume!(committed.is_valid());
            let all = committed.bias().unwrap();
            let found = committed.digits(bias.into());
            prop_assert_eq!(found.is_some(), all.lo <= bias.into() && i128::from(bias) <= all.hi);
            if let Some(found) = found {
                prop_assert!(found.iter().all(|&digit| committed.weight().contains(digit)));
                let units = (0..digits).map(|digit| committed.unit(digit).unwrap());
                let sum: i64 = found.iter().zip(units).map(|(digit, unit)| digit * unit).sum();
                prop_assert_eq!(sum, i64::from(bias));
            }
        }

        #[test]
        fn bits_and_digits_hold_what_they_were_asked_for(
            (weight, bias) in (0_u64..8_388_608, 0_u64..1 << 45, 0_u32..=23, 0_u32..=45)
                .prop_map(|(weight, bias, fewer, less)| (weight >> fewer, bias >> less))
                // Sixteen digits of two bits come to no more.
                .prop_map(|(weight, bias)| (weight, if weight > 1 { bias } else { bias >> 15 })),
        ) {
            let committed = Committed::of(weight, bias).unwrap();
            prop_assert!(committed.is_valid());
            let ends = |end: u64| [i64::try_from(end).unwrap(), -i64::try_from(end).unwrap()];
            prop_assert!(committed.holds(&ends(weight), &ends(bias)));
            // No fewer digits, nor nearer ones, hold it.
            let holds = |digits, radix| {
                let all = Committed { digits, radix, ..committed }.bias();
                all.is_some_and(|all| all.hi >= bias.into())
            };
            let Committed { bits, digits, radix } = committed;
            prop_assert!(digits == 0 || !holds(digits - 1, bits));
            prop_assert!(digits == 0 || radix == 1 || !holds(digits, radix - 1));
        }
    }

    #[test]
    fn forms_beyond_limits_are_none() {
        for bits in [0, 25, 63, 64, u32::MAX] {
            for digits in [0, 1, 17, u32::MAX] {
                assert!(!Committed { bits, digits, radix: 1 }.is_valid(), "{bits} {digits}");
            }
        }
        for weight in [1 << 24, 1 << 62, u64::MAX] {
            assert_eq!([0, 1, u64::MAX].map(|bias| Committed::of(weight, bias)), [None; 3]);
        }
    }

    #[test]
    fn room_is_for_training() {
        let own = Magnitudes::of(&[4.0, -1.0, 2.0, -3.0], 2, &[0.0, 0.0]);
        assert_eq!(own, Magnitudes { weight: 4.0, bias: 0.0, positive: 4.0, negative: 3.0 });
        let room = own.with_room();
        let expected = Magnitudes { weight: 5.0, bias: 0.3125, positive: 5.0, negative: 4.0 };
        assert_eq!(room, expected);
        assert!(room.cover(Magnitudes { weight: 5.0, bias: 0.3, ..own }));
        assert!(!room.cover(Magnitudes { weight: 5.1, ..own }));
        assert!(!room.cover(Magnitudes { negative: 4.1, ..own }));
        assert_eq!(own.bounds((0.0, 2.0), false), (-6.0, 8.0));
        assert_eq!(own.bounds((1.0, 2.0), true), (-6.0, 8.0));
        assert_eq!(own.bounds((-1.0, 2.0), false), (-10.0, 11.0));
    }
}

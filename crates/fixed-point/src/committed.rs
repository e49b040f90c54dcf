//! Committed weights: integers that a commitment holds in place of the key.
//!
//! A circuit for committed weights must not depend on them, so whatever would follow from them follows from their *bits*:
//! every weight is one of `-2^(bits-1) .. 2^(bits-1)`, and so is every digit of a bias, `b = Σ_i digit_i·2^(bits·i)`.

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
}

/// The greatest magnitudes that weights and biases of a node may have, in the model's own numbers: settings say so where
/// weights are committed, and a model that was trained further keeps to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Magnitudes {
    /// Of weights.
    pub weight: f64,
    /// Of biases.
    pub bias: f64,
}

impl Magnitudes {
    /// The hull with others.
    #[must_use]
    pub fn hull(self, other: Magnitudes) -> Self {
        Magnitudes { weight: self.weight.max(other.weight), bias: self.bias.max(other.bias) }
    }

    /// A quarter more, for training: what bits round up to is room too.
    #[must_use]
    pub fn with_room(self) -> Self {
        let room = |x: f64| x * 1.25;
        // A bias that is zero everywhere may not stay so.
        Magnitudes { weight: room(self.weight), bias: room(self.bias.max(self.weight / 16.0)) }
    }

    /// Whether these hold others.
    #[must_use]
    pub fn cover(self, other: Magnitudes) -> bool {
        other.weight <= self.weight && other.bias <= self.bias
    }
}

impl Committed {
    /// The fewest bits and digits for weights and biases of these magnitudes; `None` beyond limits.
    #[must_use]
    pub fn of(weight: u64, bias: u64) -> Option<Self> {
        let bits = u64::BITS - weight.leading_zeros() + 1;
        if !COMMITTED_BITS.contains(&bits) {
            return None;
        }
        let enough = |digits: &u32| {
            let most = Committed { bits, digits: *digits }.bias();
            most.is_some_and(|most| i128::from(bias) <= most.hi.min(-most.lo))
        };
        let digits = if bias == 0 { Some(0) } else { (1..=MOST_DIGITS).find(enough) };
        Some(Committed { bits, digits: digits? })
    }

    /// Whether bits and digits are within limits.
    #[must_use]
    pub fn is_valid(self) -> bool {
        COMMITTED_BITS.contains(&self.bits) && self.digits <= MOST_DIGITS && self.bias().is_some()
    }

    /// What a weight or a digit can be.
    #[must_use]
    pub fn weight(self) -> Interval {
        let half = 1_i64 << (self.bits - 1);
        Interval { lo: -half, hi: half - 1 }
    }

    /// What a bias can be; `None` beyond `i128`.
    pub(crate) fn bias(self) -> Option<Wide> {
        let mut sum = Wide::ZERO;
        for digit in 0..self.digits {
            let unit = i64::try_from(1_u128.checked_shl(self.bits * digit)?).ok()?;
            sum = sum.plus(Wide::from(self.weight()).times(unit)?)?;
        }
        Some(sum)
    }

    /// `2^(bits·i)`: what digit i of a bias counts.
    #[must_use]
    pub fn unit(self, digit: u32) -> Option<i64> {
        1_i64.checked_shl(self.bits.checked_mul(digit)?).filter(|unit| *unit > 0)
    }

    /// The digits of a bias, the least first; `None` if it has more.
    #[must_use]
    pub fn digits(self, bias: i64) -> Option<Vec<i64>> {
        let (mut rest, mut digits) = (i128::from(bias), vec![]);
        let (base, half) = (1_i128 << self.bits, 1_i128 << (self.bits - 1));
        for _ in 0..self.digits {
            let digit = (rest + half).rem_euclid(base) - half;
            rest = (rest - digit) / base;
            digits.push(i64::try_from(digit).ok()?);
        }
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
        fn a_bias_is_the_sum_of_its_digits(bits in 2_u32..=24, digits in 1_u32..=2, bias: i32) {
            let committed = Committed { bits, digits };
            let all = committed.bias().unwrap();
            let inside = all.lo <= bias.into() && i128::from(bias) <= all.hi;
            let found = committed.digits(bias.into());
            prop_assert_eq!(found.is_some(), inside);
            if let Some(found) = found {
                prop_assert!(found.iter().all(|&digit| committed.weight().contains(digit)));
                let units = (0..digits).map(|digit| committed.unit(digit).unwrap());
                let sum: i64 = found.iter().zip(units).map(|(digit, unit)| digit * unit).sum();
                prop_assert_eq!(sum, i64::from(bias));
            }
        }

        #[test]
        fn bits_and_digits_hold_what_they_were_asked_for(weight in 0_u64..8_388_608, bias: u32) {
            let committed = Committed::of(weight, bias.into()).unwrap();
            prop_assert!(committed.is_valid());
            let ends = |end: u64| [i64::try_from(end).unwrap(), -i64::try_from(end).unwrap()];
            prop_assert!(committed.holds(&ends(weight), &ends(bias.into())));
        }
    }

    #[test]
    fn room_is_for_training() {
        let room = Magnitudes { weight: 4.0, bias: 0.0 }.with_room();
        assert_eq!((room.weight, room.bias), (5.0, 0.3125));
        assert!(room.cover(Magnitudes { weight: 5.0, bias: 0.3 }));
        assert!(!room.cover(Magnitudes { weight: 5.1, bias: 0.0 }));
    }
}

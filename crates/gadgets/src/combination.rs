//! Sums of integers times field elements, reduced once at the end.
//!
//! A product of a field element and an integer of 64 bits takes four multiplications of words; as field
//! elements both take a conversion and a reduction each, eight times the time.

use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::{FromUniformBytes, PrimeField};

/// Words of a sum: a term is below 2^254·2^127, so that 2^131 of them fit.
const WORDS: usize = 8;

/// A field element to multiply with integers: its words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coefficient([u64; 4]);

impl Coefficient {
    /// A field element.
    pub(crate) fn new(value: Fr) -> Self {
        let bytes = value.to_repr();
        let (words, _) = bytes.as_chunks::<8>();
        Coefficient(std::array::from_fn(|i| words.get(i).map_or(0, |w| u64::from_le_bytes(*w))))
    }

    /// `scale·point^j` for j below `count`.
    pub(crate) fn powers(point: Fr, scale: Fr, count: usize) -> Vec<Self> {
        let powers = std::iter::successors(Some(scale), |power| Some(power * point));
        powers.take(count).map(Coefficient::new).collect()
    }
}

/// A sum Σ c·x over coefficients c and integers x: what is positive and what is negative in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Combination([[u64; WORDS]; 2]);

impl Combination {
    /// Adds c·x for |x| < 2^127.
    #[allow(clippy::cast_possible_truncation)] // the low and the high word
    pub(crate) fn add(&mut self, c: &Coefficient, x: impl Into<i128>) {
        let x = x.into();
        let magnitude = x.unsigned_abs();
        let sum = &mut self.0[usize::from(x < 0)];
        add_product(sum, c, magnitude as u64);
        if magnitude >> 64 != 0 {
            add_product(&mut sum[1..], c, (magnitude >> 64) as u64);
        }
    }

    /// The sum in the field.
    pub(crate) fn value(&self) -> Fr {
        let [positive, negative] = self.0.map(|words| {
            let mut bytes = [0; 8 * WORDS];
            for (bytes, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
                *bytes = word.to_le_bytes();
            }
            Fr::from_uniform_bytes(&bytes)
        });
        positive - negative
    }
}

/// `sum += c·m`
#[allow(clippy::cast_possible_truncation)] // the low word; the rest is carried
fn add_product(sum: &mut [u64], Coefficient(c): &Coefficient, m: u64) {
    let (low, high) = sum.split_at_mut(c.len());
    let mut carry = 0_u64;
    for (word, c) in low.iter_mut().zip(c) {
        // At most (2^64 − 1)² + 2·(2^64 − 1) = 2^128 − 1.
        let product = u128::from(*c) * u128::from(m) + u128::from(*word) + u128::from(carry);
        *word = product as u64;
        carry = (product >> 64) as u64;
    }
    for word in high {
        let (next, over) = word.overflowing_add(carry);
        *word = next;
        carry = u64::from(over);
    }
}

#[cfg(test)]
mod tests {
    use super::{Coefficient, Combination};
    use crate::field::from_signed;
    use halo2_proofs::halo2curves::bn256::Fr;
    use halo2_proofs::halo2curves::ff::Field;
    use proptest::prelude::*;

    /// Small, extreme and any integers.
    fn integer() -> impl Strategy<Value = i64> {
        prop_oneof![-3_i64..4, Just(i64::MIN), Just(i64::MAX), any::<i64>()]
    }

    fn element() -> impl Strategy<Value = Fr> {
        prop_oneof![Just(Fr::zero()), Just(-Fr::one()), any::<[u64; 4]>().prop_map(Fr::from_raw)]
    }

    proptest! {
        #[test]
        fn sums_of_products_are_those_of_the_field(
            terms in proptest::collection::vec((element(), integer(), integer()), 0..40)
        ) {
            let mut sum = Combination::default();
            let mut expected = Fr::zero();
            for (c, a, b) in terms {
                sum.add(&Coefficient::new(c), a);
                sum.add(&Coefficient::new(c), i128::from(a) * i128::from(b));
                expected += c * from_signed(a) + c * from_signed(a) * from_signed(b);
            }
            prop_assert_eq!(sum.value(), expected);
        }
    }

    #[test]
    fn powers_begin_with_the_scale() {
        let (point, scale) = (Fr::from(7), Fr::from(5));
        for (j, power) in Coefficient::powers(point, scale, 4).iter().enumerate() {
            let mut sum = Combination::default();
            sum.add(power, 1);
            assert_eq!(sum.value(), scale * point.pow([j as u64]));
        }
    }
}

//! Sums of integer times field element without a reduction per product.
//!
//! Products of a 64-bit integer and the four limbs of an element add up in six limbs; one reduction
//! ends the sum. A negative integer would need another accumulator or a branch: instead 2^63 is
//! added to every integer, and 2^63 times the sum of the elements subtracted at the end.

use crate::field::Limbs;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::FromUniformBytes;

/// A sum of fewer than 2^64 products.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Accumulator([u64; 6]);

impl Accumulator {
    /// Adds (integer + 2^63)·element.
    #[inline]
    pub(crate) fn add(&mut self, integer: i64, element: &Limbs) {
        let factor = integer.cast_unsigned() ^ (1 << 63);
        let mut carry = 0;
        for (sum, limb) in self.0.iter_mut().zip(element) {
            let (low, high) = factor.carrying_mul_add_stable(*limb, *sum, carry);
            (*sum, carry) = (low, high);
        }
        let (fourth, overflow) = self.0[4].overflowing_add(carry);
        self.0[4] = fourth;
        self.0[5] += u64::from(overflow);
    }

    /// The sum, less 2^63 times the sum of the elements.
    pub(crate) fn finish(&self, elements: Fr) -> Fr {
        let mut bytes = [0; 64];
        for (bytes, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            bytes.copy_from_slice(&limb.to_le_bytes());
        }
        Fr::from_uniform_bytes(&bytes) - elements * Fr::from(1 << 63)
    }
}

/// `self·factor + addend + carry` as low and high word.
trait CarryingMulAdd {
    fn carrying_mul_add_stable(self, factor: u64, addend: u64, carry: u64) -> (u64, u64);
}

impl CarryingMulAdd for u64 {
    #[inline]
    fn carrying_mul_add_stable(self, factor: u64, addend: u64, carry: u64) -> (u64, u64) {
        let wide = u128::from(self) * u128::from(factor) + u128::from(addend) + u128::from(carry);
        let low = wide & u128::from(u64::MAX);
        // Both halves fit their words.
        (u64::try_from(low).unwrap_or(0), u64::try_from(wide >> 64).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{from_signed, limbs};
    use halo2_proofs::halo2curves::ff::Field;
    use rand_chacha::rand_core::{RngCore, SeedableRng};

    #[test]
    fn agrees_with_the_field() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(5);
        let edges = [0, 1, -1, i64::MAX, i64::MIN];
        for length in [0, 1, 5, 100] {
            let (mut sum, mut elements, mut expected) =
                (Accumulator::default(), Fr::ZERO, Fr::ZERO);
            for i in 0..length {
                let integer = edges.get(i).copied().unwrap_or_else(|| rng.next_u64().cast_signed());
                let element = if i % 7 == 0 { -Fr::ONE } else { Fr::random(&mut rng) };
                sum.add(integer, &limbs(&element));
                elements += element;
                expected += from_signed(integer) * element;
            }
            assert_eq!(sum.finish(elements), expected);
        }
    }
}

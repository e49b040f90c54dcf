//! Fourier transforms of one size, without allocation and without bit reversal.
//!
//! Values on the domain stand in natural order, coefficients in bit-reversed order: decimation in
//! frequency leads from the first to the second and decimation in time back, each in place. A
//! transform is one thread's work; columns are what is distributed.

use crate::field::powers;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::PrimeField;
use provenn_simd::{slices, transform::Levels};

/// Roots of unity for 2^k values.
#[derive(Clone, Debug)]
pub struct Fft {
    k: u32,
    omega: Fr,
    n_inv: Fr,
    forward: Levels,
    /// Of the inverse roots.
    inverse: Levels,
}

impl Fft {
    /// Precomputes the roots of unity of orders 2 to 2^k; `None` if the field has none.
    #[must_use]
    pub fn new(k: u32) -> Option<Self> {
        if k > Fr::S {
            return None;
        }
        let omega = (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square());
        let omega_inv = Option::<Fr>::from(omega.invert())?;
        let n_inv = Option::<Fr>::from(Fr::from(1_u64 << k).invert())?;
        Some(Fft {
            k,
            omega,
            n_inv,
            forward: Levels::new(k, omega),
            inverse: Levels::new(k, omega_inv),
        })
    }

    /// The logarithm of the size.
    #[must_use]
    pub fn k(&self) -> u32 {
        self.k
    }

    /// The size.
    #[must_use]
    pub fn n(&self) -> usize {
        1 << self.k
    }

    /// ω, which generates the domain.
    #[must_use]
    pub fn omega(&self) -> Fr {
        self.omega
    }

    /// The domain: powers 0 to n-1 of ω.
    #[must_use]
    pub fn domain(&self) -> Vec<Fr> {
        powers(Fr::one(), self.omega).take(self.n()).collect()
    }

    /// 1/n.
    #[must_use]
    pub fn n_inv(&self) -> Fr {
        self.n_inv
    }

    /// From values on the domain to n times the coefficients, in bit-reversed order.
    pub fn to_scaled_coefficients(&self, values: &mut [Fr]) {
        debug_assert_eq!(values.len(), self.n());
        self.inverse.differences(values);
    }

    /// From values on the domain to coefficients in bit-reversed order.
    pub fn to_coefficients(&self, values: &mut [Fr]) {
        self.to_scaled_coefficients(values);
        slices::scale(values, self.n_inv);
    }

    /// From coefficients in bit-reversed order to values on the domain.
    pub fn to_values(&self, coefficients: &mut [Fr]) {
        debug_assert_eq!(coefficients.len(), self.n());
        self.forward.sums(coefficients);
    }

    /// From coefficients in bit-reversed order, times factors, to values on the domain in natural order, elsewhere.
    pub fn products_to_values(&self, coefficients: &[Fr], factors: &[Fr], out: &mut [Fr]) {
        self.forward.sums_of_products(coefficients, factors, out);
    }

    /// Powers 0 to n-1 of a point times `scale`, in bit-reversed order.
    #[must_use]
    pub fn bit_reversed_powers(&self, scale: Fr, point: Fr) -> Vec<Fr> {
        let mut powers = Vec::with_capacity(self.n());
        powers.push(scale);
        let mut steps: Vec<Fr> = std::iter::successors(Some(point), |p| Some(p.square()))
            .take(self.k as usize)
            .collect();
        // Appending with the highest power first puts it on the lowest index bit.
        while let Some(step) = steps.pop() {
            let half = powers.len();
            powers.extend_from_within(..);
            slices::scale(&mut powers[half..], step);
        }
        powers
    }

    /// Swaps natural and bit-reversed order.
    pub fn reverse_bits<T>(&self, values: &mut [T]) {
        let shift = usize::BITS - self.k;
        for i in 0..values.len() {
            let j = if self.k == 0 { 0 } else { i.reverse_bits() >> shift };
            if i < j {
                values.swap(i, j);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::ff::Field;
    use rand_chacha::rand_core::SeedableRng;

    fn evaluate(coefficients: &[Fr], point: Fr) -> Fr {
        coefficients.iter().rev().fold(Fr::ZERO, |acc, c| acc * point + c)
    }

    #[test]
    fn values_are_evaluations() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(2);
        for k in [0, 1, 2, 3, 5, 7] {
            let fft = Fft::new(k).unwrap();
            let natural: Vec<Fr> = (0..1 << k).map(|_| Fr::random(&mut rng)).collect();
            let shift = Fr::from(7);
            let mut values = natural.clone();
            fft.reverse_bits(&mut values);
            let powers = fft.bit_reversed_powers(Fr::ONE, shift);
            values.iter_mut().zip(&powers).for_each(|(v, p)| *v *= p);
            fft.to_values(&mut values);
            let mut point = shift;
            for value in &values {
                assert_eq!(*value, evaluate(&natural, point));
                point *= fft.omega();
            }
        }
    }

    #[test]
    fn there_and_back_across_the_block_size() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(3);
        for k in [0, 1, 4, 10, 11, 12, 13] {
            let fft = Fft::new(k).unwrap();
            let values: Vec<Fr> = (0..1 << k).map(|_| Fr::random(&mut rng)).collect();
            let mut there = values.clone();
            fft.to_coefficients(&mut there);
            let constant = values.iter().sum::<Fr>() * fft.n_inv();
            assert_eq!(there[0], constant);
            fft.to_values(&mut there);
            assert_eq!(there, values);
        }
        assert!(Fft::new(Fr::S + 1).is_none());
    }
}

//! From values modulo X^n - c on several cosets to the pieces of a polynomial.
//!
//! On the coset g·ω^i, `Q = Σ X^(n·l)·q_l` agrees with `Σ c^l·q_l` for c = g^n: per coefficient, the
//! pieces are the coefficients of the polynomial in c that the cosets give values of.

use crate::field::{invert_all, powers};
use crate::key::Prover;
use crate::opening::interpolate;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use provenn_simd::slices;

/// Cosets by powers of the field's generator, whose order leaves all of them distinct.
#[derive(Debug)]
pub(super) struct Cosets {
    shifts: Vec<Fr>,
    unshifts: Vec<Fr>,
    /// c = g^n.
    constants: Vec<Fr>,
    /// 1/(c - 1)
    divisors: Vec<Fr>,
}

impl Cosets {
    pub(super) fn new(k: u32, count: usize) -> Self {
        let generator = Fr::MULTIPLICATIVE_GENERATOR;
        let shifts: Vec<Fr> = powers(generator, generator).take(count).collect();
        let constants: Vec<Fr> = shifts.iter().map(|g| g.pow_vartime([1_u64 << k])).collect();
        let mut unshifts = shifts.clone();
        let mut divisors: Vec<Fr> = constants.iter().map(|c| c - Fr::ONE).collect();
        // No shift is zero, and no constant is 1 unless the generator's order divides count·2^k.
        let inverted = invert_all(&mut unshifts).and(invert_all(&mut divisors));
        debug_assert!(inverted.is_some());
        Cosets { shifts, unshifts, constants, divisors }
    }

    /// g.
    pub(super) fn shift(&self, coset: usize) -> Fr {
        self.shifts[coset]
    }

    /// From values on a coset to coefficients modulo X^n - c, less those of a remainder.
    pub(super) fn reduce(
        &self,
        prover: &Prover<'_>,
        coset: usize,
        mut values: Vec<Fr>,
        remainder: &[Fr],
    ) -> Vec<Fr> {
        let back = prover.fft.bit_reversed_powers(prover.fft.n_inv(), self.unshifts[coset]);
        prover.fourier.to_scaled_coefficients(&mut values);
        slices::multiply(&mut values, &back);
        values.iter_mut().zip(remainder).for_each(|(value, r)| *value -= r);
        values
    }

    /// Coefficients modulo X^n - c of a polynomial in pieces.
    pub(super) fn join(&self, coset: usize, pieces: &[Vec<Fr>]) -> Vec<Fr> {
        let c = self.constants[coset];
        let mut pieces = pieces.iter().rev();
        let mut sum = pieces.next().cloned().unwrap_or_default();
        for piece in pieces {
            slices::horner(&mut sum, c, piece);
        }
        sum
    }

    /// 1/(g^n - 1).
    pub(super) fn divisor(&self, coset: usize) -> Fr {
        self.divisors[coset]
    }

    /// By piece and coset, the coefficients that lead from the first cosets to as many pieces.
    pub(super) fn inverse(&self, count: usize) -> Vec<Vec<Fr>> {
        let columns: Vec<Vec<Fr>> = (0..count)
            .map(|coset| {
                let points: Vec<(Fr, Fr)> = (self.constants[..count].iter().enumerate())
                    .map(|(i, c)| (*c, Fr::from(u64::from(i == coset))))
                    .collect();
                // The constants are distinct.
                interpolate(&points).unwrap_or_default()
            })
            .collect();
        (0..count).map(|piece| columns.iter().map(|column| column[piece]).collect()).collect()
    }
}

//! What a proof spends its time on, as traits: another back end replaces these two.
//!
//! The implementation for the processor is here; a test stands another one in.

use crate::fft::Fft;
use crate::msm::{self, FixedBases};
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use provenn_simd::slices;
use std::fmt::Debug;

/// Sums of multiples of points. Called for many columns at once, from several threads.
pub trait Msm: Debug + Send + Sync {
    /// Σ s_i·P_i for signed integers, over the first points.
    fn integers(&self, scalars: &[i64], points: &[G1Affine]) -> G1;
    /// Σ s_i·P_i for field elements, over the first points.
    fn elements(&self, scalars: &[Fr], points: &[G1Affine]) -> G1;
    /// For each key below `count` the sum of the points that have it; points with the key `skipped` need not be
    /// added.
    fn by_key(
        &self,
        keys: &[u16],
        count: usize,
        skipped: u16,
        points: &[G1Affine],
    ) -> Vec<G1Affine> {
        msm::by_key(keys, count, skipped, points)
    }
    /// Σ s_i·P_i over the last of a few points whose multiples are tabled: those of the blinding rows.
    fn fixed(&self, scalars: &[Fr], points: &FixedBases) -> G1 {
        points.sum(scalars)
    }
}

/// Transforms of one size, in place. Called for many columns at once, from several threads.
pub trait Fourier: Debug + Send + Sync {
    /// From coefficients in bit-reversed order to values on the domain in natural order.
    fn to_values(&self, coefficients: &mut [Fr]);
    /// The same of coefficients times factors, written elsewhere.
    fn products_to_values(&self, coefficients: &[Fr], factors: &[Fr], out: &mut [Fr]) {
        out.copy_from_slice(coefficients);
        slices::multiply(out, factors);
        self.to_values(out);
    }
    /// From values on the domain to n times the coefficients, in bit-reversed order.
    fn to_scaled_coefficients(&self, values: &mut [Fr]);
}

/// Sums by the processor.
#[derive(Clone, Copy, Debug)]
pub struct CpuMsm;

impl Msm for CpuMsm {
    fn integers(&self, scalars: &[i64], points: &[G1Affine]) -> G1 {
        msm::small(scalars, points)
    }
    fn elements(&self, scalars: &[Fr], points: &[G1Affine]) -> G1 {
        msm::wide(scalars, points)
    }
}

impl Fourier for Fft {
    fn to_values(&self, coefficients: &mut [Fr]) {
        Fft::to_values(self, coefficients);
    }
    fn products_to_values(&self, coefficients: &[Fr], factors: &[Fr], out: &mut [Fr]) {
        Fft::products_to_values(self, coefficients, factors, out);
    }
    fn to_scaled_coefficients(&self, values: &mut [Fr]) {
        Fft::to_scaled_coefficients(self, values);
    }
}

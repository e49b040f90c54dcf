//! Eight lanes: entered by [`Ifma`] alone.
#![allow(unsafe_code, reason = "calls of functions that need instructions that are there")]

mod lanes;
mod memory;
mod modulus;
mod points;
mod registers;
mod slices;
mod sums;
mod transform;

use crate::registers::Term as Factored;
use crate::term::Term;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
pub(crate) use points::Buffers;
pub(crate) use registers::Register;
pub(crate) use transform::Roots;

/// The processor has AVX-512F and IFMA, and the system saves their registers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ifma(());

impl Ifma {
    pub(crate) fn detect() -> Option<Self> {
        let there = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma");
        there.then_some(Ifma(()))
    }

    /// `values[i] *= factors[i]`
    pub(crate) fn multiply(self, values: &mut [Fr], factors: &[Fr]) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { slices::multiply(values, factors) }
    }

    /// `values[i] *= factor`
    pub(crate) fn scale(self, values: &mut [Fr], factor: &Fr) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { slices::scale(values, factor) }
    }

    /// `values[i] += factor·others[i]`
    pub(crate) fn add_scaled(self, values: &mut [Fr], others: &[Fr], factor: &Fr) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { slices::add_scaled(values, others, factor) }
    }

    /// `values[i] = values[i]·factor + others[i]`
    pub(crate) fn horner(self, values: &mut [Fr], factor: &Fr, others: &[Fr]) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { slices::horner(values, factor, others) }
    }

    /// Σ values[i]·others[i]
    pub(crate) fn dot(self, values: &[Fr], others: &[Fr]) -> Fr {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { sums::dot(values, others) }
    }

    /// Σ (integers[i] + 2^51)·elements[i]
    pub(crate) fn dot_integers(self, integers: &[i64], elements: &[Fr]) -> Fr {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { sums::dot_integers(integers, elements) }
    }

    /// `out[i] += constant + Σ_t c_t·elements_t[i] + Σ_t c_t·(integers_t[i] + 2^51)`
    pub(crate) fn combine(
        self,
        out: &mut [Fr],
        elements: &[(&[Fr], Fr)],
        integers: &[(&[i64], Fr)],
        constant: &Fr,
    ) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { sums::combine(out, elements, integers, constant) }
    }

    /// `out[places[i]]` becomes the sum of `pairs[i]`.
    pub(crate) fn add_pairs(
        self,
        buffers: &mut Buffers,
        points: &[G1Affine],
        pairs: &[[Term; 2]],
        out: &mut [G1Affine],
        places: &[usize],
    ) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { points::add_pairs(buffers, points, pairs, out, places) }
    }

    /// A register of zeros.
    pub(crate) fn register(self) -> Register {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { Register::zero() }
    }

    /// `constant + Σ factor·elements`
    pub(crate) fn load(self, to: &mut Register, constant: &Fr, terms: [Option<Factored<'_>>; 2]) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { to.load(constant, terms) }
    }

    /// `a·b`
    pub(crate) fn multiply_registers(self, to: &mut Register, a: &Register, b: &Register) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { to.multiply(a, b) }
    }

    /// `a + b`
    pub(crate) fn add_registers(self, to: &mut Register, a: &Register, b: &Register) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { to.add(a, b) }
    }

    /// `a - b`
    pub(crate) fn subtract_registers(self, to: &mut Register, a: &Register, b: &Register) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { to.subtract(a, b) }
    }

    /// `factor·a`
    pub(crate) fn scale_register(self, to: &mut Register, a: &Register, factor: &Fr) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { to.scale(a, factor) }
    }

    /// `a + factor·b`
    pub(crate) fn add_scaled_register(
        self,
        to: &mut Register,
        a: &Register,
        b: &Register,
        factor: &Fr,
    ) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { to.add_scaled(a, b, factor) }
    }

    /// `out[i] += register[i]`
    pub(crate) fn add_register(self, register: &Register, out: &mut [Fr]) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { register.add_to(out) }
    }

    /// Roots by level, in lanes.
    pub(crate) fn roots(self, levels: &[Vec<Fr>]) -> Roots {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { Roots::new(levels) }
    }

    /// Levels of decimation in time.
    pub(crate) fn sums(self, roots: &Roots, values: &mut [Fr]) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { transform::sums(roots, values) }
    }

    /// Levels of decimation in time, of products.
    pub(crate) fn sums_of_products(
        self,
        roots: &Roots,
        values: &[Fr],
        factors: &[Fr],
        out: &mut [Fr],
    ) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { transform::sums_of_products(roots, values, factors, out) }
    }

    /// Levels of decimation in frequency.
    pub(crate) fn differences(self, roots: &Roots, values: &mut [Fr]) {
        // SAFETY: `self` exists only where the instructions do.
        unsafe { transform::differences(roots, values) }
    }
}

//! Processors without the instructions: nothing can hold an [`Ifma`].

use crate::registers::Term as Factored;
use crate::term::Term;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Ifma {}

impl Ifma {
    pub(crate) fn detect() -> Option<Self> {
        None
    }
    pub(crate) fn multiply(self, _: &mut [Fr], _: &[Fr]) {
        match self {}
    }
    pub(crate) fn scale(self, _: &mut [Fr], _: &Fr) {
        match self {}
    }
    pub(crate) fn add_scaled(self, _: &mut [Fr], _: &[Fr], _: &Fr) {
        match self {}
    }
    pub(crate) fn horner(self, _: &mut [Fr], _: &Fr, _: &[Fr]) {
        match self {}
    }
    pub(crate) fn dot(self, _: &[Fr], _: &[Fr]) -> Fr {
        match self {}
    }
    pub(crate) fn dot_integers(self, _: &[i64], _: &[Fr]) -> Fr {
        match self {}
    }
    pub(crate) fn combine(self, _: &mut [Fr], _: &[(&[Fr], Fr)], _: &[(&[i64], Fr)], _: &Fr) {
        match self {}
    }
    pub(crate) fn add_pairs(
        self,
        _: &mut Buffers,
        _: &[G1Affine],
        _: &[[Term; 2]],
        _: &mut [G1Affine],
        _: &[usize],
    ) {
        match self {}
    }
    pub(crate) fn register(self) -> Register {
        match self {}
    }
    pub(crate) fn load(self, _: &mut Register, _: &Fr, _: [Option<Factored<'_>>; 2]) {
        match self {}
    }
    pub(crate) fn multiply_registers(self, _: &mut Register, _: &Register, _: &Register) {
        match self {}
    }
    pub(crate) fn add_registers(self, _: &mut Register, _: &Register, _: &Register) {
        match self {}
    }
    pub(crate) fn subtract_registers(self, _: &mut Register, _: &Register, _: &Register) {
        match self {}
    }
    pub(crate) fn scale_register(self, _: &mut Register, _: &Register, _: &Fr) {
        match self {}
    }
    pub(crate) fn add_scaled_register(self, _: &mut Register, _: &Register, _: &Register, _: &Fr) {
        match self {}
    }
    pub(crate) fn add_register(self, _: &Register, _: &mut [Fr]) {
        match self {}
    }
    pub(crate) fn roots(self, _: &[Vec<Fr>]) -> Roots {
        match self {}
    }
    pub(crate) fn sums(self, _: &Roots, _: &mut [Fr]) {
        match self {}
    }
    pub(crate) fn sums_of_products(self, _: &Roots, _: &[Fr], _: &[Fr], _: &mut [Fr]) {
        match self {}
    }
    pub(crate) fn differences(self, _: &Roots, _: &mut [Fr]) {
        match self {}
    }
}

#[derive(Debug, Default)]
pub(crate) struct Buffers;

#[derive(Clone, Debug)]
pub(crate) struct Register;

#[derive(Clone, Debug)]
pub(crate) struct Roots;

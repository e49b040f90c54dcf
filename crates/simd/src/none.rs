//! Processors without the instructions: nothing can hold an [`Ifma`].

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
    pub(crate) fn roots(self, _: &[Vec<Fr>]) -> Roots {
        match self {}
    }
    pub(crate) fn sums(self, _: &Roots, _: &mut [Fr]) {
        match self {}
    }
    pub(crate) fn differences(self, _: &Roots, _: &mut [Fr]) {
        match self {}
    }
}

#[derive(Debug, Default)]
pub(crate) struct Buffers;

#[derive(Clone, Debug)]
pub(crate) struct Roots;

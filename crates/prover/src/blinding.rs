//! The two polynomials beside the circuit's: the random one, and the quotient in blinded pieces.
//!
//! *Random polynomial.* A KZG proof depends on a polynomial only through its value at the SRS's secret
//! and its evaluations: the commitment is the one, and the opening a function of both. This one is
//! evaluated at x alone, so that two random coefficients already make the pair uniform; n of them
//! would give the same distribution.
//!
//! *Pieces.* `t_l + b_l·X^n - b_(l-1)` in place of t_l leaves `Σ x^(n·l)·t_l` at x as it is, and makes
//! all commitments to pieces but for `Σ s^(n·l)·t_l(s)` uniform. It takes one power of the SRS beyond n;
//! without it pieces are as in halo2's prover.

use crate::affine::normalise;
use crate::backend::Msm;
use crate::bases::Bases;
use crate::column::Column;
use crate::field::{powers, random};
use crate::opening::evaluate;
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use provenn_simd::slices;
use rand_core::RngCore;
use rayon::prelude::*;
use std::borrow::Cow;

/// A random polynomial's column and commitment.
pub(crate) fn random_polynomial(
    bases: &Bases<'_>,
    msm: &dyn Msm,
    domain: &[Fr],
    rng: impl RngCore,
) -> (Column<'static>, G1Affine) {
    let coefficients = random(2, rng);
    let values = domain.iter().map(|root| evaluate(&coefficients, *root)).collect();
    let commitment = normalise(&[msm.elements(&coefficients, bases.powers())]);
    (Column::Wide(Cow::Owned(values)), commitment.first().copied().unwrap_or_default())
}

/// The quotient's pieces, blinded if that is possible.
#[derive(Debug)]
pub(crate) struct Quotient {
    /// Values on the domain of the pieces, where X^n is 1.
    pieces: Vec<Vec<Fr>>,
    /// Coefficients of X^n.
    tops: Vec<Fr>,
}

impl Quotient {
    pub(crate) fn new(mut pieces: Vec<Vec<Fr>>, bases: &Bases<'_>, mut rng: impl RngCore) -> Self {
        let mut tops = vec![Fr::ZERO; pieces.len()];
        if bases.blinding_power().is_some() {
            let mut below = Fr::ZERO;
            let last = pieces.len().saturating_sub(1);
            for (l, (piece, top)) in pieces.iter_mut().zip(&mut tops).enumerate() {
                if l < last {
                    *top = Fr::random(&mut rng);
                }
                let change = *top - below;
                piece.iter_mut().for_each(|value| *value += change);
                below = *top;
            }
        }
        Quotient { pieces, tops }
    }

    /// Commitments to the pieces.
    pub(crate) fn commit(&self, bases: &Bases<'_>, msm: &dyn Msm) -> Vec<G1Affine> {
        let one = bases.powers().first().copied().unwrap_or_default();
        let sums: Vec<G1> = (self.pieces.par_iter().zip(&self.tops))
            .map(|(piece, top)| {
                let low = msm.elements(piece, bases.lagrange());
                // The values take X^n for 1.
                bases.blinding_power().map_or(low, |power| low + (*power * top - one * top))
            })
            .collect();
        normalise(&sums)
    }

    /// `Σ x^(n·l)·t_l`: its values on the domain, and by how much more it is at x than what has
    /// these values and degree below n.
    pub(crate) fn combine(self, x: Fr, n: usize) -> (Column<'static>, Fr) {
        let xn = x.pow_vartime([n as u64]);
        let powers: Vec<Fr> = powers(Fr::ONE, xn).take(self.pieces.len()).collect();
        let mut sum = vec![Fr::ZERO; n];
        for (piece, power) in self.pieces.iter().zip(&powers) {
            slices::add_scaled(&mut sum, piece, *power);
        }
        let top: Fr = self.tops.iter().zip(&powers).map(|(top, power)| *top * power).sum();
        (Column::Wide(Cow::Owned(sum)), top * (xn - Fr::ONE))
    }
}

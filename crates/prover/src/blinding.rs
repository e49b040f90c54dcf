//! The two polynomials beside the circuit's: the random one, and the quotient in blinded pieces.
//!
//! *Random polynomial.* A KZG proof depends on a polynomial only through its value at the SRS's secret
//! and its evaluations: the commitment is the one, and the opening a function of both. This one is
//! evaluated at x alone, so that two random coefficients already make the pair uniform; n of them
//! would give the same distribution.
//!
//! *Pieces.* `t_l + b_l·X^n - b_(l-1)` in place of t_l leaves `Σ x^(n·l)·t_l` at x as it is, and makes
//! all commitments to pieces but for their sum uniform. It takes one power of the SRS beyond n;
//! without it pieces are as in halo2's prover.

use crate::bases::Bases;
use crate::column::Column;
use crate::commit::{normalise, random};
use crate::fft::Fft;
use crate::field::powers;
use crate::msm;
use crate::opening::evaluate;
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use rand_core::RngCore;
use rayon::prelude::*;
use std::borrow::Cow;

/// A random polynomial's column and commitment.
pub(crate) fn random_polynomial(
    bases: &Bases<'_>,
    domain: &[Fr],
    rng: impl RngCore,
) -> (Column<'static>, G1Affine) {
    let coefficients = random(2, rng);
    let values = domain.iter().map(|root| evaluate(&coefficients, *root)).collect();
    let commitment = normalise(&[msm::wide(&coefficients, bases.powers())]);
    (Column::Wide(Cow::Owned(values)), commitment.first().copied().unwrap_or_default())
}

/// The quotient's pieces, blinded if that is possible.
#[derive(Debug)]
pub(crate) struct Quotient {
    /// Coefficients, of degree below n.
    pieces: Vec<Vec<Fr>>,
    /// Coefficients of X^n.
    tops: Vec<Fr>,
}

impl Quotient {
    pub(crate) fn new(mut pieces: Vec<Vec<Fr>>, bases: &Bases<'_>, mut rng: impl RngCore) -> Self {
        let mut tops = vec![Fr::ZERO; pieces.len()];
        if bases.blinding_power().is_some() {
            for l in 1..pieces.len() {
                tops[l - 1] = Fr::random(&mut rng);
                if let Some(constant) = pieces[l].first_mut() {
                    *constant -= tops[l - 1];
                }
            }
        }
        Quotient { pieces, tops }
    }

    /// Commitments to the pieces.
    pub(crate) fn commit(&self, bases: &Bases<'_>) -> Vec<G1Affine> {
        let sums: Vec<G1> = (self.pieces.par_iter().zip(&self.tops))
            .map(|(piece, top)| {
                let low = msm::wide(piece, bases.powers());
                bases.blinding_power().map_or(low, |power| low + *power * top)
            })
            .collect();
        normalise(&sums)
    }

    /// `Σ x^(n·l)·t_l`: its values on the domain, and at x.
    pub(crate) fn combine(self, x: Fr, fft: &Fft) -> (Column<'static>, Fr) {
        let xn = x.pow_vartime([1_u64 << fft.k()]);
        let mut sum = vec![Fr::ZERO; fft.n()];
        let mut top = Fr::ZERO;
        for ((piece, t), power) in self.pieces.iter().zip(&self.tops).zip(powers(Fr::ONE, xn)) {
            sum.par_iter_mut().zip(piece).for_each(|(sum, c)| *sum += power * c);
            top += power * t;
        }
        let at_x = evaluate(&sum, x) + top * xn;
        fft.reverse_bits(&mut sum);
        fft.to_values(&mut sum);
        // X^n is 1 on the domain.
        sum.iter_mut().for_each(|value| *value += top);
        (Column::Wide(Cow::Owned(sum)), at_x)
    }
}

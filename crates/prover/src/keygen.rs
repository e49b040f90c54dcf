//! Commitments that a key holds.

use crate::affine::normalise;
use crate::backend::{CpuMsm, Msm};
use crate::bases::Bases;
use crate::column::{Column, Values};
use crate::commit::commit_integers;
use crate::error::ProverError;
use crate::key::{permuted, transform};
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use rayon::prelude::*;

/// Commitments to fixed columns and to the polynomials of a permutation of so many
/// columns; `moves` as in [`Prover::new`](crate::Prover::new).
///
/// The identity on column j is the polynomial δ^j·X, whose commitment is δ^j times the first power of
/// the secret: only the cells that are moved add to it.
///
/// # Errors
/// [`ProverError::Count`] if a move leaves the columns.
pub fn key_commitments(
    fixed: &[Values<'_>],
    moves: &[(usize, usize)],
    columns: usize,
    bases: &Bases<'_>,
) -> Result<(Vec<G1Affine>, Vec<G1Affine>), ProverError> {
    let domain = transform(bases.n())?.domain();
    let secret = bases.powers().get(1).copied().unwrap_or_default();
    let fixed: Vec<G1> = fixed.par_iter().map(|values| commit_fixed(values, bases)).collect();
    let permuted: Vec<G1> = (permuted(moves, columns, &domain)?.par_iter())
        .map(|column| match column {
            Column::Permuted { delta, differences } => {
                let (rows, values): (Vec<usize>, Vec<Fr>) = differences.iter().copied().unzip();
                let points: Vec<G1Affine> = rows.iter().map(|row| bases.lagrange()[*row]).collect();
                CpuMsm.elements(&values, &points) + secret * delta
            }
            _ => G1::default(),
        })
        .collect();
    Ok((normalise(&fixed), normalise(&permuted)))
}

/// Commits to a column that ends in no blinding values.
fn commit_fixed(values: &Values<'_>, bases: &Bases<'_>) -> G1 {
    match values {
        Values::Integers(integers) => commit_integers(integers, bases, &CpuMsm),
        Values::Field(values) => {
            let points = bases.lagrange().get(..values.len()).unwrap_or_default();
            CpuMsm.elements(values, points)
        }
        Values::Known(known) => commit_fixed(&known.values, bases),
    }
}

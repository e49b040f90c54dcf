//! The link: a column of a proof is what committed columns make it.
//!
//! Columns W_j are committed to once, as `C_j = Σ_row W_j(row)·L_row + Σ_r b_jr·L_r`, r over the blinding rows. A proof's own
//! commitment C' to `w = Σ_j ω^j·W_j` has blinding values b' of its own, so that
//!
//! ```text
//! C' − Σ_j ω^j·C_j = Σ_r d_r·L_r        d_r = b'_r − Σ_j ω^j·b_jr
//! ```
//!
//! and knowledge of some d says that w is that sum on every row but the blinding ones. It is shown for all such columns at once,
//! combined by powers of γ, by Schnorr's protocol for a representation over the blinding rows' points (Schnorr 1991; Okamoto 1992), made
//! non-interactive in the proof's own transcript, after halo2's last byte:
//!
//! 1. γ is drawn; D = Σ_i γ^i·(C'_i − Σ_j ω_i^j·C_ij).
//! 2. The prover sends A = Σ_r a_r·L_r.
//! 3. c is drawn; the prover sends z_r = a_r + c·d_r.
//! 4. Σ_r z_r·L_r = A + c·D.

use crate::transcript::StrictRead;
use halo2_proofs::arithmetic::best_multiexp;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::group::Group;
use halo2_proofs::plonk::ConstraintSystem;
use halo2_proofs::transcript::{Transcript, TranscriptRead};
use provenn_gadgets::params::UNUSABLE_ROWS;
use provenn_gadgets::{GadgetSet, Layout};
use std::io;
use std::iter::successors;
use std::ops::Range;

/// The points of the blinding rows, first to last.
pub type BlindingRows = [G1Affine; UNUSABLE_ROWS];

/// A column of a proof that is the sum of committed ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// The column, by its number among halo2's advice columns.
    pub advice: usize,
    /// Committed columns, in the order of powers of ω.
    pub committed: Range<usize>,
    /// ω, by its number among halo2's challenges; of a single column nothing is asked.
    pub challenge: Option<usize>,
}

impl Relation {
    /// Relations of a circuit's columns, in the order in which they are combined.
    #[must_use]
    pub fn all<G: GadgetSet>(layout: &Layout<G>) -> Vec<Self> {
        // Without a first-phase column halo2 has one of its own.
        let later = layout.first.max(1);
        let combined = layout.links().into_iter().map(|link| Relation {
            advice: later + link.combined,
            committed: link.weights,
            // σ and ρ, in the order in which columns' allocation makes challenges.
            challenge: Some(usize::from(link.rho)),
        });
        let ranged = layout.weight_ranges.iter().flat_map(|ranges| ranges.weight.iter());
        let ranged = ranged.enumerate().map(|(committed, &advice)| Relation {
            advice,
            committed: committed..committed + 1,
            challenge: None,
        });
        // Behind all columns of weights.
        let tensors = layout.committed_tensors.iter().flat_map(|tensors| tensors.columns.iter());
        let tensors = tensors.zip(layout.committed_columns..).map(|(&advice, committed)| {
            Relation { advice, committed: committed..committed + 1, challenge: None }
        });
        combined.chain(ranged).chain(tensors).collect()
    }

    /// ω^j for each committed column; `None` if ω is not among the challenges.
    #[must_use]
    pub fn powers(&self, challenges: &[Fr]) -> Option<Vec<Fr>> {
        let omega = match self.challenge {
            Some(challenge) => *challenges.get(challenge)?,
            None => Fr::one(),
        };
        Some(powers(omega).take(self.committed.len()).collect())
    }
}

/// 1, x, x², …
pub fn powers(x: Fr) -> impl Iterator<Item = Fr> {
    successors(Some(Fr::one()), move |power| Some(*power * x))
}

/// What a transcript holds of a proof's columns, by their numbers.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Commitments, by advice column.
    pub advice: Vec<G1Affine>,
    /// Challenges of the circuit.
    pub challenges: Vec<Fr>,
}

impl Recorded {
    /// From points read and challenges drawn, in protocol order: phase after phase, columns and then challenges by their
    /// numbers. `None` if there are fewer.
    #[must_use]
    pub fn of(cs: &ConstraintSystem<Fr>, points: &[G1Affine], drawn: &[Fr]) -> Option<Self> {
        Some(Recorded {
            advice: by_phase(&cs.advice_column_phase(), points)?,
            challenges: by_phase(&cs.challenge_phase(), drawn)?,
        })
    }
}

/// Values by number, from values in the order of phases.
fn by_phase<T: Copy>(phases: &[u8], in_order: &[T]) -> Option<Vec<T>> {
    let mut order: Vec<usize> = (0..phases.len()).collect();
    order.sort_by_key(|number| phases.get(*number));
    let mut numbered: Vec<(usize, T)> = order.into_iter().zip(in_order.iter().copied()).collect();
    numbered.sort_by_key(|(number, _)| *number);
    (numbered.len() == phases.len()).then(|| numbered.into_iter().map(|(_, value)| value).collect())
}

/// Whether the rest of the transcript shows that every relation holds. Relations and points are as many as were checked when the key and
/// the commitment were read.
///
/// # Errors
/// If the transcript ends, or holds no point or scalar where one is due.
pub(crate) fn holds(
    transcript: &mut StrictRead<'_>,
    relations: &[Relation],
    recorded: &Recorded,
    committed: &[G1Affine],
    blinding: &BlindingRows,
) -> io::Result<bool> {
    // 1. All relations as one.
    let gamma = *transcript.squeeze_challenge_scalar::<()>();
    // 2. and 3. Announcement, challenge, responses.
    let announcement = transcript.read_point()?;
    let c = *transcript.squeeze_challenge_scalar::<()>();
    let mut terms: Vec<(Fr, G1Affine)> = vec![(-Fr::one(), announcement)];
    for point in blinding {
        terms.push((transcript.read_scalar()?, *point));
    }
    // 4. Everything on one side.
    for (relation, weight) in relations.iter().zip(powers(gamma)) {
        let sides = (recorded.advice.get(relation.advice))
            .zip(committed.get(relation.committed.clone()))
            .zip(relation.powers(&recorded.challenges));
        let Some(((own, committed), omegas)) = sides else { return Ok(false) };
        let weight = weight * c;
        terms.push((-weight, *own));
        terms.extend(omegas.into_iter().zip(committed).map(|(omega, c)| (weight * omega, *c)));
    }
    let (scalars, points): (Vec<Fr>, Vec<G1Affine>) = terms.into_iter().unzip();
    Ok(best_multiexp(&scalars, &points).is_identity().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_by_phase_and_go_by_number() {
        let phases = [0, 2, 1, 0, 1];
        assert_eq!(by_phase(&phases, &[0, 3, 2, 4, 1]), Some(vec![0, 1, 2, 3, 4]));
        // More follow: permutation, quotient, opening.
        assert_eq!(by_phase(&phases, &[0, 3, 2, 4, 1, 9]), Some(vec![0, 1, 2, 3, 4]));
        assert_eq!(by_phase(&phases, &[0, 3, 2, 4]), None);
        assert_eq!(by_phase::<u8>(&[], &[]), Some(vec![]));
    }
}

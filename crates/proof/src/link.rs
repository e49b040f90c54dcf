//! The prover's side of the [link](provenn_verifier::link): columns whose commitments are made of committed ones', and Schnorr's proof.
//!
//! With d drawn at random, `C' = Σ_j ω^j·C_j + Σ_r d_r·L_r` is as a commitment to w with blinding values `b'_r = d_r + Σ_j ω^j·b_jr` that
//! are random: a few points in place of a sum over all rows.

use crate::opening::Tail;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::halo2curves::group::Curve;
use halo2_proofs::transcript::{EncodedChallenge, TranscriptWrite};
use provenn_gadgets::from_signed;
use provenn_gadgets::params::UNUSABLE_ROWS;
use provenn_prover::msm::wide;
use provenn_prover::{Bases, Known, Values, commit_hiding};
use provenn_verifier::link::{BlindingRows, Relation, powers};
use rand_core::{CryptoRng, RngCore};
use std::io;

/// What opens committed columns, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opened {
    /// Commitments.
    pub(crate) points: Vec<G1Affine>,
    /// Blinding values.
    pub(crate) tails: Vec<Tail>,
}

impl Opened {
    /// Commits to columns with random blinding values.
    pub(crate) fn hiding(
        columns: &[&[i64]],
        bases: &Bases<'_>,
        mut rng: impl RngCore + CryptoRng,
    ) -> Self {
        let mut tail = || -> Tail { std::array::from_fn(|_| Fr::random(&mut rng)) };
        let tails: Vec<Tail> = columns.iter().map(|_| tail()).collect();
        Opened { points: commit_hiding(columns, &tails, bases), tails }
    }
}

/// A link that is being made.
#[derive(Debug)]
pub(crate) struct Linker<'a> {
    relations: &'a [Relation],
    opened: Opened,
    blinding: &'a BlindingRows,
    /// d, by relation.
    differences: Vec<Tail>,
    /// a, which the announcement is of.
    announced: Tail,
    /// Where columns are committed to as they are, whatever was committed.
    values: Option<&'a Bases<'a>>,
}

impl<'a> Linker<'a> {
    /// With randomness for one proof.
    pub(crate) fn new(
        relations: &'a [Relation],
        opened: Opened,
        blinding: &'a BlindingRows,
        mut rng: impl RngCore + CryptoRng,
    ) -> Self {
        let mut tail = || -> Tail { std::array::from_fn(|_| Fr::random(&mut rng)) };
        let differences = relations.iter().map(|_| tail()).collect();
        Linker { relations, opened, blinding, differences, announced: tail(), values: None }
    }

    /// Commits to columns as they are: a prover who lies does not have what was committed.
    #[cfg(feature = "testing")]
    pub(crate) fn of_values(mut self, bases: &'a Bases<'a>) -> Self {
        self.values = Some(bases);
        self
    }

    /// A column, by its number among halo2's, with its commitment if it is in a relation; all challenges that this depends on are drawn.
    pub(crate) fn column<'v>(
        &self,
        advice: usize,
        values: Values<'v>,
        challenges: &[Fr],
    ) -> Values<'v> {
        let mut relations = self.relations.iter().zip(&self.differences);
        let relation = relations.find(|(relation, _)| relation.advice == advice);
        let Some((relation, differences)) = relation else { return values };
        let Some(omegas) = relation.powers(challenges) else { return values };
        let points = self.opened.points.get(relation.committed.clone()).unwrap_or_default();
        let tails = self.opened.tails.get(relation.committed.clone()).unwrap_or_default();
        let mut tail = *differences;
        for (omega, of_column) in omegas.iter().zip(tails) {
            tail.iter_mut().zip(of_column).for_each(|(sum, value)| *sum += omega * value);
        }
        let (scalars, points) = match self.values {
            None => ([omegas, differences.to_vec()].concat(), [points, self.blinding].concat()),
            Some(bases) => {
                let n = bases.n();
                let mut all = elements(&values);
                all.resize(n - UNUSABLE_ROWS, Fr::ZERO);
                all.extend(tail);
                (all, bases.lagrange().to_vec())
            }
        };
        let commitment = wide(&scalars, &points).to_affine();
        Known { values, tail: tail.to_vec(), commitment }.into()
    }

    /// Schnorr's proof, after halo2's.
    ///
    /// # Errors
    /// Whatever the transcript reports.
    pub(crate) fn write<E: EncodedChallenge<G1Affine>>(
        &self,
        transcript: &mut impl TranscriptWrite<G1Affine, E>,
    ) -> io::Result<()> {
        let gamma = *transcript.squeeze_challenge_scalar::<()>();
        let mut d = [Fr::ZERO; UNUSABLE_ROWS];
        for (of, weight) in self.differences.iter().zip(powers(gamma)) {
            d.iter_mut().zip(of).for_each(|(sum, value)| *sum += weight * value);
        }
        transcript.write_point(wide(&self.announced, self.blinding).to_affine())?;
        let c = *transcript.squeeze_challenge_scalar::<()>();
        self.announced.iter().zip(d).try_for_each(|(a, d)| transcript.write_scalar(a + c * d))
    }
}

/// A column's values as field elements.
pub(crate) fn elements(values: &Values<'_>) -> Vec<Fr> {
    match values {
        Values::Integers(integers) => {
            integers.iter().map(|integer| from_signed(*integer)).collect()
        }
        Values::Field(values) => values.clone(),
        Values::Known(known) => elements(&known.values),
    }
}

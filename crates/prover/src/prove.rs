//! The protocol, step by step. What is written when is halo2's (the book, "Proving system"); how it
//! is computed is not.

use crate::affine::normalise;
use crate::barycentric::Weights;
use crate::blinding::{Quotient, random_polynomial};
use crate::column::{Column, Known, Values};
use crate::columns::Columns;
use crate::error::ProverError;
use crate::evaluations::Polynomials;
use crate::field::{random, to_signed};
use crate::key::{Prover, count};
use crate::quotient::Challenges;
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::transcript::{EncodedChallenge, TranscriptWrite};
use rand_core::{CryptoRng, RngCore};
use rayon::prelude::*;
use std::borrow::Cow;
use std::time::Instant;

/// What a proof is of, beside the key.
#[derive(Debug)]
pub struct Assignment<'a, Advice> {
    /// Public values, a slice for each instance column.
    pub instance: &'a [&'a [Fr]],
    /// Advice columns by phase: from the phase and all challenges drawn so far (those of earlier
    /// phases; others are zero), by their index, to the phase's columns in their order.
    pub advice: Advice,
}

/// What is known of a proof beside its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Whether the quotient's pieces are blinded, for which the SRS must have a power beyond n.
    pub quotient_blinded: bool,
    /// Wall seconds of each step, in order.
    pub seconds: Vec<(&'static str, f64)>,
}

impl Prover<'_> {
    /// Writes a proof into a transcript. The witness is not checked: a wrong one gives a proof that
    /// does not verify. Equal randomness gives equal bytes.
    ///
    /// # Errors
    /// [`ProverError`] if the assignment is not of this circuit's columns.
    pub fn prove<'a, E, Advice>(
        &self,
        mut assignment: Assignment<'_, Advice>,
        mut rng: impl RngCore + CryptoRng,
        transcript: &mut impl TranscriptWrite<G1Affine, E>,
    ) -> Result<Report, ProverError>
    where
        E: EncodedChallenge<G1Affine>,
        Advice: FnMut(u8, &[Fr]) -> Vec<Values<'a>>,
    {
        let mut clock = Clock::new();
        // 0. The statement: the key and the public values.
        let instance = self.instance(assignment.instance)?;
        self.vk.hash_into(transcript)?;
        for value in assignment.instance.iter().copied().flatten() {
            transcript.common_scalar(*value)?;
        }

        // 1. Advice columns, a phase at a time, and the challenges after it.
        let phases = self.cs().advice_column_phase();
        let mut advice = vec![Column::Wide(Cow::Borrowed(&[])); phases.len()];
        let mut challenges = vec![Fr::ZERO; self.cs().num_challenges()];
        for phase in 0..=phases.iter().copied().max().unwrap_or(0) {
            let values = (assignment.advice)(phase, &challenges);
            clock.step("assignment");
            self.advice(phase, values, &mut advice, &mut rng, transcript)?;
            clock.step("advice commitments");
            for (of, challenge) in self.cs().challenge_phase().into_iter().zip(&mut challenges) {
                if of == phase {
                    *challenge = draw(transcript);
                }
            }
        }

        // 2. The permutation argument. Theta is for lookups, of which there are none.
        let _theta = draw(transcript);
        let (beta, gamma) = (draw(transcript), draw(transcript));
        let columns = Columns::new(self, &advice, &instance);
        let products = self.permutation_products(&columns.permuted(), beta, gamma, &mut rng)?;
        for point in self.commit(&products) {
            transcript.write_point(point)?;
        }
        clock.step("permutation");

        // 3. The quotient.
        let (random, commitment) =
            random_polynomial(self.bases, &*self.msm, &self.domain, &mut rng);
        transcript.write_point(commitment)?;
        let y = draw(transcript);
        let challenges = Challenges { circuit: &challenges, beta, gamma, y };
        let pieces = self.quotient(&columns.with(&products), &challenges);
        clock.step("quotient");
        let quotient = Quotient::new(pieces, self.bases, &mut rng);
        for point in quotient.commit(self.bases, &*self.msm) {
            transcript.write_point(point)?;
        }
        clock.step("quotient commitments");

        // 4. Evaluations at x.
        let x = draw(transcript);
        let weights = Weights::new(x, &self.domain, self.fft.n_inv());
        let weights = weights.ok_or(ProverError::UnluckyChallenge)?;
        let (quotient, more) = quotient.combine(x, self.n());
        let value = weights.evaluate(&quotient, 0, &self.domain) + more;
        let polynomials = Polynomials {
            advice: &advice,
            products: &products,
            quotient: &quotient,
            random: &random,
        };
        let opened = self.evaluate(&weights, &polynomials, value, transcript)?;
        clock.step("evaluations");

        // 5. The opening.
        self.open(x, &opened, transcript)?;
        clock.step("opening");
        let quotient_blinded = self.bases.blinding_power().is_some();
        Ok(Report { quotient_blinded, seconds: clock.seconds })
    }

    /// Instance columns, not blinded.
    fn instance(&self, instance: &[&[Fr]]) -> Result<Vec<Column<'static>>, ProverError> {
        count("instance columns", self.cs().num_instance_columns(), instance.len())?;
        let column = |values: &&[Fr]| {
            let (limit, got) = (self.usable, values.len());
            if got > limit {
                return Err(ProverError::Rows { what: "public values", limit, got });
            }
            let integers: Option<Vec<i64>> = values.iter().map(to_signed).collect();
            let values = integers.map_or_else(|| values.to_vec().into(), Values::from);
            Ok(Column::blinded(values, vec![], self.n()))
        };
        instance.iter().map(column).collect()
    }

    /// Blinds, commits and places the advice columns of a phase.
    fn advice<'a, E: EncodedChallenge<G1Affine>>(
        &self,
        phase: u8,
        values: Vec<Values<'a>>,
        advice: &mut [Column<'a>],
        mut rng: impl RngCore,
        transcript: &mut impl TranscriptWrite<G1Affine, E>,
    ) -> Result<(), ProverError> {
        let phases = self.cs().advice_column_phase();
        let places: Vec<usize> = (0..phases.len()).filter(|i| phases[*i] == phase).collect();
        count("advice columns of a phase", places.len(), values.len())?;
        let mut columns = vec![];
        for (place, values) in places.iter().zip(values) {
            let (limit, got) = (self.usable, values.len());
            if got > limit {
                return Err(ProverError::Rows { what: "advice", limit, got });
            }
            let (values, tail, known) = match values {
                Values::Known(known) => {
                    let Known { values, tail, commitment } = *known;
                    count("blinding values", self.blinding_rows(), tail.len())?;
                    (values, tail, Some(commitment))
                }
                values => (values, random(self.blinding_values(*place), &mut rng), None),
            };
            columns.push((values, tail, known));
        }
        let n = self.n();
        let columns = columns.into_par_iter().map(|(values, tail, known)| {
            let column = Column::blinded(values, tail, n);
            let sum = known.map_or_else(|| self.commit_one(&column), G1::from);
            (column, sum)
        });
        let (columns, sums): (Vec<Column<'a>>, Vec<G1>) = columns.unzip();
        for point in normalise(&sums) {
            transcript.write_point(point)?;
        }
        places.into_iter().zip(columns).for_each(|(place, column)| advice[place] = column);
        Ok(())
    }
}

/// Adds up seconds by step.
struct Clock {
    last: Instant,
    seconds: Vec<(&'static str, f64)>,
}

impl Clock {
    fn new() -> Self {
        Clock { last: Instant::now(), seconds: vec![] }
    }

    /// A step has ended.
    fn step(&mut self, name: &'static str) {
        let now = Instant::now();
        let seconds = now.duration_since(self.last).as_secs_f64();
        self.last = now;
        match self.seconds.iter_mut().find(|(step, _)| *step == name) {
            Some((_, sum)) => *sum += seconds,
            None => self.seconds.push((name, seconds)),
        }
    }
}

fn draw<E: EncodedChallenge<G1Affine>>(transcript: &mut impl TranscriptWrite<G1Affine, E>) -> Fr {
    *transcript.squeeze_challenge_scalar::<()>()
}

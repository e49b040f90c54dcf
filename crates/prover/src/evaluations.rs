//! Step 4: evaluations at x and its rotations, in the order in which the verifier reads them.

use crate::barycentric::Weights;
use crate::column::{Column, rotated};
use crate::error::ProverError;
use crate::key::Prover;
use crate::opening::Opened;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::transcript::{EncodedChallenge, TranscriptWrite};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// What a query names: kind of polynomial, its number, a rotation.
type Query = (&'static str, usize, i32);

/// The polynomials of a proof.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Polynomials<'c> {
    pub(crate) advice: &'c [Column<'c>],
    pub(crate) products: &'c [Column<'static>],
    pub(crate) quotient: &'c Column<'static>,
    pub(crate) random: &'c Column<'static>,
}

impl Prover<'_> {
    /// Writes the evaluations and gathers what is opened, in the verifier's order.
    pub(crate) fn evaluate<'c, E: EncodedChallenge<G1Affine>>(
        &'c self,
        weights: &Weights,
        polynomials: &Polynomials<'c>,
        quotient: Fr,
        transcript: &mut impl TranscriptWrite<G1Affine, E>,
    ) -> Result<Vec<Opened<'c>>, ProverError> {
        let column = |(kind, index, _): &Query| match *kind {
            ADVICE => &polynomials.advice[*index],
            FIXED => &self.fixed[*index],
            SIGMA => &self.permuted[*index],
            PRODUCT => &polynomials.products[*index],
            _ => polynomials.random,
        };
        let sections = self.queries(polynomials.products.len());
        let mut values: BTreeMap<Query, Fr> = BTreeMap::new();
        for query in sections.iter().flatten() {
            // Presence first, values in parallel below.
            if values.insert(*query, Fr::zero()).is_some() {
                return Err(ProverError::Collision { what: query.0 });
            }
        }
        values.par_iter_mut().for_each(|(query, value)| {
            *value = weights.evaluate(column(query), query.2, &self.domain);
        });
        for query in sections.iter().flatten() {
            transcript.write_scalar(values[query])?;
        }

        let [advice, fixed, random, sigma, products] = &sections;
        let order = [advice, products, fixed, sigma].into_iter().flatten();
        let mut places: BTreeMap<(&str, usize), usize> = BTreeMap::new();
        let mut opened: Vec<Opened<'c>> = vec![];
        for query in order {
            let place = *places.entry((query.0, query.1)).or_insert_with(|| {
                opened.push(Opened { column: column(query), values: BTreeMap::new() });
                opened.len() - 1
            });
            let rotation = rotated(0, query.2, self.n());
            if opened[place].values.insert(rotation, values[query]).is_some() {
                return Err(ProverError::Collision { what: query.0 });
            }
        }
        let random = random.iter().map(|query| values[query]).sum();
        for (column, value) in [(polynomials.quotient, quotient), (polynomials.random, random)] {
            opened.push(Opened { column, values: BTreeMap::from([(0, value)]) });
        }
        Ok(opened)
    }

    /// What is evaluated: advice, fixed, the random polynomial, σ, permutation products.
    fn queries(&self, products: usize) -> [Vec<Query>; 5] {
        let cs = self.cs();
        let advice = cs.advice_queries().iter().map(|(c, at)| (ADVICE, c.index(), at.0)).collect();
        let fixed = cs.fixed_queries().iter().map(|(c, at)| (FIXED, c.index(), at.0)).collect();
        let sigma = (0..self.permuted.len()).map(|i| (SIGMA, i, 0)).collect();
        let rotations = [0, 1, self.last_rotation()];
        let products = (0..products).flat_map(|set| {
            // Each set but the last is joined to the next.
            let count = if set + 1 < products { 3 } else { 2 };
            rotations.into_iter().take(count).map(move |at| (PRODUCT, set, at))
        });
        [advice, fixed, vec![(RANDOM, 0, 0)], sigma, products.collect()]
    }
}

const ADVICE: &str = "advice";
const FIXED: &str = "fixed";
const SIGMA: &str = "permutation";
const PRODUCT: &str = "permutation product";
const RANDOM: &str = "random polynomial";

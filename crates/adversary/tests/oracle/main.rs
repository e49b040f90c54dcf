//! Circuits against a second derivation of what their graphs say: values, tables, and what identities demand whatever the
//! tables give out.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation, clippy::print_stdout)]

mod agrees;
mod sees;

use halo2_proofs::arithmetic::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use provenn_adversary::oracle::{Claims, Oracle, Stated, claims, identities};
use provenn_adversary::random::Random;
use provenn_circuit::{BoundaryTerms, CompiledCircuit, PlanOptions};
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::testing::Subject;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// More unknowns than these take long.
const MOST: usize = 140;

const PLACES: [BoundaryTerms; 2] = [BoundaryTerms::InLanes, BoundaryTerms::Combined];

fn compiled(graph: &QuantGraph, boundary: BoundaryTerms) -> CompiledCircuit {
    let boundary = Some(boundary);
    CompiledCircuit::compile(graph.clone(), &PlanOptions { boundary, ..PlanOptions::default() })
        .unwrap()
}

/// Honest columns.
fn honest(compiled: &CompiledCircuit, inputs: &[Vec<i64>]) -> Subject {
    let (circuit, instance) = compiled.assign(&compiled.witness(inputs).unwrap()).unwrap();
    Subject::new(&circuit, &instance)
}

/// Columns with as many claims as there can be.
fn most_claims(
    compiled: &CompiledCircuit,
    oracle: &Oracle<'_>,
    inputs: &[Vec<i64>],
    random: &mut Random,
) -> Option<Claims> {
    let percents = [100, 100, 50, 50, 20, 20, 10, 5, 0];
    percents.into_iter().find_map(|most| claims(compiled, oracle, inputs, random, most))
}

/// What the identities of these columns state otherwise.
fn stated(compiled: &CompiledCircuit, subject: &Subject) -> Stated {
    let mut random = ChaCha20Rng::seed_from_u64(7);
    identities(compiled, subject, || Fr::random(&mut random))
}

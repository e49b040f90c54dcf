//! Placed circuits keep what soundness takes for granted of them: tables with one row a key, exact ranges, chains that end
//! before the closing row, operands that are copies, public values that are each copied once, memories of their own number.
//!
//! | module | holds |
//! |---|---|
//! | `findings` | what is looked for, memories apart |
//! | `memories` | memories and lists |
//! | `wrong` | a circuit for each thing that is looked for |
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation, clippy::print_stdout)]

mod findings;
mod memories;
mod wrong;

use findings::findings;
use provenn_adversary::random::{any_subject, committing, todays};
use provenn_adversary::sample::{inputs, samples};
use provenn_circuit::{BoundaryTerms, CompiledCircuit, PlanOptions};
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::TensorVisibility::{Committed, Hashed, Private, Public};
use provenn_gadgets::testing::Subject;

/// Seeds of a run, others every day.
const SEEDS: u64 = 4000;
/// Rows of random circuits.
const MOST_K: u32 = 10;

/// No more of it than says what is wrong.
fn is_sound(subject: &Subject, graph: &QuantGraph, name: &str) {
    let found = findings(subject, graph);
    assert!(found.is_empty(), "{name}: {:?}", &found[..found.len().min(5)]);
}

/// Says of how many circuits; a plan may not be possible.
fn are_sound(name: &str, graph: &QuantGraph) -> u64 {
    let mut circuits = 0;
    for boundary in [BoundaryTerms::InLanes, BoundaryTerms::Combined] {
        for visibility in [Public, Private, Hashed, Committed] {
            let boundary = Some(boundary);
            let (input_visibility, output_visibility) = match visibility {
                Hashed | Committed => (visibility, visibility),
                Public | Private => (visibility, Public),
            };
            let options = PlanOptions {
                boundary,
                input_visibility,
                output_visibility,
                ..PlanOptions::default()
            };
            let Ok(compiled) = CompiledCircuit::compile(graph.clone(), &options) else { continue };
            let witness = compiled.witness(&inputs(graph, 1)).unwrap();
            let (circuit, instance) = compiled.assign(&witness).unwrap();
            let subject = Subject::new(&circuit, &instance);
            is_sound(&subject, graph, &format!("{name} {boundary:?} {visibility:?}"));
            circuits += 1;
        }
    }
    circuits
}

#[test]
fn every_kind_of_layer_is_placed_soundly() {
    let circuits: u64 = samples().iter().map(|(name, graph)| are_sound(name, graph)).sum();
    assert!(circuits >= 40, "{circuits}");
    let committed = samples()
        .into_iter()
        .filter_map(|(name, graph)| Some(are_sound(name, &committing(&graph)?)));
    let circuits: u64 = committed.sum();
    assert!(circuits >= 12, "{circuits} with committed weights");
}

#[test]
fn random_circuits_are_placed_soundly() {
    let subjects = todays(SEEDS).filter_map(|seed| Some((seed, any_subject(seed, MOST_K)?)));
    let (mut circuits, mut committed) = (0, 0);
    let (mut memories, mut lists) = (0, 0);
    for (seed, (compiled, subject)) in subjects {
        is_sound(&subject, compiled.graph(), &format!("seed {seed}"));
        memories += u64::from(subject.layout().memory.is_some());
        lists += u64::from(subject.layout().occurrences.is_some());
        circuits += 1;
        committed += u64::from(subject.params().commits_weights());
    }
    println!(
        "{circuits} circuits, {committed} of them with committed weights, {memories} with memories, {lists} with lists"
    );
    assert!(circuits >= SEEDS / 4 && committed >= SEEDS / 40, "{circuits}, {committed}");
}

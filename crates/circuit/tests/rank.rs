//! Identities leave nothing to choose: of every kind of layer, and of random graphs (others every day), the rank of all
//! of them is that of what they are to bind.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation, clippy::print_stdout)]

use halo2_proofs::arithmetic::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use provenn_adversary::forgery::placed;
use provenn_adversary::random::random_graph;
use provenn_adversary::sample::{Sample, identity, inputs, relu, samples, scalar};
use provenn_circuit::{BoundaryTerms, CompiledCircuit, PlanOptions};
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::testing::{Rank, Subject, Unknown};
use provenn_gadgets::{CellRef, Column};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::time::SystemTime;

/// More unknowns than these take long.
const MOST: usize = 140;
/// Random graphs of a run.
const GRAPHS: u64 = 16;
/// Others than the day's: the first seed and how many, as `1000..1500`, for long runs.
const SEEDS: &str = "RANK_SEEDS";

const PLACES: [BoundaryTerms; 2] = [BoundaryTerms::InLanes, BoundaryTerms::Combined];

fn rank(subject: &Subject) -> Rank {
    let mut random = ChaCha20Rng::seed_from_u64(7);
    subject.rank(|| Fr::random(&mut random))
}

/// Convolutions of every kind, small: padded and added to their operand, dilated, of groups, of a batch.
fn convolutions() -> Vec<(&'static str, QuantGraph)> {
    let mut all = vec![];
    let mut s = Sample::new();
    let x = s.input(&[1, 2, 3]);
    let a = s.conv(x, 2, [3, 3], [1, 1], [1, 1], relu(10));
    let b = s.conv(a, 1, [1, 3], [1, 1], [0, 1], relu(12));
    let sum = s.combine(&[1, 2, 3], vec![scalar(b, 16), scalar(x, 5)], relu(12));
    let y = s.dense(sum, 2, identity(12));
    all.push(("padded", s.finish(&[y])));
    let mut s = Sample::new();
    let x = s.input(&[1, 3, 3]);
    let a = s.conv(x, 2, [2, 2], [2, 1], [0, 0], relu(10));
    all.push(("dilated", s.finish(&[a])));
    let mut s = Sample::new();
    let x = s.input(&[2, 2, 2]);
    let a = s.conv_in(2, x, 4, [2, 1], [1, 1], [1, 0], relu(10));
    all.push(("groups", s.finish(&[a])));
    let mut s = Sample::new();
    let x = s.input(&[2, 1, 2, 2]);
    let a = s.conv(x, 2, [1, 2], [1, 1], [0, 1], relu(10));
    all.push(("batch", s.finish(&[a])));
    all
}

#[test]
fn every_kind_of_identity_has_full_rank() {
    let (mut circuits, mut unknowns, mut kinds) = (0, 0, 0);
    for (name, graph) in samples().into_iter().chain(convolutions()) {
        let mut fits = false;
        for boundary in PLACES {
            let subject = placed(&graph, &inputs(&graph, 1), boundary);
            if subject.unknowns() > MOST {
                continue;
            }
            let rank = rank(&subject);
            assert_eq!(rank.unbound, [], "{name} {boundary:?}: {} of {}", rank.rank, rank.unknowns);
            (circuits, unknowns, fits) = (circuits + 1, unknowns + rank.unknowns, true);
        }
        kinds += usize::from(fits);
    }
    println!("{kinds} kinds, {circuits} circuits, {unknowns} unknowns");
    assert!(kinds >= 13 && circuits >= 26, "{kinds} kinds, {circuits} circuits");
}

#[test]
fn random_graphs_have_full_rank() {
    let today = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let first = today.as_secs() / 86_400 * GRAPHS;
    let seeds = std::env::var(SEEDS).ok().map_or(first..first + GRAPHS, |range| {
        let (first, end) = range.split_once("..").expect("two numbers with two points between");
        first.parse().unwrap()..end.parse().unwrap()
    });
    let (mut circuits, mut unknowns, asked) = (0, 0, seeds.end - seeds.start);
    for seed in seeds {
        let graph = random_graph(seed);
        if graph.validate().is_err() {
            continue;
        }
        for boundary in PLACES {
            let options = PlanOptions { boundary: Some(boundary), ..PlanOptions::default() };
            let Ok(compiled) = CompiledCircuit::compile(graph.clone(), &options) else { continue };
            let witness = compiled.witness(&inputs(&graph, seed)).unwrap();
            let (circuit, instance) = compiled.assign(&witness).unwrap();
            let subject = Subject::new(&circuit, &instance);
            if subject.unknowns() > MOST {
                continue;
            }
            let rank = rank(&subject);
            assert_eq!(
                rank.unbound,
                [],
                "seed {seed} {boundary:?}: {} of {}",
                rank.rank,
                rank.unknowns
            );
            (circuits, unknowns) = (circuits + 1, unknowns + rank.unknowns);
        }
    }
    println!("{circuits} circuits, {unknowns} unknowns");
    assert!(circuits >= asked, "{circuits} circuits of {asked} graphs");
}

/// That the test sees what it is to see: with the copy of a public input gone, the cell that states it is free.
#[test]
fn a_missing_copy_is_freedom() {
    let (_, graph) = samples().swap_remove(0);
    let public = inputs(&graph, 1);
    let subject = placed(&graph, &public, BoundaryTerms::InLanes);
    let stated = |cell: CellRef| cell.column == Column::Instance && cell.row < public[0].len();
    let mut copies = 0;
    for at in 0..subject.copies().len() {
        let (a, b) = subject.copies()[at];
        if stated(a) || stated(b) {
            let rank = rank(&subject.without_copy(at));
            let freed = |unknown: &Unknown| matches!(unknown, Unknown::Plain { .. });
            assert!(rank.unbound.iter().any(freed), "copy {at}: {rank:?}");
            copies += 1;
        }
    }
    assert_eq!(copies, public[0].len());
}

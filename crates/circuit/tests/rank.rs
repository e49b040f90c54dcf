//! Identities leave nothing to choose: of every kind of layer, and of random graphs (others every day), the rank of all
//! of them is that of what they are to bind.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation, clippy::print_stdout)]

use halo2_proofs::arithmetic::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use provenn_adversary::forgery::placed;
use provenn_adversary::random::{any_subject, committing, todays};
use provenn_adversary::sample::{convolutions, inputs, samples};
use provenn_circuit::BoundaryTerms;
use provenn_fixed_point::{QuantGraph, QuantOp, QuantTensor, TensorId};
use provenn_gadgets::testing::{Bound, Rank, Subject, Unknown};
use provenn_gadgets::{CellRef, Column, TensorVisibility};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// More unknowns than these take long.
const MOST: usize = 140;
/// Seeds of a run.
const DRAWN: u64 = 500;
/// Rows of random circuits.
const MOST_K: u32 = 7;
/// Others than the day's, as `1000..1500`, for long runs.
const SEEDS: &str = "RANK_SEEDS";

const PLACES: [BoundaryTerms; 2] = [BoundaryTerms::InLanes, BoundaryTerms::Combined];

fn rank(subject: &Subject) -> Rank {
    let mut random = ChaCha20Rng::seed_from_u64(7);
    subject.rank(|| Fr::random(&mut random))
}

fn bound(subject: &Subject) -> Bound {
    let mut random = ChaCha20Rng::seed_from_u64(7);
    subject.bound(|| Fr::random(&mut random))
}

/// Elements of orders, which identities alone do not bind, and of what is gathered by these.
fn ordered(graph: &QuantGraph) -> usize {
    let of = |is: fn(&QuantOp) -> bool| {
        let tensors = graph.tensors.iter().filter(|tensor| is(&tensor.op));
        tensors.map(QuantTensor::len).sum::<usize>()
    };
    match of(|op| matches!(op, QuantOp::Sort { .. })) {
        0 => 0,
        orders => orders + of(|op| matches!(op, QuantOp::Gather(_))),
    }
}

#[test]
fn every_kind_of_identity_has_full_rank() {
    let (mut circuits, mut unknowns, mut kinds, mut of_any_size) = (0, 0, 0, 0);
    let mut tables = 0;
    let kinds_of = samples().into_iter().chain(convolutions());
    // Each with weights in the key, and committed.
    let both = kinds_of.flat_map(|(name, graph)| {
        let committed = committing(&graph).map(|graph| (name, graph));
        std::iter::once((name, graph)).chain(committed)
    });
    for (name, graph) in both {
        let mut fits = false;
        for boundary in PLACES {
            let subject = placed(&graph, &inputs(&graph, 1), boundary);
            let bound = bound(&subject);
            assert_eq!(bound.unbound, [], "{name} {boundary:?}");
            assert!(bound.looked_up.len() <= ordered(&graph), "{name}: {:?}", bound.looked_up);
            of_any_size += bound.unknowns;
            if subject.unknowns() > MOST {
                continue;
            }
            let rank = rank(&subject);
            assert_eq!(rank.unbound, [], "{name} {boundary:?}: {} of {}", rank.rank, rank.unknowns);
            (circuits, unknowns, fits) = (circuits + 1, unknowns + rank.unknowns, true);
        }
        kinds += usize::from(fits);
        let table = |id: &TensorId| matches!(graph.tensors[id.0].op, QuantOp::Embedding(_));
        tables += if fits { graph.committed.keys().filter(|id| table(id)).count() } else { 0 };
    }
    println!("{kinds} kinds, {circuits} circuits, {unknowns} unknowns; of any size {of_any_size}");
    assert!(kinds >= 18 && circuits >= 36, "{kinds} kinds, {circuits} circuits");
    assert_eq!(tables, 3, "committed tables");
}

#[test]
fn random_circuits_have_full_rank() {
    let seeds = std::env::var(SEEDS).ok().map_or_else(
        || todays(DRAWN),
        |range| {
            let (first, end) = range.split_once("..").expect("two numbers with two points between");
            first.parse().unwrap()..end.parse().unwrap()
        },
    );
    let (mut circuits, mut committed, mut hidden, mut unknowns) = (0, 0, 0, 0);
    let (mut of_any_size, mut bound_unknowns) = (0, 0);
    for seed in seeds {
        let Some((compiled, subject)) = any_subject(seed, MOST_K) else { continue };
        // What a prover keeps private it chooses: by the limbs of its range, which are kept.
        let private = compiled.parts().plan.input_visibility != TensorVisibility::Public;
        let bound = bound(&subject);
        assert_eq!(bound.unbound, [], "seed {seed}");
        assert!(bound.looked_up.len() <= ordered(compiled.graph()), "seed {seed}");
        (of_any_size, bound_unknowns) = (of_any_size + 1, bound_unknowns + bound.unknowns);
        // An order is bound by ranges and the bus alone.
        if ordered(compiled.graph()) > 0 || subject.unknowns() > MOST {
            continue;
        }
        let rank = rank(&subject);
        assert_eq!(rank.unbound, [], "seed {seed}: {} of {}", rank.rank, rank.unknowns);
        (circuits, unknowns) = (circuits + 1, unknowns + rank.unknowns);
        committed += usize::from(subject.params().commits_weights());
        hidden += usize::from(private);
    }
    println!(
        "{circuits} circuits, {unknowns} unknowns; {committed} circuits with committed weights, {hidden} without public inputs; \
         of any size {of_any_size}, {bound_unknowns}"
    );
    assert!(circuits >= 20 && hidden >= 10, "{circuits} circuits, {hidden} without public inputs");
}

/// That the tests see what they are to see: with a copy gone, what it alone bound is free. Never is bound what has no rank.
#[test]
fn a_missing_copy_is_freedom() {
    let (mut tried, mut free, mut later) = (0, 0, 0);
    for (name, graph) in samples().into_iter().chain(convolutions()) {
        let subject = placed(&graph, &inputs(&graph, 1), BoundaryTerms::InLanes);
        if subject.unknowns() > 48 {
            continue;
        }
        for at in 0..subject.copies().len() {
            let without = subject.without_copy(at);
            let bound = bound(&without);
            let defines = |unknown: &Unknown| matches!(unknown, Unknown::Later { .. });
            tried += 1;
            if bound.unbound.iter().any(defines) {
                // An operand that may be anything: solving for first-phase cells takes what it is for granted.
                later += 1;
                continue;
            }
            let rank = rank(&without);
            assert!(!bound.unbound.is_empty() || rank.unbound.is_empty(), "{name}: copy {at}");
            free += usize::from(!rank.unbound.is_empty());
        }
    }
    println!("{tried} copies, {free} and {later} of which bind something that nothing else does");
    assert!(free >= 15 && later >= 25, "{free} {later} of {tried}");
}

/// And with the copy of a public input gone, the cell that states it is what is free.
#[test]
fn an_input_that_is_not_copied_is_free() {
    let (_, graph) = samples().swap_remove(0);
    let public = inputs(&graph, 1);
    let subject = placed(&graph, &public, BoundaryTerms::InLanes);
    let stated = |cell: CellRef| cell.column == Column::Instance && cell.row < public[0].len();
    let mut copies = 0;
    for at in 0..subject.copies().len() {
        let (a, b) = subject.copies()[at];
        if stated(a) || stated(b) {
            let without = subject.without_copy(at);
            let freed = |unknown: &Unknown| matches!(unknown, Unknown::Plain { .. });
            assert!(rank(&without).unbound.iter().any(freed), "copy {at}");
            assert!(bound(&without).unbound.iter().any(freed), "copy {at}");
            copies += 1;
        }
    }
    assert_eq!(copies, public[0].len());
}

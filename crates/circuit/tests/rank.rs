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
use provenn_fixed_point::{QuantOp, QuantTensor};
use provenn_gadgets::testing::{Rank, Subject, Unknown};
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

#[test]
fn every_kind_of_identity_has_full_rank() {
    let (mut circuits, mut unknowns, mut kinds) = (0, 0, 0);
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
    assert!(kinds >= 18 && circuits >= 36, "{kinds} kinds, {circuits} circuits");
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
    let (mut circuits, mut committed, mut unknowns) = (0, 0, 0);
    for seed in seeds {
        let Some((compiled, subject)) = any_subject(seed, MOST_K) else { continue };
        // What a prover keeps private it chooses, and an order is bound by ranges and the bus alone.
        let sorts = |tensor: &QuantTensor| matches!(tensor.op, QuantOp::Sort { .. });
        let chosen = compiled.parts().plan.input_visibility != TensorVisibility::Public
            || compiled.graph().tensors.iter().any(sorts);
        if chosen || subject.unknowns() > MOST {
            continue;
        }
        let rank = rank(&subject);
        assert_eq!(rank.unbound, [], "seed {seed}: {} of {}", rank.rank, rank.unknowns);
        (circuits, unknowns) = (circuits + 1, unknowns + rank.unknowns);
        committed += usize::from(subject.params().commits_weights());
    }
    println!(
        "{circuits} circuits, {unknowns} unknowns; {committed} circuits with committed weights"
    );
    assert!(circuits >= 20, "{circuits} circuits");
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

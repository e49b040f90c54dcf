//! Zero knowledge of our own circuits, counted as `prover/tests/it/shown.rs` counts it: all that a proof shows is as many
//! independent functions of the prover's random values as there can be, of fixed weights, of committed ones and
//! of committed inputs.
//!
//! With committed weights or inputs more is shown: commitments to their columns (once, for all proofs), and the link's
//! announcement and responses. One relation more holds whatever the randomness: the verifier's own equation gives the
//! announcement from responses and commitments.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

mod case;

use case::{Case, Random};
use provenn_adversary::random::committing;
use provenn_adversary::sample::{convolutions, samples};
use provenn_adversary::shown::{Direction, Drawn, Layout, alone, jacobian, rank};
use provenn_circuit::{BoundaryTerms, PlanOptions};
use provenn_gadgets::TensorVisibility;

/// The opening's two points follow from the rest.
const RELATIONS: usize = 2;

/// How much is shown, and how much of it is independent.
struct Counted {
    /// Functions of a witness.
    shown: usize,
    /// Those that no relation gives.
    free: usize,
    /// Random values that the argument uses.
    used: usize,
    /// The rank over these; without what blinds pieces; without what blinds the link.
    rank: usize,
    bare: usize,
    unlinked: usize,
}

fn counted(case: &Case) -> Counted {
    let (layout, random) = (case.layout(), case.random());
    let (_, drawn) = case.shown(&[]);
    // Of a committed column one, of a combined one for the commitment and for its value.
    let used = |random: &Random| match *random {
        Random::Committed(_, row) => row == 0,
        Random::Difference(_, row) => row < 2,
        Random::Announced(_) => true,
        Random::Proof(drawn) => layout.is_used(drawn),
    };
    let variables: Vec<usize> = (0..random.len()).filter(|at| used(&random[*at])).collect();
    let degree = case.key.verifying_key().halo2().cs().degree();
    let directions: Vec<Direction> = variables.iter().map(|value| alone(*value)).collect();
    let slopes = jacobian(&drawn, &directions, degree, |values| case.shown(values).0);
    let of = |wanted: &dyn Fn(&Random) -> bool| {
        let columns = variables.iter().zip(&slopes).filter(|(at, _)| wanted(&random[**at]));
        rank(columns.map(|(_, of)| of.slopes.clone()))
    };
    let of_proof = layout.shows.iter().filter(|shows| Layout::depends(**shows)).count();
    let beside = slopes[0].slopes.len() - layout.shows.len();
    let shown = of_proof + beside;
    Counted {
        shown,
        free: shown - RELATIONS - usize::from(case.commits()),
        used: variables.len(),
        rank: of(&|_| true),
        bare: of(&|random| !matches!(random, Random::Proof(Drawn::Piece(_)))),
        unlinked: of(&|random| !matches!(random, Random::Announced(_))),
    }
}

fn check(name: &str, case: &Case) {
    let Counted { shown, free, used, rank, bare, unlinked } = counted(case);
    let drawn = case.layout().drawn;
    let pieces = drawn.iter().filter(|of| matches!(of, Drawn::Piece(_))).count();
    println!(
        "{name}: {shown} shown, {used} random values, rank {rank}; {bare} with bare pieces, \
         {unlinked} without an announcement's"
    );
    assert_eq!((rank, used), (free, free), "{name}");
    // All pieces but one have a random value of their own.
    assert_eq!(bare, free - pieces, "{name}");
    assert_eq!(unlinked < free, case.commits(), "{name}");
}

#[test]
fn all_of_a_dense_net_is_independent() {
    let (name, graph) = samples().swap_remove(0);
    check(name, &Case::of(&graph, &PlanOptions::default()));
}

#[test]
fn all_of_a_net_with_committed_weights_is_independent() {
    let (name, graph) = samples().swap_remove(0);
    let graph = committing(&graph).unwrap();
    check(&format!("{name}, committed"), &Case::of(&graph, &PlanOptions::default()));
}

/// Inputs that are committed, as weights are, in columns of the first phase.
#[test]
fn all_of_a_net_with_committed_inputs_is_independent() {
    let (name, graph) = samples().swap_remove(0);
    let graph = committing(&graph).unwrap();
    let input_visibility = TensorVisibility::Committed;
    let options = PlanOptions { input_visibility, ..PlanOptions::default() };
    check(&format!("{name}, committed with its inputs"), &Case::of(&graph, &options));
}

/// Three phases.
#[test]
fn all_of_a_convolution_with_boundary_terms_is_independent() {
    let (name, graph) = convolutions().pop().unwrap();
    let boundary = Some(BoundaryTerms::Combined);
    check(name, &Case::of(&graph, &PlanOptions { boundary, ..PlanOptions::default() }));
}

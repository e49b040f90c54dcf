//! Duty 4: for every constraint a false statement that it alone catches, also as a real proof.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stdout)] // a test says what it has counted

use provenn_adversary::committed::{WEIGHTS, ranges};
use provenn_adversary::forgery::{combined, hashed, subject, with_terms};
use provenn_adversary::killers::KILLERS;
use provenn_adversary::random::committing;
use provenn_adversary::sample::{inputs, samples};
use provenn_adversary::{Forgery, attempt};
use provenn_circuit::{CompiledCircuit, PlanOptions};
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::layout::Family;
use provenn_gadgets::testing::{Polynomial, Subject, every_second_cell_is_bound, only_caught_by};
use provenn_gadgets::{Gadget, TermsPerHelper};
use provenn_verifier::VerifyError;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_constraint_alone_catches_a_false_statement() {
    for (constraint, _, forgeries) in KILLERS {
        let forgeries = forgeries();
        assert!(!forgeries.is_empty(), "{constraint}");
        for forgery in forgeries {
            let forged = forgery.settled();
            only_caught_by(&forged, constraint);
            if constraint != "copy" {
                assert!(forged.without_constraint(constraint).holds(), "{constraint}");
            }
        }
    }
}

/// A name may stand for several polynomials of a gadget, one for each column that they define: each alone catches a false
/// statement, in every gadget that a forgery stands in.
#[test]
fn every_polynomial_alone_catches_a_false_statement() {
    let mut polynomials = 0;
    for (constraint, _, forgeries) in KILLERS.into_iter().filter(|(name, ..)| *name != "copy") {
        let mut circuits: Vec<(Subject, BTreeSet<Polynomial>)> = vec![];
        for forgery in forgeries() {
            let forged = forgery.settled();
            let refusing: Vec<Polynomial> = forged.refusing().collect();
            let [alone] = refusing.as_slice() else { panic!("{constraint}: {refusing:?}") };
            assert_eq!(alone.name, constraint);
            assert!(forged.without_polynomial(alone).holds(), "{alone:?}");
            let known = circuits.iter().position(|(s, _)| s.params() == forged.params());
            let known = known.unwrap_or_else(|| {
                circuits.push((forged.clone(), BTreeSet::new()));
                circuits.len() - 1
            });
            circuits[known].1.insert(alone.clone());
        }
        for (circuit, refused) in circuits {
            let gadgets: BTreeSet<usize> = refused.iter().map(|alone| alone.gadget).collect();
            let there = circuit.polynomials();
            let there = there.filter(|p| p.name == constraint && gadgets.contains(&p.gadget));
            assert_eq!(refused, there.collect(), "refused of those that there are");
            polynomials += refused.len();
        }
    }
    println!("{polynomials} polynomials");
}

/// The prover commits to forged columns, draws the transcript's challenges, and chooses what comes after them anew.
#[test]
fn no_verifier_accepts_a_real_proof_of_one() {
    let mut proofs = 0;
    for (constraint, _, forgeries) in KILLERS {
        for forgery in forgeries() {
            assert_eq!(attempt(&forgery), Err(VerifyError::InvalidProof), "{constraint}");
            proofs += 1;
        }
    }
    assert!(proofs > 30, "{proofs}");
}

/// What is refused is the forgery: the same prover convinces with honest columns, of every kind of layer.
#[test]
fn honest_columns_convince() {
    for (name, graph) in samples() {
        let inputs = inputs(&graph, 1);
        for honest in [subject(&graph, &inputs, false), combined(&graph, &inputs, true)] {
            assert_eq!(attempt(&Forgery::of(honest)), Ok(()), "{name}");
        }
    }
    assert_eq!(attempt(&Forgery::of(ranges(&WEIGHTS))), Ok(()), "ranges of committed weights");
}

/// No kind of layer, wherever its boundary terms stand, has a constraint that no forgery is for, nor has the circuit that
/// shows the ranges of committed weights.
#[test]
fn every_constraint_has_a_forgery() {
    let mut names = BTreeSet::from(["copy".to_owned()]);
    let mut without = BTreeMap::new();
    let mut met = |s: &Subject| {
        names.extend(s.constraints().map(str::to_owned));
        let families = s.layout().families().into_iter();
        let constrained = |gadgets: &[&dyn Gadget]| gadgets.iter().any(|of| of.is_constrained());
        let constrained = families.map(|(family, gadgets)| (family, constrained(&gadgets)));
        constrained.for_each(|(family, is)| {
            _ = *without.entry(family).and_modify(|without| *without &= !is).or_insert(!is);
        });
    };
    met(&ranges(&WEIGHTS));
    let committed = samples().into_iter().filter_map(|(_, graph)| committing(&graph));
    for graph in samples().into_iter().map(|(_, graph)| graph).chain(committed) {
        for private in [false, true] {
            for s in [
                subject(&graph, &inputs(&graph, 1), private),
                combined(&graph, &inputs(&graph, 1), private),
                hashed(&graph, &inputs(&graph, 1)),
            ] {
                met(&s);
            }
        }
    }
    // Of no other family are there constraints that no circuit here has.
    let without = without.into_iter().filter_map(|(family, without)| without.then_some(family));
    assert_eq!(
        without.collect::<Vec<_>>(),
        [Family::Memory, Family::CommittedTensors, Family::Table]
    );
    let killed: Vec<&str> = KILLERS.iter().map(|(constraint, ..)| *constraint).collect();
    assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), killed);
}

/// The book's table is this one.
#[test]
fn the_book_lists_them() {
    let book = include_str!("../../../docs/src/soundness.md");
    for (constraint, what, _) in KILLERS {
        let row = format!("| `{constraint}` | {what} |");
        assert!(book.contains(&row), "docs/src/soundness.md lacks {row}");
    }
}

fn dense() -> QuantGraph {
    samples().swap_remove(0).1
}

/// Few rows have too few equal ones; the choice is the planner's, unless it is made for it.
#[test]
fn the_planner_chooses_one_fraction_where_rows_are_many() {
    let choice = |logrows, terms_per_helper| {
        let logrows = Some(logrows);
        let options = PlanOptions { logrows, terms_per_helper, ..PlanOptions::default() };
        CompiledCircuit::plan(&dense(), &options).unwrap().0.terms_per_helper
    };
    assert_eq!(choice(8, None), TermsPerHelper::Three);
    assert_eq!(choice(13, None), TermsPerHelper::Three);
    assert_eq!(choice(14, None), TermsPerHelper::One);
    assert_eq!(choice(14, Some(TermsPerHelper::Two)), TermsPerHelper::Two);
}

#[test]
fn helpers_of_any_number_of_fractions_are_bound() {
    for terms in TermsPerHelper::ALL {
        let s = with_terms(&dense(), &inputs(&dense(), 1), terms);
        let rows = s.params().active_rows();
        let columns = {
            let lookups = s.layout().lookups.as_ref().unwrap();
            lookups.helper.iter().copied().chain([lookups.running_sum])
        };
        let cells = columns.flat_map(|column| (0..rows).map(move |row| (column, row)));
        every_second_cell_is_bound(&s, &cells.collect::<Vec<_>>());
    }
}

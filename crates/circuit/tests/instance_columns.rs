//! Public values stand in as many instance columns as they take, and each says what it says.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use provenn_adversary::forgery::filled;
use provenn_adversary::sample::{Sample, identity, inputs};
use provenn_adversary::{Forgery, attempt};
use provenn_circuit::{CompileError, CompiledCircuit, PlanOptions};
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::testing::{Subject, only_caught_by};
use provenn_verifier::VerifyError;

const ELEMENTS: usize = 300;

fn graph(elements: usize) -> QuantGraph {
    let mut s = Sample::new();
    let x = s.input(&[elements]);
    let y = s.dense(x, 2, identity(14));
    s.finish(&[y])
}

fn in_columns(graph: &QuantGraph, logrows: u32) -> Subject {
    let options = PlanOptions { logrows: Some(logrows), ..PlanOptions::default() };
    filled(&CompiledCircuit::compile(graph.clone(), &options).unwrap(), &inputs(graph, 1))
}

#[test]
fn values_of_every_column_are_stated() {
    let honest = in_columns(&graph(ELEMENTS), 7);
    let rows = honest.params().active_rows();
    assert_eq!(honest.params().instance_columns(), (ELEMENTS + 2).div_ceil(rows));
    assert_eq!(honest.params().instance_columns(), 3);
    assert_eq!(attempt(&Forgery::of(honest.clone())), Ok(()));
    // The ends of all columns: inputs, and the two outputs.
    for value in [0, rows - 1, rows, 2 * rows - 1, 2 * rows, ELEMENTS, ELEMENTS + 1] {
        let mut forged = honest.clone();
        forged.instance[value] += 1;
        forged.finish();
        only_caught_by(&forged, "copy");
        assert_eq!(attempt(&Forgery::of(forged)), Err(VerifyError::InvalidProof), "{value}");
    }
}

/// Of two values that stand on one row of two columns, each is its own.
#[test]
fn values_of_two_columns_are_not_swapped() {
    let honest = in_columns(&graph(ELEMENTS), 7);
    let rows = honest.params().active_rows();
    let apart = |at: &usize| honest.instance[*at] != honest.instance[at + rows];
    let at = (0..rows).find(apart).unwrap();
    let mut forged = honest.clone();
    forged.instance.swap(at, at + rows);
    forged.finish();
    only_caught_by(&forged, "copy");
    assert_eq!(attempt(&Forgery::of(forged)), Err(VerifyError::InvalidProof));
}

#[test]
fn columns_are_as_many_as_values_take_and_no_more_than_allowed() {
    let rows = in_columns(&graph(ELEMENTS), 7).params().active_rows();
    for (values, columns) in [(rows, 1), (rows + 1, 2), (2 * rows, 2), (2 * rows + 1, 3)] {
        let subject = in_columns(&graph(values - 2), 7);
        assert_eq!(subject.params().instance_columns(), columns, "{values} values");
    }
    let options = PlanOptions { logrows: Some(5), ..PlanOptions::default() };
    let refused = CompiledCircuit::compile(graph(16 * 25), &options);
    assert!(matches!(refused, Err(CompileError::TooLarge { .. })), "{refused:?}");
}

//! That it sees what it is to see, and names it: a weight, an offset, a copy, a row of a table that is another.

use crate::{MOST, compiled, honest, most_claims, stated};
use provenn_adversary::oracle::{Difference, Element, Oracle, tables};
use provenn_adversary::random::Random;
use provenn_adversary::sample::{convolutions, inputs, samples};
use provenn_circuit::BoundaryTerms;
use provenn_fixed_point::{Coefficients, Linear, QuantGraph, QuantOp, TensorId};
use provenn_gadgets::{CellRef, Column};
use std::collections::BTreeSet;

fn dense() -> QuantGraph {
    samples().swap_remove(0).1
}

/// The accumulators that were named, of which there is nothing else.
fn accumulators(differences: &[Difference]) -> BTreeSet<Element> {
    let accumulator = |difference: &Difference| match difference {
        Difference::Accumulator(element) => *element,
        other => panic!("{other:?} among {differences:?}"),
    };
    differences.iter().map(accumulator).collect()
}

/// The graph with one constant of a rescale's form changed by 1; `None` where it has none.
fn with_another_constant(
    graph: &QuantGraph,
    id: TensorId,
    random: &mut Random,
) -> Option<QuantGraph> {
    let mut graph = graph.clone();
    let QuantOp::Rescale { linear, bias, .. } = &mut graph.tensors[id.0].op else { return None };
    let at = random.below(1 << 20);
    match linear {
        _ if !bias.is_empty() && random.chance(20) => {
            let at = at % bias.len();
            bias[at] += 1;
        }
        Linear::Dense { weights, .. } | Linear::Conv { kernel: weights, .. } => {
            let mut changed = weights.to_vec();
            changed[at % weights.len()] += 1;
            *weights = changed.into();
        }
        Linear::MatMul { multiplier, .. } | Linear::Contract { multiplier, .. } => *multiplier += 1,
        Linear::Combine { terms } => {
            let at = at % terms.len();
            match &mut terms[at].1 {
                Coefficients::Scalar(c) => *c += 1,
                Coefficients::PerElement(all) => all[0] += 1,
            }
        }
    }
    Some(graph)
}

/// A circuit of one graph against the oracle of another: exactly the accumulators that differ are named.
#[test]
fn another_constant_of_every_kind_of_layer_is_named() {
    let (mut changes, mut named, mut kinds) = (0, 0, 0);
    for (name, graph) in samples().into_iter().chain(convolutions()) {
        let compiled = compiled(&graph, BoundaryTerms::InLanes);
        // Laid as it is, or divided through.
        let graph = compiled.graph().clone();
        let right = Oracle::of(&graph);
        let (inputs, mut random) = (inputs(&graph, 1), Random::new(5));
        if honest(&compiled, &inputs).unknowns() > MOST {
            continue;
        }
        kinds += 1;
        for id in (0..graph.tensors.len()).map(TensorId) {
            let Some(other) = with_another_constant(&graph, id, &mut random) else { continue };
            let oracle = Oracle::of(&other);
            let Some(claims) = most_claims(&compiled, &oracle, &inputs, &mut random) else {
                continue;
            };
            let forms = right.forms[id.0].iter().zip(&oracle.forms[id.0]).enumerate();
            let differ = forms.filter(|(_, (a, b))| a.at(&claims.values) != b.at(&claims.values));
            let expected: BTreeSet<Element> = differ.map(|(at, _)| (id, at)).collect();
            let found = stated(&compiled, &claims.subject).differences;
            assert_eq!(accumulators(&found), expected, "{name}, {id:?}");
            (changes, named) = (changes + 1, named + expected.len());
        }
    }
    println!("{kinds} kinds, {changes} constants, {named} accumulators named");
    assert!(changes >= 15 && named >= 30, "{changes} constants, {named} accumulators");
}

/// Every weight and every offset of a key.
#[test]
fn another_integer_of_the_key_is_named() {
    let graph = dense();
    let compiled = compiled(&graph, BoundaryTerms::InLanes);
    let oracle = Oracle::of(compiled.graph());
    let claims = most_claims(&compiled, &oracle, &inputs(&graph, 1), &mut Random::new(1)).unwrap();
    let subject = &claims.subject;
    let [x, hidden, y] = [0, 1, 2].map(TensorId);
    let mut named: BTreeSet<Element> = BTreeSet::new();
    let mut weights = 0;
    for bank in &subject.layout().linear {
        for &column in &bank.weight {
            for row in 0..subject.params().active_rows() {
                let weight = subject.fixed_integer(column, row);
                if weight == 0 {
                    continue;
                }
                let found =
                    stated(&compiled, &subject.with_fixed(column, row, weight + 1)).differences;
                // One, unless it meets a zero.
                let found = accumulators(&found);
                assert!(found.len() <= 1, "column {column}, row {row}: {found:?}");
                named.extend(found);
                weights += 1;
            }
        }
    }
    let all: BTreeSet<Element> =
        (0..5).map(|at| (hidden, at)).chain((0..3).map(|at| (y, at))).collect();
    assert_eq!(named, all);
    assert!(weights > 30, "{weights} weights");
    assert_eq!(oracle.forms[x.0], []);
    for place in compiled.activation_places() {
        let column = subject.layout().activation[place.bank].offset[place.lane];
        let offset = subject.fixed_integer(column, place.row);
        let found = stated(&compiled, &subject.with_fixed(column, place.row, offset + 1));
        let expected = BTreeSet::from([(place.tensor, place.element)]);
        assert_eq!(accumulators(&found.differences), expected, "{place:?}");
    }
}

/// With the copy of a public input gone that input is free.
#[test]
fn a_missing_copy_is_named() {
    let graph = dense();
    let compiled = compiled(&graph, BoundaryTerms::InLanes);
    let oracle = Oracle::of(compiled.graph());
    let claims = most_claims(&compiled, &oracle, &inputs(&graph, 1), &mut Random::new(1)).unwrap();
    let subject = &claims.subject;
    let mut inputs = 0;
    for (at, (a, b)) in subject.copies().iter().enumerate() {
        let public = |cell: &CellRef| cell.column == Column::Instance && cell.row < 6;
        let Some(cell) = [a, b].into_iter().find(|cell| public(cell)) else { continue };
        let found = stated(&compiled, &subject.without_copy(at)).differences;
        assert!(found.contains(&Difference::Free(Some((TensorId(0), cell.row)))), "{found:?}");
        inputs += 1;
    }
    assert_eq!(inputs, 6);
}

/// Every row of every function's table.
#[test]
fn another_row_of_a_table_is_named() {
    let graph = dense();
    let compiled = compiled(&graph, BoundaryTerms::InLanes);
    let oracle = Oracle::of(compiled.graph());
    let subject = honest(&compiled, &inputs(&graph, 1));
    let tags: BTreeSet<(i64, TensorId)> = (compiled.activation_places().iter())
        .map(|place| {
            let bank = &subject.layout().activation[place.bank];
            (subject.fixed_integer(bank.tag[place.lane], place.row), place.tensor)
        })
        .collect();
    assert_eq!(tags.len(), 2, "{tags:?}");
    let mut rows = 0;
    for bank in &subject.layout().table {
        for row in 0..subject.params().active_rows() {
            let tag = subject.fixed_integer(bank.tuple[3], row);
            let Some((_, tensor)) = tags.iter().find(|(of, _)| *of == tag) else { continue };
            let high = subject.fixed_integer(bank.tuple[0], row);
            for column in bank.tuple {
                let value = subject.fixed_integer(column, row);
                let found = tables(&compiled, &oracle, &subject.with_fixed(column, row, value + 1));
                let expected = Difference::Table((*tensor, 0), high);
                assert!(found.contains(&expected), "row {row}, column {column}: {found:?}");
            }
            rows += 1;
        }
    }
    println!("{rows} rows");
    assert!(rows > 100, "{rows} rows");
}

//! Layouts that the planner seldom chooses for small models: tensors over several banks, layers over several
//! banks of weights, values that nobody publishes. The duties hold there too.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)]

use provenn_adversary::forgery::hidden;
use provenn_adversary::sample::{Sample, identity, inputs, relu, samples};
use provenn_circuit::{Binding, BoundaryTerms, CompiledCircuit, CompiledParts, Plan, Ranges};
use provenn_fixed_point::{QuantGraph, TensorId};
use provenn_gadgets::testing::{Subject, every_first_cell_is_bound, every_second_cell_is_bound};
use provenn_gadgets::{TensorVisibility, TermsPerHelper};

/// 25 rows per column.
const K: u32 = 5;

fn laid(graph: &QuantGraph, plan: Plan) -> Subject {
    let parts = CompiledParts { graph: graph.clone(), plan, binding: Binding::of(graph) };
    let compiled = CompiledCircuit::from_parts(parts).unwrap();
    let witness = compiled.witness(&inputs(graph, 3)).unwrap();
    let (circuit, instance) = compiled.assign(&witness).unwrap();
    let subject = Subject::new(&circuit, &instance);
    assert!(subject.holds(), "honest columns violate {:?}", subject.violations());
    subject
}

/// Inputs are private: there are more of them than rows.
fn narrow(lanes: usize, weight_lanes: usize) -> Plan {
    Plan {
        k: K,
        lanes,
        weight_lanes,
        terms_per_helper: TermsPerHelper::Three,
        boundary: BoundaryTerms::InLanes,
        ranges: Some(Ranges { lanes: 3, width: 4 }),
        window_lanes: 1,
        format_lanes: vec![lanes],
        undropped: false,
        input_visibility: TensorVisibility::Private,
        output_visibility: TensorVisibility::Public,
    }
}

/// A perceptron whose tensors are longer than a bank and whose weights are longer than a bank of weights.
fn long() -> QuantGraph {
    let mut s = Sample::new();
    let x = s.input(&[30]);
    let h = s.dense(x, 31, relu(13));
    let y = s.dense(h, 2, identity(13));
    s.finish(&[y])
}

/// As many planes as make convolution's taps overflow a bank of weights.
fn deep() -> QuantGraph {
    let mut s = Sample::new();
    let x = s.input(&[4, 3, 3]);
    let a = s.conv(x, 3, [3, 3], [1, 1], [1, 1], relu(12));
    let y = s.dense(a, 2, identity(12));
    s.finish(&[y])
}

/// Whether its operations need ranges.
fn has_ranges(graph: &QuantGraph) -> bool {
    let shows = |at: usize| graph.ranges(TensorId(at)).is_some_and(|ranges| !ranges.is_empty());
    (0..graph.tensors.len()).any(shows)
}

fn bound(s: &Subject) {
    every_first_cell_is_bound(s, &s.read_cells());
    every_second_cell_is_bound(s, &s.determined_cells());
}

#[test]
fn a_tensor_over_several_banks_is_bound() {
    let s = laid(&long(), narrow(1, 4));
    // 30 and 31 elements at one a row need two banks each, whatever else stands there.
    assert!(s.params().formats[0].banks >= 2 && s.params().plain_banks >= 3, "{:?}", s.params());
    // Both ends of 30 inputs in two limbs.
    let s = laid(&long(), Plan { ranges: Some(Ranges { lanes: 1, width: 4 }), ..narrow(1, 4) });
    assert!(s.params().ranges.unwrap().banks >= 5, "{:?}", s.params());
    bound(&s);
}

#[test]
fn a_dense_layer_over_several_weight_banks_is_bound() {
    let s = laid(&long(), narrow(4, 4));
    assert!(s.params().sigma_weight_banks >= 3, "{:?}", s.params());
    bound(&s);
}

#[test]
fn a_convolution_over_several_weight_banks_is_bound() {
    let s = laid(&deep(), narrow(4, 2));
    assert!(s.params().rho_weight_banks >= 2, "{:?}", s.params());
    bound(&s);
}

#[test]
fn a_false_value_in_any_part_is_noticed_by_the_identity_alone() {
    // With the lookups satisfied and counted, only fingerprints can tell.
    let s = laid(&long(), narrow(1, 4));
    for bank in &s.layout().activation {
        for row in 0..s.params().active_rows() {
            let (tag, low) = (s.fixed_integer(bank.tag[0], row), s.first(bank.low[0], row));
            if tag == 0 {
                continue;
            }
            let delta = if low == 0 { 1 } else { -1 };
            let forged = s.forge_first_recounted(bank.low[0], row, delta);
            let violations = forged.violations();
            assert!(!violations.is_empty(), "row {row}");
            assert!(violations.iter().all(|v| v == "copy"), "row {row}: {violations:?}");
        }
    }
}

#[test]
fn private_values_are_bound_wherever_they_stand() {
    for (name, graph) in samples() {
        for (private_inputs, private_outputs) in [(true, false), (false, true), (true, true)] {
            let k = 7;
            let ranges = Some(Ranges { lanes: 3, width: 4 });
            let plan = Plan {
                k,
                lanes: 4,
                weight_lanes: 4,
                terms_per_helper: TermsPerHelper::Three,
                boundary: BoundaryTerms::InLanes,
                ranges: ranges.filter(|_| private_inputs || has_ranges(&graph)),
                window_lanes: 1,
                format_lanes: vec![3],
                undropped: false,
                input_visibility: hidden(private_inputs),
                output_visibility: hidden(private_outputs),
            };
            let s = laid(&graph, plan);
            let public = [(&graph.inputs, private_inputs), (&graph.outputs, private_outputs)];
            let expected: usize = public
                .iter()
                .filter(|(_, private)| !private)
                .flat_map(|(ids, _)| ids.iter())
                .map(|id| graph.tensors[id.0].len())
                .sum();
            assert_eq!(s.instance.len(), expected, "{name}");
            bound(&s);
        }
    }
}

#[test]
fn every_sample_is_bound_in_few_rows() {
    for (_, graph) in samples() {
        bound(&laid(&graph, narrow(4, 2)));
    }
}

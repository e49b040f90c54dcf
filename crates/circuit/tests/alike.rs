//! Equal weights wherever in a graph they are applied: towers that share them, and steps of a recurrent net, have one
//! identity, and do not make up for one another.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)]

use provenn_adversary::forgery::{Output, placed, settle};
use provenn_adversary::refused;
use provenn_adversary::sample::{LOW, SHIFT, Sample, exact_relu, inputs, noise, relu, scalar};
use provenn_circuit::{Binding, BoundaryTerms, CompiledCircuit, CompiledParts, Plan};
use provenn_fixed_point::{Linear, QuantGraph, TensorId};
use provenn_gadgets::testing::Subject;
use provenn_gadgets::{TensorVisibility, TermsPerHelper};

const PLACES: [BoundaryTerms; 2] = [BoundaryTerms::InLanes, BoundaryTerms::Combined];

/// Pictures through the same convolution and the same dense layer.
fn towers(count: usize) -> QuantGraph {
    let mut s = Sample::new();
    let mut outputs = vec![];
    for _ in 0..count {
        let x = s.input(&[2, 3, 4]);
        let a = s.conv(x, 3, [2, 3], [1, 1], [1, 1], relu(10));
        outputs.push(dense(&mut s, a, 8, 1));
    }
    s.finish(&outputs)
}

/// Weights that follow from sizes and `seed`; the bias keeps most results positive.
fn dense(s: &mut Sample, x: TensorId, n: usize, seed: u64) -> TensorId {
    let k = s.0.tensors[x.0].len();
    let linear = Linear::Dense { input: x, weights: noise(seed, n * k, 5).into() };
    s.rescale(&[n], linear, vec![1 << (SHIFT + 4); n], exact_relu(SHIFT, LOW, 1 << 15))
}

/// `h_t = relu(U·h_(t−1) + b)`, every state public.
fn recurrent(steps: usize) -> QuantGraph {
    let mut s = Sample::new();
    let mut state = s.input(&[8]);
    let mut states = vec![];
    for _ in 0..steps {
        let linear = Linear::Dense { input: state, weights: noise(3, 64, 2).into() };
        state = s.rescale(&[8], linear, vec![100; 8], relu(12));
        states.push(state);
    }
    s.finish(&states)
}

/// Rows at which a weight column begins, over all banks of weights.
fn weight_columns(graph: &QuantGraph, boundary: BoundaryTerms) -> usize {
    let plan = Plan {
        k: 10,
        lanes: 4,
        weight_lanes: 3,
        terms_per_helper: TermsPerHelper::default(),
        boundary,
        ranges: None,
        window_lanes: 1,
        format_lanes: vec![4],
        undropped: false,
        input_visibility: TensorVisibility::Public,
        output_visibility: TensorVisibility::Public,
    };
    let (graph, binding) = (graph.clone(), Binding::of(graph));
    let compiled: CompiledCircuit =
        CompiledCircuit::from_parts(CompiledParts { graph, plan, binding }).unwrap();
    let fixed = &compiled.assignment().fixed;
    let first = compiled.layout().linear.iter().flat_map(|bank| &fixed[bank.sums.first]);
    first.filter(|&&first| first != 0).count()
}

fn laid(graph: &QuantGraph, boundary: BoundaryTerms) -> Subject {
    placed(graph, &inputs(graph, 3), boundary)
}

fn outputs(s: &Subject, graph: &QuantGraph) -> Vec<Output> {
    let inputs = graph.inputs.iter().map(|id| graph.tensors[id.0].len()).sum();
    provenn_adversary::forgery::outputs(s, inputs)
}

#[test]
fn equal_weights_are_laid_once() {
    for boundary in PLACES {
        assert_eq!(weight_columns(&towers(1), boundary), 12 + 48);
        for count in [2, 3] {
            assert_eq!(weight_columns(&towers(count), boundary), 12 + 48, "{count}, {boundary:?}");
        }
        assert_eq!(weight_columns(&recurrent(5), boundary), 8);
    }
}

/// What one window drops, another keeps: where boundary terms are chosen after ρ, one must not stand for both.
#[test]
fn windows_that_keep_other_coefficients_share_nothing() {
    let graph = |pads: [[usize; 2]; 2]| {
        let mut s = Sample::new();
        let all = pads.map(|pad| {
            let x = s.input(&[2, 3, 4]);
            s.conv(x, 3, [2, 3], [1, 1], pad, relu(10))
        });
        s.finish(&all)
    };
    for boundary in PLACES {
        assert_eq!(weight_columns(&graph([[1, 1], [1, 1]]), boundary), 12);
        assert_eq!(weight_columns(&graph([[1, 1], [1, 0]]), boundary), 24);
        assert_eq!(weight_columns(&graph([[0, 1], [1, 1]]), boundary), 24);
    }
}

/// The same kernel over a picture and over what it makes of it, which stand at different strides.
#[test]
fn blocks_of_other_strides_are_told_apart() {
    let mut s = Sample::new();
    let (x, z) = (s.input(&[3, 3, 4]), s.input(&[3, 3, 4]));
    let wide = s.conv(z, 3, [1, 5], [1, 1], [0, 2], relu(10));
    let terms = vec![scalar(z, 16), scalar(wide, 3)];
    let sum = s.combine(&[3, 3, 4], terms, relu(12));
    let both = [x, sum].map(|x| s.conv(x, 3, [2, 2], [1, 1], [1, 1], relu(11)));
    let again = s.conv(wide, 3, [2, 2], [1, 1], [1, 1], relu(11));
    let graph = s.finish(&[both[0], both[1], again]);
    for boundary in PLACES {
        assert!(laid(&graph, boundary).holds());
    }
}

/// A forged element of any tower or step is caught by the identity that they share, and by it alone.
#[test]
fn an_element_of_any_tower_or_step() {
    let graph = towers(3);
    for boundary in PLACES {
        let honest = laid(&graph, boundary);
        let mut forged = 0;
        for output in outputs(&honest, &graph) {
            if output.place.read(&honest).slope != 0 {
                refused(&output.forge(&honest, output.neighbour(&honest)), "copy");
                forged += 1;
            }
        }
        assert!(forged > 10, "{forged} outputs in {boundary:?}");
    }
    let graph = recurrent(4);
    let honest = laid(&graph, BoundaryTerms::InLanes);
    let mut forged = 0;
    for output in outputs(&honest, &graph) {
        if output.place.read(&honest).slope != 0 {
            refused(&output.forge(&honest, output.neighbour(&honest)), "copy");
            forged += 1;
        }
    }
    assert!(forged > 10, "{forged} states");
}

#[test]
fn differences_that_cancel_between_towers() {
    let graph = towers(2);
    let honest = laid(&graph, BoundaryTerms::InLanes);
    let all: Vec<Output> = outputs(&honest, &graph)
        .into_iter()
        .filter(|output| output.place.read(&honest).output() > 1)
        .collect();
    assert!(all.len() > 8);
    let unit = 1 << SHIFT;
    for (i, raised) in all.iter().enumerate() {
        for lowered in all.iter().skip(i + 1) {
            let mut forged = honest.clone();
            raised.claim(&mut forged, raised.place.shifted(&honest, unit));
            lowered.claim(&mut forged, lowered.place.shifted(&honest, -unit));
            refused(&settle(forged), "copy");
        }
    }
}

#[test]
fn outputs_of_two_towers_swapped() {
    let graph = towers(2);
    let honest = laid(&graph, BoundaryTerms::InLanes);
    let all = outputs(&honest, &graph);
    let (left, right) = all.split_at(8);
    let mut forged = honest.clone();
    for (left, right) in left.iter().zip(right) {
        let (of_left, of_right) = (left.place.read(&honest), right.place.read(&honest));
        left.claim(&mut forged, of_right);
        right.claim(&mut forged, of_left);
    }
    assert_ne!(forged.instance, honest.instance);
    refused(&settle(forged), "copy");
}

//! A few bytes that ask for anything: refused, or laid out in time that follows their length.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use provenn_adversary::forgery::hidden;
use provenn_adversary::sample::{Sample, identity};
use provenn_circuit::{
    Binding, BoundaryTerms, CompileError, CompiledCircuit, CompiledParts, Plan, PlanOptions, Ranges,
};
use provenn_fixed_point::{
    Coefficients, Format, FormatId, Interval, Linear, Piecewise, QuantGraph, QuantOp, QuantTensor,
    Source, TensorId,
};
use provenn_gadgets::testing::Subject;
use provenn_gadgets::{TensorVisibility, TermsPerHelper};

fn tensor(shape: &[usize], lo: i64, hi: i64, op: QuantOp) -> QuantTensor {
    QuantTensor {
        name: "n".into(),
        onnx_op: "N".into(),
        shape: shape.to_vec(),
        step: 1.0,
        interval: Interval { lo, hi },
        op,
    }
}

fn input(shape: &[usize], lo: i64, hi: i64) -> QuantTensor {
    tensor(shape, lo, hi, QuantOp::Input { index: 0 })
}

fn graph(tensors: Vec<QuantTensor>) -> QuantGraph {
    let outputs = vec![TensorId(tensors.len() - 1)];
    let inputs = vec![TensorId(0)];
    let formats = vec![Format { shift: 4, low_bits: 3 }];
    QuantGraph { tensors, inputs, outputs, formats, ..QuantGraph::default() }
}

fn rescale(linear: Linear, hi: i64) -> QuantOp {
    let function = Piecewise { first: 0, entries: [(1, 0)].into() };
    let format = FormatId::MAIN;
    QuantOp::Rescale { format, linear, bias: vec![], accumulator: Interval { lo: 0, hi }, function }
}

fn plan(k: u32, private_inputs: bool, private_outputs: bool) -> Plan {
    let boundary = BoundaryTerms::InLanes;
    let terms_per_helper = TermsPerHelper::Three;
    Plan {
        k,
        lanes: 4,
        weight_lanes: 1,
        terms_per_helper,
        boundary,
        ranges: None,
        window_lanes: 1,
        format_lanes: vec![4],
        undropped: false,
        input_visibility: hidden(private_inputs),
        output_visibility: hidden(private_outputs),
    }
}

fn lay_out(graph: QuantGraph, plan: Plan) -> Result<CompiledCircuit, CompileError> {
    let binding = Binding::of(&graph);
    CompiledCircuit::from_parts(CompiledParts { graph, plan, binding })
}

#[track_caller]
fn refused(graph: QuantGraph, plan: Plan, expected: &str) {
    let message = lay_out(graph, plan).unwrap_err().to_string();
    assert!(message.contains(expected), "{message}");
}

/// Windows of maxima have lanes of their own, which divide the circuit's.
#[test]
fn lanes_of_windows_divide_the_others() {
    for window_lanes in [0, 3, 5, 8, usize::MAX] {
        let graph = graph(vec![input(&[4], 0, 15)]);
        let plan = Plan { window_lanes, ..plan(6, false, false) };
        refused(graph, plan, "lanes for windows");
    }
}

/// A witness fills whole columns: a plan may not ask for more than memory holds.
#[test]
fn columns_are_bounded() {
    let wide = Plan { lanes: 64, ..plan(24, false, false) };
    let sum = Linear::Combine { terms: vec![(TensorId(0), Coefficients::Scalar(1))] };
    let small = || graph(vec![input(&[1], 0, 7), tensor(&[1], 0, 7, rescale(sum.clone(), 7))]);
    refused(small(), wide, "hold more than");
    refused(small(), plan(99, false, false), "k is 99");
    let options = PlanOptions { logrows: Some(99), ..PlanOptions::default() };
    let error = CompiledCircuit::compile(small(), &options).unwrap_err();
    assert!(matches!(error, CompileError::Logrows { got: 99, .. }), "{error}");
    lay_out(small(), plan(10, false, false)).unwrap();
}

/// Elements cost no bytes: every total is bounded before anything is made for each of them.
#[test]
fn elements_are_counted_before_they_are_made() {
    refused(graph(vec![input(&[1 << 28], 0, 7)]), plan(26, false, false), "elements of tensors");
    refused(graph(vec![input(&[1 << 63, 4], 0, 7)]), plan(26, false, false), "cannot be counted");
    // Below the limit of a graph, above the rows of its plan.
    refused(graph(vec![input(&[1 << 20], 0, 7)]), plan(10, false, true), "public values");
    refused(graph(vec![input(&[1 << 20], 0, 7)]), plan(10, true, false), "public values");
    let mut twice = graph(vec![input(&[600], 0, 7)]);
    twice.outputs = vec![TensorId(0); 1 << 20];
    refused(twice, plan(10, true, false), "elements of tensors");
    // 64 sums of a million elements each.
    let mut tensors = vec![input(&[1 << 20], 0, 1)];
    for i in 0..64 {
        let terms = vec![(TensorId(i), Coefficients::Scalar(1))];
        tensors.push(tensor(&[1 << 20], 0, 7, rescale(Linear::Combine { terms }, 100)));
    }
    refused(graph(tensors), plan(20, true, true), "elements of tensors");
    // A product whose operands are larger than its result, over and over.
    let mut tensors = vec![input(&[1, 1 << 20], 0, 0), input(&[1 << 20, 1], 0, 0)];
    tensors[1].op = QuantOp::Input { index: 1 };
    for _ in 0..1000 {
        let linear = Linear::MatMul { a: TensorId(0), b: TensorId(1), multiplier: 1 };
        tensors.push(tensor(&[1, 1], 0, 7, rescale(linear, 100)));
    }
    let mut products = graph(tensors);
    products.inputs.push(TensorId(1));
    refused(products, plan(20, true, true), "elements of tensors");
    // A kernel of 32,761 taps over four million places.
    let (side, taps) = (1 << 11, 181);
    let linear = Linear::Conv {
        input: TensorId(0),
        kernel: vec![0; taps * taps].into(),
        kernel_shape: [1, 1, taps, taps],
        groups: 1,
        dilation: [1, 1],
        pad_before: [0, 0],
        pad_after: [0, 0],
    };
    let out = side - taps + 1;
    let tensors =
        vec![input(&[1, side, side], 0, 7), tensor(&[1, out, out], 0, 7, rescale(linear, 100))];
    refused(graph(tensors), plan(20, true, true), "multiplications");
}

/// Weights are what a file has paid for: twice as many as an ordinary file has give twice the elements.
#[test]
fn elements_grow_with_weights() {
    let sums = |weights: usize, sums: usize| {
        let linear = Linear::Dense { input: TensorId(0), weights: vec![0; weights].into() };
        let outputs = weights >> 10;
        let mut tensors =
            vec![input(&[1 << 10], 0, 1), tensor(&[outputs], 0, 7, rescale(linear, 0))];
        tensors.push(tensor(&[1 << 22], 0, 1, QuantOp::Input { index: 1 }));
        for _ in 0..sums {
            let terms = vec![(TensorId(2), Coefficients::Scalar(1))];
            let sum = rescale(Linear::Combine { terms }, 100);
            tensors.push(tensor(&[1 << 22], 0, 7, sum));
        }
        let mut graph = graph(tensors);
        graph.inputs.push(TensorId(2));
        (graph.most_elements(), graph.validate())
    };
    // A sum counts its operand too, the last one as an output, and the product takes a little.
    for (weights, most) in [(1 << 10, 4), (1 << 22, 4), (1 << 23, 8)] {
        assert_eq!(sums(weights, 0).0, (most as u128) << 23, "{weights} weights");
        sums(weights, most - 2).1.unwrap();
        let error = sums(weights, most - 1).1.unwrap_err().to_string();
        assert!(error.contains("elements of tensors"), "{weights} weights: {error}");
    }
}

/// The extents of a dilated kernel are no extents of a tensor.
#[test]
fn far_taps_are_counted() {
    for far in [1 << 34, 1 << 62, usize::MAX] {
        for boundary in [BoundaryTerms::InLanes, BoundaryTerms::Combined] {
            let linear = Linear::Conv {
                input: TensorId(0),
                kernel: vec![1, 1].into(),
                kernel_shape: [1, 1, 2, 1],
                groups: 1,
                dilation: [far, 1],
                pad_before: [0, 0],
                pad_after: [far, 0],
            };
            let tensors =
                vec![input(&[1, 1, 1], 0, 7), tensor(&[1, 1, 1], 0, 7, rescale(linear, 14))];
            let plan = Plan { boundary, ..plan(20, false, false) };
            let error = lay_out(graph(tensors), plan).unwrap_err();
            assert!(matches!(error, CompileError::Graph(_)), "{error}");
        }
    }
}

/// A private input's range takes limbs, however wide it is; a plan that has other banks than ranges need is refused.
#[test]
fn ranges_of_private_inputs_are_shown_or_refused() {
    let range = |bits: u32| graph(vec![input(&[1], -(1 << bits), (1 << bits) - 1)]);
    let options =
        PlanOptions { input_visibility: TensorVisibility::Private, ..PlanOptions::default() };
    for bits in [0, 20, 40, 61] {
        let compiled = CompiledCircuit::compile(range(bits), &options).unwrap();
        for x in [-(1 << bits), (1 << bits) - 1] {
            let witness = compiled.witness(&[vec![x]]).unwrap();
            let (circuit, instance) = compiled.assign(&witness).unwrap();
            assert!(Subject::new(&circuit, &instance).holds(), "{bits} bits, {x}");
        }
    }
    let plan = |ranges| Plan { ranges, ..plan(10, true, false) };
    let ranges = Ranges { lanes: 2, width: 7 };
    assert!(lay_out(range(30), plan(Some(ranges))).is_ok());
    refused(range(30), plan(None), "no range banks");
    refused(range(8), plan(Some(Ranges { lanes: 65, ..ranges })), "ranges.lanes is 65");
    refused(range(8), plan(Some(Ranges { lanes: 0, ..ranges })), "ranges.lanes is 0");
    refused(range(8), plan(Some(Ranges { width: 17, ..ranges })), "ranges.width is 17");
    refused(range(8), plan(Some(Ranges { width: 0, ..ranges })), "ranges.width is 0");
    let public = Plan { input_visibility: TensorVisibility::Public, ..plan(Some(ranges)) };
    refused(range(8), public, "which no node needs");
}

fn view(of: usize, times: usize, elements: usize) -> QuantTensor {
    let map = vec![Source::Element { source: 0, index: 0 }; elements];
    tensor(&[elements], 0, 7, QuantOp::View { sources: vec![TensorId(of); times], map })
}

/// Views that name a source twice, 48 deep; views on views, 300,000 deep; and read at every depth.
#[test]
fn views_are_resolved_once() {
    let mut twice = vec![input(&[1], 0, 7)];
    twice.extend((0..48).map(|i| view(i, 2, 1)));
    let mut deep = vec![input(&[1], 0, 7)];
    deep.extend((0..300_000).map(|i| view(i, 1, 1)));
    for tensors in [twice, deep] {
        let compiled = lay_out(graph(tensors), plan(10, false, false)).unwrap();
        let witness = compiled.witness(&[vec![5]]).unwrap();
        assert_eq!(witness.outputs(), [[5]]);
        let (circuit, instance) = compiled.assign(&witness).unwrap();
        let mut subject = Subject::new(&circuit, &instance);
        assert!(subject.holds());
        subject.instance[1] = 4;
        subject.finish();
        assert!(!subject.holds());
    }
    let mut read = vec![input(&[1], 0, 7)];
    for i in 0..2000 {
        read.push(view(if i == 0 { 0 } else { 2 * i - 1 }, 3, 1));
        let terms = vec![(TensorId(read.len() - 1), Coefficients::Scalar(0))];
        read.push(tensor(&[1], 0, 7, rescale(Linear::Combine { terms }, 0)));
    }
    refused(graph(read), plan(5, false, false), "rows");
}

/// An activation under views is materialised once, and its elements are bound through all of them.
#[test]
fn views_of_activations_are_bound() {
    let mut s = Sample::new();
    let x = s.input(&[4]);
    let y = s.dense(x, 3, identity(9));
    let map = |n: u32| (0..n).map(|i| Source::Element { source: i % 2, index: i % 3 }).collect();
    let interval = s.0.tensors[y.0].interval;
    let mut top = s.push(&[5], QuantOp::View { sources: vec![y, x], map: map(5) });
    s.0.tensors[top.0].interval = interval;
    for _ in 0..3 {
        top = s.push(&[5], QuantOp::View { sources: vec![top, top], map: map(5) });
        s.0.tensors[top.0].interval = interval;
    }
    let graph = s.finish(&[top]);
    let compiled = CompiledCircuit::compile(graph, &PlanOptions::default()).unwrap();
    let witness = compiled.witness(&[vec![3, -7, 12, 1]]).unwrap();
    let (circuit, instance) = compiled.assign(&witness).unwrap();
    let subject = Subject::new(&circuit, &instance);
    assert_eq!(subject.violations(), Default::default());
    for row in 4..instance.len() {
        let mut forged = subject.clone();
        forged.instance[row] += 1;
        forged.finish();
        assert!(!forged.holds(), "public value {row}");
    }
}

/// A table that holds more than its readers reach: the entries beyond were what a forger chose.
#[test]
fn tables_beyond_what_is_proven_are_refused() {
    let (shift, low_bits) = (30, 16);
    // first·2^(S+t) = −2^64, which is 0 in 64 bits.
    let first = -(1_i64 << 18);
    let mut entries = vec![(0, 0); (1 << 18) + 1];
    entries[1 << 18] = (1, 0);
    entries[0] = (0, 31337);
    let op = QuantOp::Rescale {
        format: FormatId::MAIN,
        linear: Linear::Dense { input: TensorId(0), weights: vec![1 << shift].into() },
        bias: vec![],
        accumulator: Interval { lo: 0, hi: 65535 << shift },
        function: Piecewise { first, entries: entries.into() },
    };
    let tensors = vec![input(&[1], 0, 65535), tensor(&[1], 0, 65535, op)];
    let graph = QuantGraph { formats: vec![Format { shift, low_bits }], ..graph(tensors) };
    assert_eq!(graph.interpret(&[vec![7]]).unwrap()[1], [7]);
    refused(graph, plan(15, false, false), "its readers need [0, 0]");
}

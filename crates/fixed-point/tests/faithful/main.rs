//! Values that one step for a whole tensor would swallow, and bounds that leave one value: wrong outputs of other
//! quantisers, each a net whose quantised output must track its float output.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::cast_precision_loss)]
#![allow(clippy::cast_possible_truncation)]

mod columns;
mod net;

use net::{Net, Quantised, noise, settings_with, tensors};
use provenn_fixed_point::{RunArgs, generate_settings};
use provenn_onnx_ir::{ElementType, Graph, Op};

/// `op` after a layer of five inputs and three outputs.
fn bounded(op: Op, before: Option<Op>) -> Graph {
    let mut net = Net::default();
    let x = net.input(&[1, 1, 5]);
    let w = net.constant(&[1, 5, 3], &noise(3, 15));
    let mut y = net.push("fc", Op::MatMul, &[x, w], &[1, 1, 3]);
    if let Some(before) = before {
        y = net.push("before", before, &[y], &[1, 1, 3]);
    }
    let y = net.push("bound", op, &[y], &[1, 1, 3]);
    let k = net.constant(&[1], &[2.0]);
    let y = net.push("twice", Op::Mul, &[y, k], &[1, 1, 3]);
    net.finish(y)
}

#[test]
fn bounds_that_cross_or_lie_beyond_their_operand_are_constants() {
    let clip = |min, max| Op::Clip { min, max };
    let relu = Some(Op::Relu);
    for (op, before, expected) in [
        (clip(3.0, -1.0), None, -2.0),
        (clip(2.0, 2.0), None, 4.0),
        // min(relu(x), -1), max(relu(x), …) far beyond, and bounds at the end of the interval.
        (clip(f32::NEG_INFINITY, -1.0), relu.clone(), -2.0),
        (clip(f32::NEG_INFINITY, 0.0), relu.clone(), 0.0),
        (clip(1e4, f32::INFINITY), relu.clone(), 2e4),
        (clip(-3.0, -1.0), relu, -2.0),
    ] {
        let quantised = Quantised::new(bounded(op.clone(), before), &[vec![noise(1, 5)]]);
        // Far outside of what calibration saw, too.
        for x in [noise(1, 5), noise(2, 5), vec![1.9; 5], vec![-1.9; 5]] {
            let (outputs, float, _) = quantised.run(&[x]);
            assert!(outputs.iter().all(|&y| (y - expected).abs() < 1e-3), "{op:?}: {outputs:?}");
            assert!(float.iter().all(|&y| f64::from(y) == expected), "{op:?}: {float:?}");
        }
    }
}

#[test]
fn bounds_that_calibration_met_from_one_side_hold_on_the_other() {
    // Calibrated where all values lie above the upper bound; proven where they do not.
    let op = Op::Clip { min: -0.5, max: 0.25 };
    let quantised = Quantised::new(bounded(op, None), &[vec![vec![1.0; 5]]]);
    for x in [vec![1.0; 5], vec![-1.0; 5], noise(5, 5)] {
        let (outputs, float, _) = quantised.run(&[x]);
        for q in &outputs {
            assert!((-1.0 - 1e-3..=0.5 + 1e-3).contains(q), "{outputs:?} beyond {float:?}");
        }
    }
}

/// The factor of such a mean is a few units of 2^-S: where it is rounded, so are all of its terms, the same way.
#[test]
fn means_of_many() {
    for (count, factor) in [(6480, 0.7), (5000, 1.0), (4000, 30.0)] {
        let mut net = Net::default();
        let x = net.input(&[1, count]);
        let y = net.push("mean", Op::ReduceMean { axes: vec![1] }, &[x], &[1, 1]);
        let k = net.constant(&[1], &[factor]);
        let y = net.push("scaled", Op::Mul, &[y, k], &[1, 1]);
        let data: Vec<_> = (0..4)
            .map(|seed| vec![noise(seed, count).iter().map(|x| x + 3.0).collect::<Vec<_>>()])
            .collect();
        let graph = net.finish(y);
        Quantised::new(graph.clone(), &data).tracks(&data, 1e-3);
        let given = RunArgs { output_scale: Some(9), ..RunArgs::default() };
        let (_, quantised) = settings_with(&graph, &data, &given);
        Quantised { graph, quantised }.tracks(&data, 1e-3);
    }
}

/// The maximum of six values, to which `mask` is added.
fn masked_maximum(mask: &[f32]) -> Graph {
    let mut net = Net::default();
    let x = net.input(&[1, 6]);
    let m = net.constant(&[1, 6], mask);
    let t = net.push("mask", Op::Add, &[x, m], &[1, 6]);
    let y = net.push("max", Op::ReduceMax { axes: vec![1] }, &[t], &[1, 1]);
    net.finish(y)
}

#[test]
fn masks_before_a_maximum_saturate() {
    for mask in [-1e4, -1e9, f32::MIN, f32::NEG_INFINITY] {
        let quantised =
            Quantised::new(masked_maximum(&[0.0, mask, 0.0, mask, 0.0, 0.0]), &[vec![noise(4, 6)]]);
        for seed in 0..8 {
            quantised.tracks(&[vec![noise(seed, 6)]], 1e-3);
        }
    }
}

#[test]
fn masks_before_a_saturating_function_or_a_bound_saturate() {
    for mask in [-1e4, -1e9, f32::MIN, f32::NEG_INFINITY] {
        for op in [Op::Sigmoid, Op::Tanh, Op::Softplus, Op::Relu, Op::Clip { min: -0.5, max: 0.75 }]
        {
            let mut net = Net::default();
            let x = net.input(&[1, 6]);
            let m = net.constant(&[1, 6], &[0.0, mask, 0.0, mask, 0.0, 0.0]);
            let t = net.push("mask", Op::Add, &[x, m], &[1, 6]);
            let y = net.push("saturates", op, &[t], &[1, 6]);
            let data: Vec<_> = (0..8).map(|seed| vec![noise(seed, 6)]).collect();
            Quantised::new(net.finish(y), &data).tracks(&data, 1e-3);
        }
    }
}

/// The largest of each line is zero after the subtraction, which is where the table of e^x ends.
#[test]
fn the_largest_logit_of_a_softmax_is_within_its_range() {
    for (size, most) in [(1.0, 1e-3), (30.0, 1e-3), (300.0, 1e-2)] {
        let mut net = Net::default();
        let x = net.input(&[40, 8]);
        let max = net.push("max", Op::ReduceMax { axes: vec![1] }, &[x], &[40, 1]);
        let shifted = net.push("shifted", Op::Sub, &[x, max], &[40, 8]);
        let e = net.push("exp", Op::Exp, &[shifted], &[40, 8]);
        let sum = net.push("sum", Op::ReduceSum { axes: vec![1] }, &[e], &[40, 1]);
        let y = net.push("softmax", Op::Div, &[e, sum], &[40, 8]);
        let logits = |seed| noise(seed, 320).into_iter().map(|x| size * x).collect();
        let data: Vec<_> = (0..8).map(|seed| vec![logits(seed)]).collect();
        Quantised::new(net.finish(y), &data).tracks(&data, most);
    }
}

#[test]
fn a_mask_that_is_an_input_saturates_and_masking_everything_is_told() {
    let mut net = Net::default();
    let (x, k) = (net.input(&[1, 6]), net.input(&[1, 6]));
    let one = net.constant(&[1], &[1.0]);
    let c = net.constant(&[1], &[-10_000.0]);
    let u = net.push("inverse", Op::Sub, &[one, k], &[1, 6]);
    let m = net.push("bias", Op::Mul, &[u, c], &[1, 6]);
    let t = net.push("mask", Op::Add, &[x, m], &[1, 6]);
    let y = net.push("max", Op::ReduceMax { axes: vec![1] }, &[t], &[1, 1]);
    let keep = vec![1.0, 1.0, 0.0, 1.0, 0.0, 1.0];
    let quantised = Quantised::new(net.finish(y), &[vec![noise(4, 6), keep.clone()]]);
    for seed in 0..8 {
        quantised.tracks(&[vec![noise(seed, 6), keep.clone()]], 1e-3);
    }
    let (_, _, saturation) = quantised.run(&[noise(4, 6), vec![0.0; 6]]);
    assert!(saturation.iter().any(|s| s.node == "max"), "{saturation:?}");
}

#[test]
fn a_mask_whose_reader_tells_it_from_values_is_refused_by_name() {
    let mut net = Net::default();
    let x = net.input(&[1, 6]);
    let m = net.constant(&[1, 6], &[0.0, f32::NEG_INFINITY, 0.0, 0.0, 0.0, 0.0]);
    let t = net.push("mask", Op::Add, &[x, m], &[1, 6]);
    let y = net.push("abs", Op::Abs, &[t], &[1, 6]);
    let graph = net.finish(y);
    let error = generate_settings(&graph, &RunArgs::default(), "test").unwrap_err().to_string();
    assert!(error.contains("mask") || error.contains("abs"), "{error}");
}

/// A state that grows without end on invented data, and does not on others.
#[test]
fn invented_data_that_lead_far_away_leave_ranges_to_calibration() {
    let mut net = Net::default();
    let (x, factor) = (net.input(&[1, 4]), net.input(&[1, 4]));
    let mut state = x;
    for step in 0..80 {
        state = net.push(&format!("state{step}"), Op::Mul, &[state, factor], &[1, 4]);
    }
    let graph = net.finish(state);
    let settings = generate_settings(&graph, &RunArgs::default(), "test").unwrap();
    assert!(settings.inputs.is_empty());
    let data = vec![vec![noise(1, 4), vec![0.9, -0.99, 1.0, 0.5]]];
    Quantised::new(graph, &data).tracks(&data, 1e-2);
}

/// A truth value is 1, or whoever asks for one finds none: a bound that it cannot reach changes nothing, in whatever
/// step the node's bits would be.
#[test]
fn a_truth_value_under_a_bound_stays_one() {
    let mut net = Net::default();
    let x = net.input(&[1, 8]);
    let zero = net.constant(&[1, 1], &[0.0]);
    let above = net.push("above", Op::Less, &[zero, x], &[1, 8]);
    let bounded =
        net.push("bounded", Op::Clip { min: f32::NEG_INFINITY, max: 1.0 }, &[above], &[1, 8]);
    let any = net.push("any", Op::ReduceMax { axes: vec![1] }, &[bounded], &[1, 1]);
    let seven = net.constant(&[1, 1], &[0.7]);
    let selected = net.push("selected", Op::Where, &[any, seven, zero], &[1, 1]);
    let graph = net.finish(selected);
    for bits in [14, 16, 18, 20] {
        let output = outputs_with_bits(&graph, &[noise(3, 8)], bits)[0];
        assert!((output - 0.7).abs() < 1e-3, "{bits} bits: {output}");
    }
}

/// A difference of two truth values is −1, 0 or 1 and not nearly so, in whatever step the node's bits would be.
#[test]
fn whether_two_truth_values_differ_is_a_truth_value() {
    let mut net = Net::default();
    let (a, b) = (net.input(&[4, 90]), net.input(&[4, 90]));
    let difference = net.push("differ.difference", Op::Sub, &[a, b], &[4, 90]);
    let differ = net.push("differ", Op::Abs, &[difference], &[4, 90]);
    let mut graph = net.finish(differ);
    for truth in [a, b, differ] {
        graph.elements.insert(truth, ElementType::Boolean);
    }
    let truths = |seed| noise(seed, 360).iter().map(|x| x.ceil().max(0.0)).collect::<Vec<f32>>();
    let data = [truths(3), truths(5)];
    for bits in [14, 16, 18, 20] {
        let outputs = outputs_with_bits(&graph, &data, bits);
        for (i, output) in outputs.iter().enumerate() {
            let expected = f64::from((data[0][i] - data[1][i]).abs());
            assert_eq!(output.to_bits(), expected.to_bits(), "{bits} bits, element {i}");
        }
    }
}

/// The outputs of a graph that is quantised by its one observation.
fn outputs_with_bits(graph: &Graph, data: &[Vec<f32>], bits: u32) -> Vec<f64> {
    let args = RunArgs { bits: Some(bits), ..RunArgs::default() };
    let (_, quantised) = settings_with(graph, &[data.to_vec()], &args);
    let integers = quantised.quantise_inputs(&tensors(graph, data)).unwrap();
    let values = quantised.interpret(&integers.values).unwrap();
    let id = quantised.outputs[0];
    quantised.grid(id).reals(&values[id.0])
}

/// A quotient that is nothing but zero has a step of no size, and a table over a smooth function as many rows as that asks
/// for: more than memory.
#[test]
fn a_smooth_function_of_what_is_always_zero() {
    let mut net = Net::default();
    let x = net.input(&[1, 3]);
    let largest = net.push("largest", Op::ReduceMax { axes: vec![0] }, &[x], &[1, 3]);
    let zero = net.push("zero", Op::Sub, &[x, largest], &[1, 3]);
    let exp = net.push("exp", Op::Exp, &[zero], &[1, 3]);
    let sum = net.push("sum", Op::ReduceSum { axes: vec![0] }, &[exp], &[1, 3]);
    let log = net.push("log", Op::Log, &[sum], &[1, 3]);
    let zero = net.push("soft", Op::Sub, &[zero, log], &[1, 3]);
    let size = net.push("size", Op::Abs, &[zero], &[1, 3]);
    let c = net.constant(&[1], &[0.635_764]);
    let more = net.push("more", Op::Add, &[size, c], &[1, 3]);
    let part = net.push("part", Op::Div, &[zero, more], &[1, 3]);
    let y = net.push("y", Op::Sigmoid, &[part], &[1, 3]);
    let data: Vec<_> = (0..20).map(|seed| vec![noise(seed, 3)]).collect();
    Quantised::new(net.finish(y), &data).tracks(&data, 1e-3);
}

/// Sums of sums lead to a node by as many ways as there are paths: each is asked for once.
#[test]
fn many_ways_lead_to_one_reader() {
    let mut net = Net::default();
    let x = net.input(&[1, 4]);
    let sizes = net.constant(&[1, 4], &[1e-6, 1e3, 1e-6, 1e3]);
    let mut sum = net.push("relu", Op::Relu, &[x], &[1, 4]);
    for i in 0..14 {
        let both = net.push(&format!("both{i}"), Op::Max, &[sum, sum], &[1, 4]);
        sum = net.push(&format!("sum{i}"), Op::Add, &[both, sum], &[1, 4]);
    }
    let small = net.constant(&[1, 4], &[2.0_f32.powi(-14); 4]);
    let sum = net.push("small", Op::Mul, &[sum, small], &[1, 4]);
    let y = net.push("y", Op::Mul, &[sum, sizes], &[1, 4]);
    let sizes = [1e6, 1e-3, 1e6, 1e-3];
    let row = |seed| noise(seed, 4).iter().zip(sizes).map(|(x, size)| x * size).collect();
    let data: Vec<_> = (0..20).map(|seed| vec![row(seed)]).collect();
    Quantised::new(net.finish(y), &data).tracks(&data, 1e-3);
}

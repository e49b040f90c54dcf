//! Values that one step for a whole tensor would swallow, and bounds that leave one value: wrong outputs of other
//! quantisers, each a net whose quantised output must track its float output.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::cast_precision_loss)]
#![allow(clippy::cast_possible_truncation)]

use provenn_fixed_point::{
    QuantGraph, RunArgs, Saturation, Settings, calibrate, generate_settings, quantise,
};
use provenn_onnx_ir::{ElementType, Graph, Node, NodeId, Op, Tensor};

#[derive(Default)]
struct Net {
    nodes: Vec<Node>,
    inputs: Vec<NodeId>,
}

impl Net {
    fn push(&mut self, name: &str, op: Op, inputs: &[NodeId], shape: &[usize]) -> NodeId {
        let (name, inputs, shape) = (name.to_owned(), inputs.to_vec(), shape.to_vec());
        self.nodes.push(Node { name, op, inputs, shape });
        NodeId(self.nodes.len() - 1)
    }

    fn input(&mut self, shape: &[usize]) -> NodeId {
        let index = self.inputs.len();
        let id = self.push(&format!("x{index}"), Op::Input { index }, &[], shape);
        self.inputs.push(id);
        id
    }

    fn constant(&mut self, shape: &[usize], data: &[f32]) -> NodeId {
        let tensor = Tensor { shape: shape.to_vec(), data: data.to_vec() };
        let name = format!("c{}", self.nodes.len());
        self.push(&name, Op::Constant(tensor), &[], shape)
    }

    fn finish(self, output: NodeId) -> Graph {
        Graph { nodes: self.nodes, inputs: self.inputs, outputs: vec![output], ..Graph::default() }
    }
}

/// Deterministic values in -1..1.
fn noise(seed: usize, count: usize) -> Vec<f32> {
    let value = |i: usize| ((seed * 7919 + i * 104_729) % 2003) as f32 / 1001.0 - 1.0;
    (0..count).map(value).collect()
}

struct Quantised {
    graph: Graph,
    quantised: QuantGraph,
}

impl Quantised {
    fn new(graph: Graph, data: &[Vec<Vec<f32>>]) -> Self {
        let (settings, quantised) = settings(&graph, data);
        assert_eq!(settings.outputs.len(), 1);
        Quantised { graph, quantised }
    }

    fn run(&self, data: &[Vec<f32>]) -> (Vec<f64>, Vec<f32>, Vec<Saturation>) {
        let inputs = tensors(&self.graph, data);
        let float = self.graph.run(&inputs).unwrap().remove(0).data;
        let integers = self.quantised.quantise_inputs(&inputs).unwrap();
        let values = self.quantised.interpret(&integers.values).unwrap();
        let id = self.quantised.outputs[0];
        let saturation = self.quantised.saturation(&inputs, &values).unwrap();
        (self.quantised.grid(id).reals(&values[id.0]), float, saturation)
    }

    /// That every output is within `most` of its float value, relative to the largest float output of all runs, and
    /// nothing saturates.
    fn tracks(&self, data: &[Vec<Vec<f32>>], most: f64) {
        let runs: Vec<_> = data.iter().map(|x| self.run(x)).collect();
        let floats = runs.iter().flat_map(|(_, float, _)| float);
        let size = floats.fold(0.0_f64, |most, x| most.max(f64::from(x.abs())));
        assert!(size > 0.0);
        for (quantised, float, saturation) in &runs {
            assert!(saturation.is_empty(), "{saturation:?}");
            for (q, f) in quantised.iter().zip(float) {
                let error = (q - f64::from(*f)).abs() / size;
                assert!(error < most, "{error}: {quantised:?} for {float:?}");
            }
        }
    }
}

fn tensors(graph: &Graph, data: &[Vec<f32>]) -> Vec<Tensor> {
    let shapes = graph.inputs.iter().map(|id| graph.nodes[id.0].shape.clone());
    shapes.zip(data).map(|(shape, data)| Tensor { shape, data: data.clone() }).collect()
}

fn settings(graph: &Graph, data: &[Vec<Vec<f32>>]) -> (Settings, QuantGraph) {
    settings_with(graph, data, &RunArgs::default())
}

fn settings_with(graph: &Graph, data: &[Vec<Vec<f32>>], args: &RunArgs) -> (Settings, QuantGraph) {
    let settings = generate_settings(graph, args, "test").unwrap();
    let observations: Vec<_> = data.iter().map(|data| tensors(graph, data)).collect();
    let settings = calibrate(graph, &settings, &observations).unwrap();
    let quantised = quantise(graph, &settings).unwrap();
    quantised.validate().unwrap();
    (settings, quantised)
}

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

const SCALES: [f32; 4] = [1e6, 1e3, 1.0, 1e-3];

fn features(seed: usize) -> Vec<Vec<f32>> {
    vec![noise(seed, 4).iter().zip(SCALES).map(|(x, scale)| x * scale).collect()]
}

#[test]
fn features_of_different_size_that_weights_make_up_for() {
    let mut net = Net::default();
    let x = net.input(&[1, 1, 4]);
    let w = net.constant(&[1, 4, 2], &SCALES.map(|s| [1.0 / s, -0.5 / s]).concat());
    let y = net.push("fc", Op::MatMul, &[x, w], &[1, 1, 2]);
    let data: Vec<_> = (0..30).map(features).collect();
    let quantised = Quantised::new(net.finish(y), &data);
    quantised.tracks(&data, 1e-3);
}

#[test]
fn a_scaler_inside_the_model() {
    let (mean, std) = ([3e5_f32, 40.0, 0.5, 2e-3], [1e5_f32, 12.0, 0.3, 1e-3]);
    let mut net = Net::default();
    let x = net.input(&[1, 1, 4]);
    let m = net.constant(&[4], &mean);
    let s = net.constant(&[4], &std);
    let c = net.push("centre", Op::Sub, &[x, m], &[1, 1, 4]);
    let z = net.push("scale", Op::Div, &[c, s], &[1, 1, 4]);
    let w = net.constant(&[1, 4, 1], &[0.3, -0.6, 0.9, 1.2]);
    let y = net.push("fc", Op::MatMul, &[z, w], &[1, 1, 1]);
    let y = net.push("prob", Op::Sigmoid, &[y], &[1, 1, 1]);
    let data: Vec<Vec<Vec<f32>>> = (0..40)
        .map(|seed| vec![(0..4).map(|i| mean[i] + std[i] * 1.5 * noise(seed, 4)[i]).collect()])
        .collect();
    let quantised = Quantised::new(net.finish(y), &data);
    quantised.tracks(&data, 1e-3);
}

/// Naive Bayes: distances from the mean of each class, columns by their deviations.
#[test]
fn distances_whose_columns_are_of_different_size() {
    let deviations = [3e5_f32, 40.0, 0.5, 2e-3];
    let by_class =
        |seed, by: fn(f32) -> f32| (0..12).map(move |i| deviations[i % 4] * by(noise(seed, 12)[i]));
    let mut net = Net::default();
    let x = net.input(&[1, 4]);
    let x = net.push("column", Op::Reshape, &[x], &[1, 1, 4]);
    let means = net.constant(&[1, 3, 4], &by_class(7, |x| 3.0 * x).collect::<Vec<_>>());
    let c = net.push("centre", Op::Sub, &[x, means], &[1, 3, 4]);
    let roots: Vec<f32> = by_class(8, |x| 1.5 + x).map(|x| 1.0 / x).collect();
    let roots = net.constant(&[1, 3, 4], &roots);
    let z = net.push("weighed", Op::Mul, &[c, roots], &[1, 3, 4]);
    let squares = net.push("squares", Op::Pow { exponent: 2 }, &[z], &[1, 3, 4]);
    let y = net.push("distance", Op::ReduceSum { axes: vec![2] }, &[squares], &[1, 3, 1]);
    let data: Vec<Vec<Vec<f32>>> = (0..40)
        .map(|seed| vec![(0..4).map(|i| deviations[i] * 4.0 * noise(seed, 4)[i]).collect()])
        .collect();
    Quantised::new(net.finish(y), &data).tracks(&data, 1e-3);
}

#[test]
fn ranges_away_from_zero() {
    let mut net = Net::default();
    let x = net.input(&[1, 1, 4]);
    let c = net.constant(&[1], &[1000.5]);
    let t = net.push("centre", Op::Add, &[x, c], &[1, 1, 4]);
    let y = net.push("tanh", Op::Tanh, &[t], &[1, 1, 4]);
    let data: Vec<Vec<Vec<f32>>> =
        (0..10).map(|s| vec![noise(s, 4).iter().map(|x| x / 2.0 - 1000.5).collect()]).collect();
    let quantised = Quantised::new(net.finish(y), &data);
    quantised.tracks(&data, 1e-3);
}

#[test]
fn outputs_of_different_size_keep_their_bits_each() {
    let mut net = Net::default();
    let x = net.input(&[1, 1, 4]);
    let w: Vec<f32> = (0..16).map(|i| noise(9, 16)[i] * SCALES[i % 4]).collect();
    let w = net.constant(&[1, 4, 4], &w);
    let y = net.push("fc", Op::MatMul, &[x, w], &[1, 1, 4]);
    let data: Vec<_> = (0..20).map(|seed| vec![noise(seed, 4)]).collect();
    let quantised = Quantised::new(net.finish(y), &data);
    for x in &data {
        let (outputs, float, _) = quantised.run(x);
        for ((q, f), scale) in outputs.iter().zip(&float).zip(SCALES) {
            let error = (q - f64::from(*f)).abs() / f64::from(scale);
            assert!(error < 1e-2, "{outputs:?} for {float:?}");
        }
    }
}

#[test]
fn hidden_columns_of_different_size() {
    let mut net = Net::default();
    let x = net.input(&[1, 1, 4]);
    let sizes = [1e6_f32, 1e3, 1.0, 1e-3];
    let w: Vec<f32> = (0..16).map(|i| noise(9, 16)[i] * sizes[i % 4]).collect();
    let w = net.constant(&[1, 4, 4], &w);
    let h = net.push("hidden", Op::MatMul, &[x, w], &[1, 1, 4]);
    let h = net.push("relu", Op::Relu, &[h], &[1, 1, 4]);
    let w = net.constant(&[1, 4, 1], &sizes.map(|s| 1.0 / s));
    let y = net.push("out", Op::MatMul, &[h, w], &[1, 1, 1]);
    let data: Vec<_> = (0..20).map(|seed| vec![noise(seed, 4)]).collect();
    let quantised = Quantised::new(net.finish(y), &data);
    quantised.tracks(&data, 1e-2);
}

#[test]
fn a_concatenation_keeps_the_bits_of_its_small_part() {
    let mut net = Net::default();
    let (large, small) = (net.input(&[1, 1, 2]), net.input(&[1, 1, 2]));
    let abs = |net: &mut Net, x, name: &str| net.push(name, Op::Abs, &[x], &[1, 1, 2]);
    let (a, b) = (abs(&mut net, large, "large"), abs(&mut net, small, "small"));
    let c = net.push("both", Op::Concat { axis: 2 }, &[a, b], &[1, 1, 4]);
    let w = net.constant(&[1, 4, 1], &[1e-5, -1e-5, 1e3, 2e3]);
    let y = net.push("out", Op::MatMul, &[c, w], &[1, 1, 1]);
    let scaled = |seed, by: f32| noise(seed, 2).iter().map(|x| x * by).collect::<Vec<_>>();
    let data: Vec<_> = (0..20).map(|s| vec![scaled(s, 1e5), scaled(s + 50, 1e-3)]).collect();
    Quantised::new(net.finish(y), &data).tracks(&data, 1e-3);
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

/// Behind a function that scales with its operand, columns of 1e6 and 1e-3 count alike where weights make up for
/// their sizes: in one step the small ones would be nothing.
#[test]
fn columns_of_different_size_behind_functions_that_scale() {
    for (op, products_first) in
        [(Op::Relu, false), (Op::Abs, false), (Op::Relu, true), (Op::Abs, true)]
    {
        let mut net = Net::default();
        let x = net.input(&[1, 4]);
        let sizes = [1e6, 1e-3, 1e6, 1e-3];
        let large = net.constant(&[1, 4], &sizes);
        let small = net.constant(&[1, 4], &sizes.map(|x| 1.0 / x));
        let sized = match products_first {
            false => x,
            true => {
                let mixing = net.constant(&[1, 4, 4], &noise(5, 16));
                let rows = net.push("rows", Op::Reshape, &[x], &[1, 1, 4]);
                let mixed = net.push("mixed", Op::MatMul, &[rows, mixing], &[1, 1, 4]);
                let mixed = net.push("flat", Op::Reshape, &[mixed], &[1, 4]);
                net.push("sized", Op::Mul, &[mixed, large], &[1, 4])
            }
        };
        let cut = net.push("cut", op.clone(), &[sized], &[1, 4]);
        let even = net.push("even", Op::Mul, &[cut, small], &[1, 4]);
        let weights = net.constant(&[1, 4, 2], &noise(9, 8));
        let rows = net.push("even.rows", Op::Reshape, &[even], &[1, 1, 4]);
        let y = net.push("y", Op::MatMul, &[rows, weights], &[1, 1, 2]);
        let graph = net.finish(y);
        let of_size = |row: Vec<f32>| match products_first {
            false => row.iter().zip(sizes).map(|(x, size)| x * size).collect(),
            true => row,
        };
        let data: Vec<_> = (0..20).map(|seed| vec![of_size(noise(seed, 4))]).collect();
        Quantised::new(graph, &data).tracks(&data, 1e-3);
    }
}

/// The same beside the features themselves, as nets with skipping connections and pipelines of several inputs have them.
#[test]
fn columns_of_different_size_side_by_side() {
    let sizes = [1e6, 1e-3, 1e6, 1e-3];
    let mut net = Net::default();
    let (x, other) = (net.input(&[1, 4]), net.input(&[1, 2]));
    let cut = net.push("cut", Op::Relu, &[x], &[1, 4]);
    let all = net.push("all", Op::Concat { axis: 1 }, &[cut, x, other], &[1, 10]);
    let even: Vec<f32> =
        sizes.iter().chain(&sizes).chain(&[1e3, 1e-5]).map(|size| 1.0 / size).collect();
    let even = net.constant(&[1, 10], &even);
    let even = net.push("even", Op::Mul, &[all, even], &[1, 10]);
    let weights = net.constant(&[1, 10, 2], &noise(9, 20));
    let rows = net.push("even.rows", Op::Reshape, &[even], &[1, 1, 10]);
    let y = net.push("y", Op::MatMul, &[rows, weights], &[1, 1, 2]);
    let graph = net.finish(y);
    let of_size =
        |row: Vec<f32>, sizes: &[f32]| row.iter().zip(sizes).map(|(x, size)| x * size).collect();
    let data: Vec<_> = (0..20)
        .map(|seed| {
            vec![of_size(noise(seed, 4), &sizes), of_size(noise(seed + 50, 2), &[1e3, 1e-5])]
        })
        .collect();
    Quantised::new(graph, &data).tracks(&data, 1e-3);
}

/// An output whose columns need steps of their own, of a product whose rows are the output's columns: the order of a
/// form is not the node's.
#[test]
fn an_output_in_another_order_than_its_form() {
    let mut net = Net::default();
    let x = net.input(&[1, 2, 3]);
    let sizes = [1.0, 1e-3, 1.0, 1e-4, 1.0];
    let mut weights = noise(9, 15);
    for (i, weight) in weights.iter_mut().enumerate() {
        *weight *= sizes[i % 5];
    }
    let weights = net.constant(&[1, 3, 5], &weights);
    let y = net.push("y", Op::MatMul, &[x, weights], &[1, 2, 5]);
    let graph = net.finish(y);
    let data: Vec<_> = (0..20).map(|seed| vec![noise(seed, 6)]).collect();
    Quantised::new(graph, &data).tracks(&data, 1e-3);
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

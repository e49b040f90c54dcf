//! Hand-made graphs: folding, saturation, refusals.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss
)]

use provenn_fixed_point::{
    CalibrateError, Interval, Linear, QuantGraph, QuantOp, QuantiseError, RunArgs, Settings,
    SettingsError, ValidateError, calibrate, generate_settings, quantise,
};
use provenn_onnx_ir::{Graph, Node, NodeId, Op, Tensor, Window};

/// Deterministic floats in ±bound.
fn noise(seed: u64, count: usize, bound: f32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 40) as f32 / (1 << 23) as f32 - 1.0) * bound
    };
    (0..count).map(|_| next()).collect()
}

#[derive(Default)]
struct Model {
    nodes: Vec<Node>,
    inputs: Vec<NodeId>,
}

impl Model {
    fn push(&mut self, op: Op, inputs: &[NodeId], shape: &[usize]) -> NodeId {
        let id = NodeId(self.nodes.len());
        let name = format!("n{}", id.0);
        self.nodes.push(Node { name, op, inputs: inputs.to_vec(), shape: shape.to_vec() });
        id
    }

    fn input(&mut self, shape: &[usize]) -> NodeId {
        let index = self.inputs.len();
        let id = self.push(Op::Input { index }, &[], shape);
        self.inputs.push(id);
        id
    }

    fn constant(&mut self, shape: &[usize], data: Vec<f32>) -> NodeId {
        self.push(Op::Constant(Tensor { shape: shape.to_vec(), data }), &[], shape)
    }

    fn conv(
        &mut self,
        x: NodeId,
        [n, c, h, w]: [usize; 4],
        o: usize,
        pad: usize,
        seed: u64,
    ) -> NodeId {
        let k = self.constant(&[o, c, 3, 3], noise(seed, o * c * 9, 0.3));
        let b = self.constant(&[o], noise(seed + 1, o, 0.5));
        let window = Window {
            kernel: [3, 3],
            stride: [1, 1],
            dilation: [1, 1],
            pad_before: [pad, pad],
            pad_after: [pad, pad],
        };
        self.push(
            Op::Conv { window, groups: 1 },
            &[x, k, b],
            &[n, o, h + 2 * pad - 2, w + 2 * pad - 2],
        )
    }

    fn dense(&mut self, x: NodeId, rows: usize, k: usize, n: usize, seed: u64) -> NodeId {
        let w = self.constant(&[1, k, n], noise(seed, k * n, (3.0 / k as f32).sqrt()));
        self.push(Op::MatMul, &[x, w], &[1, rows, n])
    }

    /// BatchNorm as the importer delivers it: a scale and a shift per channel.
    fn batch_norm(&mut self, x: NodeId, shape: [usize; 4], seed: u64) -> NodeId {
        let c = shape[1];
        let scale: Vec<f32> = noise(seed, c, 0.5).iter().map(|x| x + 1.2).collect();
        let (a, b) = (
            self.constant(&[1, c, 1, 1], scale),
            self.constant(&[1, c, 1, 1], noise(seed + 1, c, 0.7)),
        );
        let scaled = self.push(Op::Mul, &[x, a], &shape);
        self.push(Op::Add, &[scaled, b], &shape)
    }

    fn finish(self, outputs: &[NodeId]) -> Graph {
        Graph {
            nodes: self.nodes,
            inputs: self.inputs,
            outputs: outputs.to_vec(),
            ..Graph::default()
        }
    }
}

fn runs(graph: &Graph, count: u64, bound: f32) -> Vec<Vec<Tensor>> {
    let run = |seed| {
        let tensor = |(i, id): (usize, &NodeId)| {
            let shape = graph.nodes[id.0].shape.clone();
            let data = noise(seed * 97 + i as u64 + 5, shape.iter().product(), bound);
            Tensor { shape, data }
        };
        graph.inputs.iter().enumerate().map(tensor).collect()
    };
    (0..count).map(run).collect()
}

fn settings(graph: &Graph, args: &RunArgs) -> Settings {
    let settings = generate_settings(graph, args, "digest").unwrap();
    calibrate(graph, &settings, &runs(graph, 8, 2.0)).unwrap()
}

fn error(graph: &Graph, settings: &Settings) -> f64 {
    let quantised = quantise(graph, settings).unwrap();
    quantised.validate().unwrap();
    let mut worst = 0.0_f64;
    for inputs in runs(graph, 8, 2.0) {
        let values =
            quantised.interpret(&quantised.quantise_inputs(&inputs).unwrap().values).unwrap();
        for (got, want) in quantised
            .dequantise(&quantised.outputs(&values))
            .iter()
            .zip(graph.run(&inputs).unwrap())
        {
            for (a, b) in got.data.iter().zip(&want.data) {
                worst = worst.max(f64::from((a - b).abs()));
            }
        }
    }
    worst
}

fn rescales(graph: &QuantGraph) -> usize {
    graph.tensors.iter().filter(|t| matches!(t.op, QuantOp::Rescale { .. })).count()
}

#[test]
fn batch_norm_costs_no_accuracy_and_no_rescale() {
    let shape = [1, 3, 6, 6];
    let build = |before: bool, after: bool| {
        let mut m = Model::default();
        let mut x = m.input(&shape);
        if before {
            x = m.batch_norm(x, shape, 70);
        }
        let mut y = m.conv(x, shape, 4, 0, 11);
        if after {
            y = m.batch_norm(y, [1, 4, 4, 4], 80);
        }
        let y = m.push(Op::Relu, &[y], &[1, 4, 4, 4]);
        m.finish(&[y])
    };
    let plain = build(false, false);
    let bound = error(&plain, &settings(&plain, &RunArgs::default()));
    for (before, after) in [(false, true), (true, false), (true, true)] {
        let graph = build(before, after);
        let settings = settings(&graph, &RunArgs::default());
        assert_eq!(rescales(&quantise(&graph, &settings).unwrap()), 1, "{before} {after}");
        // Scales up to 1.7 on either side scale the same rounding errors.
        let error = error(&graph, &settings);
        assert!(error <= 3.0 * bound, "{before} {after}: {error} against {bound}");
    }
}

#[test]
fn a_shift_before_a_padded_conv_keeps_its_own_rescale() {
    let shape = [1, 2, 5, 5];
    let mut m = Model::default();
    let x = m.input(&shape);
    let x = m.batch_norm(x, shape, 3);
    let y = m.conv(x, shape, 3, 1, 4);
    let graph = m.finish(&[y]);
    let settings = settings(&graph, &RunArgs::default());
    assert_eq!(rescales(&quantise(&graph, &settings).unwrap()), 2);
    assert!(error(&graph, &settings) < 1e-3);
}

#[test]
fn batches_and_rows_are_unrolled() {
    let mut m = Model::default();
    let x = m.input(&[2, 2, 5, 5]);
    let y = m.conv(x, [2, 2, 5, 5], 3, 1, 4);
    let y = m.push(Op::Relu, &[y], &[2, 3, 5, 5]);
    let flat = m.push(Op::Reshape, &[y], &[1, 2, 75]);
    let z = m.dense(flat, 2, 75, 4, 9);
    let z = m.push(Op::Relu, &[z], &[1, 2, 4]);
    let graph = m.finish(&[z]);
    assert!(error(&graph, &settings(&graph, &RunArgs::default())) < 1e-3);
}

#[test]
fn maximum_and_minimum_of_different_steps() {
    for op in [Op::Max, Op::Min] {
        let mut m = Model::default();
        let (x, z) = (m.input(&[1, 1, 8]), m.input(&[1, 1, 8]));
        let tripled = m.constant(&[1, 1, 1], vec![3.3]);
        let x = m.push(Op::Mul, &[x, tripled], &[1, 1, 8]);
        let y = m.push(op, &[x, z], &[1, 1, 8]);
        let graph = m.finish(&[y]);
        assert!(error(&graph, &settings(&graph, &RunArgs::default())) < 1e-3);
    }
}

#[test]
fn outputs_have_the_scale_that_was_asked_for() {
    let args = RunArgs { output_scale: Some(9), ..RunArgs::default() };
    for clip in [false, true] {
        let mut m = Model::default();
        let (x, z) = (m.input(&[1, 4]), m.input(&[1, 4]));
        let third = m.constant(&[1, 1], vec![1.0 / 3.0]);
        let x = m.push(Op::Mul, &[x, third], &[1, 4]);
        let mut y = m.push(Op::Mul, &[x, z], &[1, 4]);
        if clip {
            y = m.push(Op::Clip { min: -0.31, max: 0.71 }, &[y], &[1, 4]);
        }
        let graph = m.finish(&[y]);
        for (args, bound) in [(&args, 1.1 / 1024.0), (&RunArgs::default(), 4e-4)] {
            let settings = settings(&graph, args);
            assert!(settings.outputs[0].scale.is_some());
            assert!(args.output_scale.is_none() || settings.outputs[0].scale == args.output_scale);
            assert!(error(&graph, &settings) < bound, "{}", error(&graph, &settings));
        }
    }
}

#[test]
fn a_tree_of_maxima_keeps_its_operands_interval() {
    let mut m = Model::default();
    let x = m.input(&[1, 2, 8, 8]);
    let y = m.push(Op::ReduceMax { axes: vec![2, 3] }, &[x], &[1, 2, 1, 1]);
    let graph = m.finish(&[y]);
    let quantised = quantise(&graph, &settings(&graph, &RunArgs::default())).unwrap();
    let input = quantised.tensors[quantised.inputs[0].0].interval;
    assert_eq!(quantised.tensors[quantised.outputs[0].0].interval, input);
}

#[test]
fn truncation_is_towards_zero_and_exact() {
    let mut m = Model::default();
    let x = m.input(&[1, 8]);
    let y = m.push(Op::Trunc, &[x], &[1, 8]);
    let graph = m.finish(&[y]);
    let quantised = quantise(&graph, &settings(&graph, &RunArgs::default())).unwrap();
    let data = vec![-2.0, -1.999, -1.001, -1.0, -0.999, 0.999, 1.0, 1.999];
    let integers = quantised.quantise_inputs(&[Tensor { shape: vec![1, 8], data }]).unwrap();
    let values = quantised.interpret(&integers.values).unwrap();
    assert_eq!(quantised.outputs(&values)[0], [-2, -1, -1, -1, 0, 0, 1, 1]);
}

#[test]
fn clip_bounds_are_exact() {
    let (min, max) = (-0.731, 1.13);
    let mut m = Model::default();
    let x = m.input(&[1, 4]);
    let y = m.push(Op::Clip { min, max }, &[x], &[1, 4]);
    let half = m.constant(&[1, 1], vec![1.0]);
    let y = m.push(Op::Mul, &[y, half], &[1, 4]);
    let graph = m.finish(&[y]);
    let settings = settings(&graph, &RunArgs::default());
    let quantised = quantise(&graph, &settings).unwrap();
    let clipped = quantised.tensors.iter().find(|t| t.onnx_op == "Clip").unwrap();
    let Interval { lo, hi } = clipped.interval;
    // The bounds are met to half a unit each, and their distance exactly.
    assert!((lo as f64 * clipped.step - f64::from(min)).abs() <= clipped.step / 2.0);
    assert!(((hi - lo) as f64 * clipped.step - f64::from(max - min)).abs() < 1e-6);
    assert!(error(&graph, &settings) < 2e-4);
}

#[test]
fn inputs_outside_saturate_with_defined_results() {
    let mut m = Model::default();
    let x = m.input(&[1, 1, 2]);
    let y = m.dense(x, 1, 2, 2, 9);
    let graph = m.finish(&[y]);
    let quantised = quantise(&graph, &settings(&graph, &RunArgs::default())).unwrap();
    let integers = quantised
        .quantise_inputs(&[Tensor { shape: vec![1, 1, 2], data: vec![1e30, -1e30] }])
        .unwrap();
    let Interval { lo, hi } = quantised.tensors[0].interval;
    assert_eq!((integers.values, integers.saturated), (vec![vec![hi, lo]], vec![vec![0, 1]]));
    quantised.interpret(&[vec![hi, lo]]).unwrap();
    assert!(quantised.interpret(&[vec![hi + 1, lo]]).is_err());
    let nan = Tensor { shape: vec![1, 1, 2], data: vec![0.0, f32::NAN] };
    assert!(quantised.quantise_inputs(&[nan]).is_err());
}

#[test]
fn accumulators_that_could_wrap_are_refused() {
    let mut m = Model::default();
    let x = m.input(&[1, 1, 64]);
    let w = m.constant(&[1, 64, 4], noise(9, 256, 1e4));
    let y = m.push(Op::MatMul, &[x, w], &[1, 1, 4]);
    let graph = m.finish(&[y]);
    let args = RunArgs {
        shift: Some(30),
        low_bits: Some(16),
        output_scale: Some(24),
        ..RunArgs::default()
    };
    match generate_settings(&graph, &args, "digest").unwrap_err() {
        CalibrateError::Quantise(QuantiseError::WrapAround { node, op, .. }) => {
            assert_eq!((node.as_str(), op.as_str()), ("n2", "MatMul"));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn tables_that_would_be_too_long_are_refused() {
    let mut m = Model::default();
    let x = m.input(&[1, 1, 64]);
    let w = m.constant(&[1, 64, 4], noise(9, 256, 1e4));
    let y = m.push(Op::MatMul, &[x, w], &[1, 1, 4]);
    let graph = m.finish(&[y]);
    let args = RunArgs {
        shift: Some(12),
        low_bits: Some(8),
        output_scale: Some(13),
        ..RunArgs::default()
    };
    match generate_settings(&graph, &args, "digest").unwrap_err() {
        CalibrateError::Quantise(QuantiseError::TableTooLarge { node, .. }) => {
            assert_eq!(node, "n2")
        }
        other => panic!("{other}"),
    }
}

#[test]
fn forged_graphs_do_not_validate() {
    let mut m = Model::default();
    let x = m.input(&[1, 2, 5, 5]);
    let y = m.conv(x, [1, 2, 5, 5], 3, 1, 4);
    let y = m.push(Op::Relu, &[y], &[1, 3, 5, 5]);
    let graph = m.finish(&[y]);
    let honest = quantise(&graph, &settings(&graph, &RunArgs::default())).unwrap();
    honest.validate().unwrap();
    let at = honest.outputs[0].0;

    let mut forged = honest.clone();
    forged.tensors[at].interval.hi -= 1;
    assert!(matches!(forged.validate(), Err(ValidateError::Interval { what: "interval", .. })));

    let mut forged = honest.clone();
    let QuantOp::Rescale { accumulator, .. } = &mut forged.tensors[at].op else { panic!() };
    accumulator.lo += 1;
    assert!(matches!(forged.validate(), Err(ValidateError::Interval { what: "accumulator", .. })));

    let mut forged = honest.clone();
    let QuantOp::Rescale { function, .. } = &mut forged.tensors[at].op else { panic!() };
    function.entries = function.entries[1..].into();
    assert!(matches!(forged.validate(), Err(ValidateError::Interval { what: "table", .. })));

    let mut forged = honest.clone();
    let QuantOp::Rescale { linear: Linear::Conv { kernel, .. }, .. } = &mut forged.tensors[at].op
    else {
        panic!()
    };
    std::sync::Arc::make_mut(kernel)[0] = i64::MAX;
    assert!(forged.validate().is_err());

    let mut forged = honest.clone();
    forged.tensors[0].shape = vec![usize::MAX, 3];
    assert!(matches!(forged.validate(), Err(ValidateError::Malformed { .. })));

    let mut forged = honest;
    forged.outputs[0].0 = 99;
    assert!(matches!(forged.validate(), Err(ValidateError::Ends { .. })));
}

#[test]
fn settings_belong_to_their_model() {
    let mut m = Model::default();
    let x = m.input(&[1, 1, 4]);
    let y = m.dense(x, 1, 4, 2, 9);
    let graph = m.finish(&[y]);
    let settings = settings(&graph, &RunArgs::default());
    let read = Settings::from_json(&settings.to_json().unwrap()).unwrap();
    assert_eq!(read, settings);
    settings.check_digest("digest").unwrap();
    assert!(matches!(settings.check_digest("other"), Err(SettingsError::OtherModel { .. })));

    let mut other = settings.clone();
    other.ranges.remove("n2");
    assert!(matches!(quantise(&graph, &other), Err(QuantiseError::MissingRange { .. })));
    let mut other = settings.clone();
    other.ranges.insert("elsewhere".into(), other.ranges["n2"]);
    assert!(matches!(quantise(&graph, &other), Err(QuantiseError::UnknownNode { .. })));
    let mut other = settings.clone();
    other.version = 7;
    assert!(matches!(
        quantise(&graph, &other),
        Err(QuantiseError::Settings(SettingsError::Version { .. }))
    ));
    let text =
        settings.to_json().unwrap().replacen("\"version\"", "\"surprise\": 1, \"version\"", 1);
    assert!(matches!(Settings::from_json(&text), Err(SettingsError::Malformed { .. })));

    let none = calibrate(&graph, &settings, &[]);
    assert_eq!(none, Err(CalibrateError::Empty));
    let wrong = vec![vec![Tensor { shape: vec![1, 1, 3], data: vec![0.0; 3] }]];
    let wrong = calibrate(&graph, &settings, &wrong);
    assert!(matches!(wrong, Err(CalibrateError::Observation { index: 0, .. })));
    let nan = vec![vec![Tensor { shape: vec![1, 1, 4], data: vec![f32::NAN; 4] }]];
    assert!(calibrate(&graph, &settings, &nan).is_err());
}

#[test]
fn a_divisor_that_may_be_zero_is_refused_by_name() {
    let mut m = Model::default();
    let (x, z) = (m.input(&[1, 4]), m.input(&[1, 4]));
    let y = m.push(Op::Div, &[x, z], &[1, 4]);
    let graph = m.finish(&[y]);
    let settings = generate_settings(&graph, &RunArgs::default(), "digest").unwrap();
    assert!(settings.outputs.is_empty());
    let refused = quantise(&graph, &settings);
    assert!(matches!(refused, Err(QuantiseError::Divisor { node, .. }) if node == "n2"));
}

#[test]
fn smooth_functions_keep_their_error_bounds() {
    for (op, bound) in [(Op::Sigmoid, 6e-6), (Op::Tanh, 1.2e-5)] {
        let f = |x: f64| if op == Op::Tanh { x.tanh() } else { 1.0 / (1.0 + (-x).exp()) };
        let mut m = Model::default();
        let x = m.input(&[1, 4001]);
        let y = m.push(op.clone(), &[x], &[1, 4001]);
        let graph = m.finish(&[y]);
        let data: Vec<f32> = (0..4001).map(|i| (i - 2000) as f32 / 100.0).collect();
        let inputs = vec![vec![Tensor { shape: vec![1, 4001], data }]];
        let settings = generate_settings(&graph, &RunArgs::default(), "digest").unwrap();
        let settings = calibrate(&graph, &settings, &inputs).unwrap();
        let quantised = quantise(&graph, &settings).unwrap();
        let integers = quantised.quantise_inputs(&inputs[0]).unwrap().values;
        let values = quantised.interpret(&integers).unwrap();
        let (input, output) = (&quantised.tensors[0], &quantised.tensors[quantised.outputs[0].0]);
        for (&x, &y) in integers[0].iter().zip(&quantised.outputs(&values)[0]) {
            // Against the function of the quantised input: its own rounding is not the table's.
            let error = (y as f64 * output.step - f(x as f64 * input.step)).abs();
            assert!(
                error <= bound + output.step / 2.0 + 2e-6,
                "{op:?} at {}: {error}",
                x as f64 * input.step
            );
        }
    }
}

/// Weights that two windows share are moved to other places for each: a commitment would let them differ.
#[test]
fn committed_weights_are_shared_under_no_stride() {
    let graph = |shared: bool, scaled: bool| {
        let mut m = Model::default();
        let x = m.input(&[1, 2, 6, 6]);
        let kernel = |m: &mut Model, seed| m.constant(&[2, 2, 3, 3], noise(seed, 36, 0.3));
        let first = kernel(&mut m, 3);
        let second = if shared { first } else { kernel(&mut m, 4) };
        let bias = m.constant(&[2], vec![0.1, -0.2]);
        let window = |stride: usize| Window {
            kernel: [3, 3],
            stride: [stride; 2],
            dilation: [1, 1],
            pad_before: [1, 1],
            pad_after: [1, 1],
        };
        let mut y =
            m.push(Op::Conv { window: window(1), groups: 1 }, &[x, first, bias], &[1, 2, 6, 6]);
        y = m.push(Op::Relu, &[y], &[1, 2, 6, 6]);
        if scaled {
            let by = m.constant(&[1, 2, 1, 1], vec![0.7, 1.9]);
            y = m.push(Op::Mul, &[y, by], &[1, 2, 6, 6]);
        }
        let y =
            m.push(Op::Conv { window: window(2), groups: 1 }, &[y, second, bias], &[1, 2, 3, 3]);
        m.finish(&[y])
    };
    let args = RunArgs {
        param_visibility: provenn_fixed_point::Visibility::Committed,
        ..RunArgs::default()
    };
    let made = |graph: &Graph| {
        let settings = generate_settings(graph, &args, "digest").map_err(|e| e.to_string())?;
        let runs = runs(graph, 8, 2.0);
        let settings = calibrate(graph, &settings, &runs).map_err(|e| e.to_string())?;
        quantise(graph, &settings).map_err(|e| e.to_string())
    };
    for scaled in [false, true] {
        assert!(!made(&graph(false, scaled)).unwrap().empty.is_empty());
        let error = made(&graph(true, scaled)).unwrap_err();
        assert!(error.contains("same weights as node"), "{error}");
    }
}

//! One small graph per operator, of random weights, precision and inputs: no measured error exceeds its bound.

use crate::net::{Net, Subject, noise, runs, try_settings, window};
use proptest::prelude::*;
use provenn_fixed_point::RunArgs;
use provenn_onnx_ir::{Function, Graph, NodeId, Op, Rounding, Tensor};

/// Coarse and fine, so that every term is large somewhere.
fn precision() -> impl Strategy<Value = RunArgs> {
    let coarse = (6_u32..=12, 2_u32..=4, 4_u32..=9, -1_i32..=4);
    let fine = (12_u32..=16, 6_u32..=10, 12_u32..=16, 6_i32..=13);
    let args = |(shift, low_bits, bits, scale)| RunArgs {
        shift: Some(shift),
        low_bits: Some(low_bits),
        bits: Some(bits),
        input_scale: Some(scale),
        ..RunArgs::default()
    };
    prop_oneof![coarse.prop_map(args), fine.prop_map(args)]
}

/// Calibrates with a few runs of the input bound and checks with others, up to the edges of the ranges.
fn check(graph: &Graph, args: &RunArgs, seed: u64, bound: f32) -> Result<(), TestCaseError> {
    let settings = try_settings(graph, args, &runs(graph, seed, 3, bound));
    // Some precisions ask for tables that are too long.
    let settings = settings.map_err(|error| TestCaseError::reject(error.to_string()))?;
    let subject = Subject::new(graph, &settings);
    let mut admitted = 0;
    for (i, scale) in [(1, 1.0), (2, 1.5), (3, 1.999)] {
        let mut wider = runs(graph, seed + i, 6, bound * scale);
        wider.extend(half_way(&wider, args.input_scale));
        admitted += subject.check(&wider).map_err(TestCaseError::fail)?;
    }
    let calibrated = runs(graph, seed, 3, bound);
    admitted += subject.check(&calibrated).map_err(TestCaseError::fail)?;
    prop_assert!(admitted >= 3);
    Ok(())
}

/// Inputs half way between two integers, and just below, where rounding is farthest off.
fn half_way(runs: &[Vec<Tensor>], scale: Option<i32>) -> Vec<Vec<Tensor>> {
    let step = 2.0_f32.powi(-scale.unwrap_or(0));
    let mut runs = runs.to_vec();
    for (i, x) in runs.iter_mut().flatten().flat_map(|tensor| &mut tensor.data).enumerate() {
        let under = if i % 3 == 0 { 1.0 } else { 1.0 - f32::EPSILON };
        *x = ((*x / step).floor() + 0.5 * under) * step;
    }
    runs
}

fn rounding(rounding: Rounding, max: f32) -> Op {
    Op::Round { rounding, min: -max, max }
}

/// A property of graphs that a closure builds from the net and a seed.
macro_rules! bounded {
    ($($name:ident: $build:expr;)*) => {$(
        proptest! {
            #![proptest_config(ProptestConfig {
                cases: 64,
                failure_persistence: None,
                ..ProptestConfig::default()
            })]
            #[test]
            fn $name(args in precision(), seed in 0_u64..1 << 40, bound in 0.3_f32..6.0) {
                let mut net = Net::default();
                let build: fn(&mut Net, u64) -> Vec<NodeId> = $build;
                let outputs = build(&mut net, seed);
                check(&net.finish(&outputs), &args, seed, bound)?;
            }
        }
    )*};
}

/// An operator on `[1, 2, 6, 6]`, alone and after a convolution.
fn unary(net: &mut Net, seed: u64, op: &Op) -> Vec<NodeId> {
    let x = net.input(&[1, 2, 6, 6]);
    let first = net.push(op.clone(), &[x], &[1, 2, 6, 6]);
    let y = net.conv(x, 2, 1, seed);
    let second = net.push(op.clone(), &[y], &[1, 2, 6, 6]);
    vec![first, second]
}

/// An operator on `[1, 2, 6, 6]`, of a number between 0 and 1, moved.
fn of_sigmoid(net: &mut Net, seed: u64, by: f32, op: &Op) -> Vec<NodeId> {
    let x = net.input(&[1, 2, 6, 6]);
    let y = net.conv(x, 2, 1, seed);
    let y = net.push(Op::Sigmoid, &[y], &[1, 2, 6, 6]);
    let y = if by == 0.0 { y } else { net.shifted(y, by) };
    vec![net.push(op.clone(), &[y], &[1, 2, 6, 6])]
}

/// e^(x − max x) over the last axis of `[1, 3, 4]`.
fn exponentials(net: &mut Net, x: NodeId) -> NodeId {
    let max = net.push(Op::ReduceMax { axes: vec![2] }, &[x], &[1, 3, 1]);
    let shifted = net.push(Op::Sub, &[x, max], &[1, 3, 4]);
    net.push(Op::Exp, &[shifted], &[1, 3, 4])
}

bounded! {
    dense: |net, seed| {
        let x = net.input(&[1, 1, 12]);
        let y = net.dense(x, 7, seed);
        vec![net.dense(y, 3, seed + 7)]
    };
    dense_of_rows: |net, seed| {
        let x = net.input(&[1, 3, 5]);
        vec![net.dense(x, 4, seed)]
    };
    conv: |net, seed| {
        let x = net.input(&[1, 2, 6, 6]);
        let y = net.conv(x, 3, 1, seed);
        vec![net.conv(y, 2, 0, seed + 7)]
    };
    conv_with_strides_and_groups: |net, seed| {
        let x = net.input(&[1, 4, 7, 7]);
        let k = net.constant(&[4, 2, 3, 3], noise(seed, 72, 0.4));
        vec![net.push(Op::Conv { window: window(3, 2, 1), groups: 2 }, &[x, k], &[1, 4, 4, 4])]
    };
    conv_transpose: |net, seed| {
        let x = net.input(&[1, 2, 4, 4]);
        let k = net.constant(&[2, 3, 3, 3], noise(seed, 54, 0.4));
        let b = net.constant(&[3], noise(seed + 1, 3, 0.5));
        let op = Op::ConvTranspose { window: window(3, 2, 1), groups: 1, output_padding: [0, 0] };
        vec![net.push(op, &[x, k, b], &[1, 3, 7, 7])]
    };
    batch_norm_around_a_conv: |net, seed| {
        let x = net.input(&[1, 2, 6, 6]);
        let x = net.batch_norm(x, seed + 3);
        let y = net.conv(x, 3, 1, seed);
        let y = net.batch_norm(y, seed + 5);
        let y = net.push(Op::Relu, &[y], &[1, 3, 6, 6]);
        vec![net.batch_norm(y, seed + 9)]
    };
    residual: |net, seed| {
        let x = net.input(&[1, 2, 6, 6]);
        let y = net.conv(x, 2, 1, seed);
        let y = net.push(Op::Relu, &[y], &[1, 2, 6, 6]);
        let y = net.conv(y, 2, 1, seed + 7);
        vec![net.push(Op::Add, &[x, y], &[1, 2, 6, 6])]
    };
    sub_and_neg: |net, seed| {
        let (x, z) = (net.input(&[1, 4, 3]), net.input(&[1, 1, 3]));
        let y = net.push(Op::Sub, &[x, z], &[1, 4, 3]);
        let c = net.constant(&[1, 4, 1], noise(seed, 4, 2.0));
        let y = net.push(Op::Mul, &[y, c], &[1, 4, 3]);
        vec![net.push(Op::Neg, &[y], &[1, 4, 3])]
    };
    mul: |net, seed| {
        let (x, z) = (net.input(&[1, 1, 8]), net.input(&[1, 1, 8]));
        let z = net.dense(z, 8, seed);
        let y = net.push(Op::Mul, &[x, z], &[1, 1, 8]);
        vec![net.push(Op::Relu, &[y], &[1, 1, 8])]
    };
    square_and_higher_powers: |net, seed| {
        let x = net.input(&[1, 1, 8]);
        let z = net.dense(x, 8, seed);
        let square = net.push(Op::Mul, &[z, z], &[1, 1, 8]);
        vec![square, net.push(Op::Pow { exponent: 5 }, &[x], &[1, 1, 8])]
    };
    mat_mul_of_two_activations: |net, seed| {
        let (x, z) = (net.input(&[1, 3, 4]), net.input(&[1, 4, 5]));
        let x = net.dense(x, 4, seed);
        vec![net.push(Op::MatMul, &[x, z], &[1, 3, 5])]
    };
    relu: |net, seed| unary(net, seed, &Op::Relu);
    leaky_relu: |net, seed| unary(net, seed, &Op::LeakyRelu { alpha: 0.07 });
    leaky_relu_of_a_steep_slope: |net, seed| unary(net, seed, &Op::LeakyRelu { alpha: -1.7 });
    clip: |net, seed| unary(net, seed, &Op::Clip { min: -0.731, max: 1.13 });
    clip_at_six: |net, seed| unary(net, seed, &Op::Clip { min: 0.0, max: 6.0 });
    clip_above_zero: |net, seed| unary(net, seed, &Op::Clip { min: 0.21, max: f32::INFINITY });
    sigmoid: |net, seed| unary(net, seed, &Op::Sigmoid);
    tanh: |net, seed| unary(net, seed, &Op::Tanh);
    erf: |net, seed| unary(net, seed, &Op::Erf);
    gelu: |net, seed| unary(net, seed, &Op::Gelu { tanh: false });
    gelu_by_tanh: |net, seed| unary(net, seed, &Op::Gelu { tanh: true });
    softplus: |net, seed| unary(net, seed, &Op::Softplus);
    sin: |net, seed| unary(net, seed, &Op::Function(Function::Sin));
    atan: |net, seed| unary(net, seed, &Op::Function(Function::Atan));
    sinh: |net, seed| unary(net, seed, &Op::Function(Function::Sinh));
    elu: |net, seed| unary(net, seed, &Op::Function(Function::Elu { slope: 1.05, depth: 0.7, width: 0.8 }));
    swish: |net, seed| unary(net, seed, &Op::Function(Function::Swish { beta: 1.702 }));
    mish: |net, seed| unary(net, seed, &Op::Function(Function::Mish));
    asin: |net, seed| of_sigmoid(net, seed, 0.0, &Op::Function(Function::Asin));
    acosh: |net, seed| of_sigmoid(net, seed, 1.0, &Op::Function(Function::Acosh));
    atanh: |net, seed| of_sigmoid(net, seed, -0.5, &Op::Function(Function::Atanh));
    power: |net, seed| of_sigmoid(net, seed, 0.0, &Op::Function(Function::Power { exponent: 0.3 }));
    exp: |net, seed| unary(net, seed, &Op::Exp);
    log_of_one_octave: |net, _| {
        let x = net.input(&[1, 1, 8]);
        let y = net.push(Op::Sigmoid, &[x], &[1, 1, 8]);
        let y = net.shifted(y, 0.6);
        vec![net.push(Op::Log, &[y], &[1, 1, 8])]
    };
    log_of_many_octaves: |net, seed| {
        let x = net.input(&[1, 1, 8]);
        let y = net.dense(x, 8, seed);
        let y = net.push(Op::Pow { exponent: 4 }, &[y], &[1, 1, 8]);
        let y = net.shifted(y, 0.03);
        vec![net.push(Op::Log, &[y], &[1, 1, 8])]
    };
    softmax: |net, seed| {
        let x = net.input(&[1, 3, 4]);
        let x = net.dense(x, 4, seed);
        let exponentials = exponentials(net, x);
        let sum = net.push(Op::ReduceSum { axes: vec![2] }, &[exponentials], &[1, 3, 1]);
        vec![net.push(Op::Div, &[exponentials, sum], &[1, 3, 4])]
    };
    masked_exponentials: |net, seed| {
        let x = net.input(&[1, 3, 4]);
        let x = net.dense(x, 4, seed);
        let mask = vec![0.0, -1e9, -1e9, -1e9, 0.0, 0.0, -1e9, -1e9, 0.0, 0.0, 0.0, -1e9];
        let mask = net.constant(&[1, 3, 4], mask);
        let sum = net.push(Op::Add, &[x, mask], &[1, 3, 4]);
        let keep = vec![1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0];
        let keep = net.constant(&[1, 3, 4], keep);
        let least = net.constant(&[1, 1, 1], vec![-1e9]);
        let chosen = net.push(Op::Where, &[keep, x, least], &[1, 3, 4]);
        vec![exponentials(net, sum), exponentials(net, chosen)]
    };
    where_of_a_condition: |net, seed| {
        let (x, z) = (net.input(&[1, 3, 4]), net.input(&[1, 1, 4]));
        let y = net.dense(x, 4, seed);
        let less = net.push(Op::Less, &[y, z], &[1, 3, 4]);
        let half = net.constant(&[1, 1, 1], vec![0.5]);
        let at_most = net.push(Op::LessOrEqual, &[half, z], &[1, 1, 4]);
        let both = net.push(Op::Min, &[less, at_most], &[1, 3, 4]);
        vec![
            net.push(Op::Where, &[both, x, z], &[1, 3, 4]),
            net.push(Op::Where, &[at_most, half, y], &[1, 3, 4]),
        ]
    };
    where_of_a_constant: |net, seed| {
        let (x, z) = (net.input(&[1, 3, 4]), net.input(&[1, 1, 4]));
        let z = net.dense(z, 4, seed);
        let keep = net.constant(&[1, 1, 4], vec![1.0, 0.0, 0.0, 1.0]);
        let ends = net.constant(&[1, 1, 4], noise(seed, 4, 2.0));
        vec![
            net.push(Op::Where, &[keep, x, z], &[1, 3, 4]),
            net.push(Op::Where, &[keep, ends, x], &[1, 3, 4]),
        ]
    };
    abs: |net, seed| unary(net, seed, &Op::Abs);
    trunc: |net, seed| unary(net, seed, &Op::Trunc);
    floor: |net, seed| unary(net, seed, &rounding(Rounding::Floor, f32::INFINITY));
    round: |net, seed| unary(net, seed, &rounding(Rounding::Even, f32::INFINITY));
    quantise: |net, seed| {
        let x = net.input(&[1, 1, 8]);
        let y = net.dense(x, 8, seed);
        let scale = net.constant(&[], vec![0.07]);
        [x, y].map(|x| net.push(rounding(Rounding::Even, 8.0), &[x, scale], &[1, 1, 8])).to_vec()
    };
    p_relu: |net, seed| {
        let x = net.input(&[1, 3, 4]);
        let alpha = net.constant(&[1, 3, 1], noise(seed, 3, 0.6));
        vec![net.push(Op::PRelu, &[x, alpha], &[1, 3, 4])]
    };
    clip_of_a_product: |net, seed| {
        let (x, z) = (net.input(&[1, 1, 8]), net.input(&[1, 1, 8]));
        let z = net.dense(z, 8, seed);
        let y = net.push(Op::Mul, &[x, z], &[1, 1, 8]);
        vec![net.push(Op::Clip { min: -0.4, max: 0.3 }, &[y], &[1, 1, 8])]
    };
    sigmoid_of_a_product: |net, seed| {
        let (x, z) = (net.input(&[1, 1, 8]), net.input(&[1, 1, 8]));
        let z = net.dense(z, 8, seed);
        let y = net.push(Op::Mul, &[x, z], &[1, 1, 8]);
        vec![net.push(Op::Sigmoid, &[y], &[1, 1, 8])]
    };
    maximum_and_minimum: |net, seed| {
        let (x, z) = (net.input(&[1, 1, 8]), net.input(&[1, 1, 8]));
        let z = net.dense(z, 8, seed);
        let most = net.push(Op::Max, &[x, z], &[1, 1, 8]);
        let ends = net.constant(&[1, 1, 8], noise(seed, 8, 1.0));
        vec![most, net.push(Op::Min, &[x, ends], &[1, 1, 8])]
    };
    max_pool: |net, seed| {
        let x = net.input(&[1, 2, 6, 6]);
        let y = net.conv(x, 2, 1, seed);
        vec![net.push(Op::MaxPool { window: window(3, 2, 1) }, &[y], &[1, 2, 3, 3])]
    };
    average_pool: |net, seed| {
        let x = net.input(&[1, 2, 6, 6]);
        let y = net.conv(x, 2, 1, seed);
        let pool = |count_include_pad| Op::AveragePool { window: window(3, 2, 1), count_include_pad };
        let whole = Op::AveragePool { window: window(6, 1, 0), count_include_pad: false };
        vec![
            net.push(pool(false), &[y], &[1, 2, 3, 3]),
            net.push(pool(true), &[y], &[1, 2, 3, 3]),
            net.push(whole, &[y], &[1, 2, 1, 1]),
        ]
    };
    reduce: |net, seed| {
        let x = net.input(&[1, 3, 4]);
        let x = net.dense(x, 4, seed);
        vec![
            net.push(Op::ReduceSum { axes: vec![2] }, &[x], &[1, 3, 1]),
            net.push(Op::ReduceMean { axes: vec![1, 2] }, &[x], &[1, 1, 1]),
            net.push(Op::ReduceMax { axes: vec![1] }, &[x], &[1, 1, 4]),
        ]
    };
    views: |net, seed| {
        let x = net.input(&[1, 3, 4]);
        let y = net.dense(x, 4, seed);
        let ends = net.constant(&[1, 1, 4], noise(seed, 4, 3.0));
        let joined = net.push(Op::Concat { axis: 1 }, &[x, ends, y], &[1, 7, 4]);
        let cut = net.push(Op::Slice { axis: 1, start: 6, step: -2 }, &[joined], &[1, 4, 4]);
        let (before, after) = (vec![0, 1, 0], vec![0, 0, 2]);
        let pad = Op::Pad { before, after, value: 0.377 };
        let padded = net.push(pad, &[cut], &[1, 5, 6]);
        let turned = net.push(Op::Transpose { perm: vec![0, 2, 1] }, &[padded], &[1, 6, 5]);
        let tiled = net.push(Op::Tile { repeats: vec![1, 2, 1] }, &[turned], &[1, 12, 5]);
        vec![net.push(Op::Reshape, &[tiled], &[1, 1, 60])]
    };
    division_by_a_constant: |net, seed| {
        let x = net.input(&[1, 3, 4]);
        let divisor = noise(seed, 3, 0.5).iter().map(|x| x + 1.3).collect();
        let divisor = net.constant(&[1, 3, 1], divisor);
        vec![net.push(Op::Div, &[x, divisor], &[1, 3, 4])]
    };
    division_by_an_activation: |net, _| {
        let (x, z) = (net.input(&[1, 1, 8]), net.input(&[1, 1, 8]));
        let z = net.push(Op::Sigmoid, &[z], &[1, 1, 8]);
        let z = net.shifted(z, 0.6);
        let one = net.constant(&[1, 1, 1], vec![1.7]);
        vec![
            net.push(Op::Div, &[x, z], &[1, 1, 8]),
            net.push(Op::Div, &[one, z], &[1, 1, 8]),
        ]
    };
    division_by_a_negative_activation: |net, _| {
        let (x, z) = (net.input(&[1, 1, 8]), net.input(&[1, 1, 8]));
        let z = net.push(Op::Sigmoid, &[z], &[1, 1, 8]);
        let z = net.shifted(z, -1.6);
        let mean = net.push(Op::ReduceMean { axes: vec![2] }, &[z], &[1, 1, 1]);
        let one = net.constant(&[1, 1, 1], vec![1.7]);
        vec![
            net.push(Op::Div, &[x, z], &[1, 1, 8]),
            net.push(Op::Div, &[one, z], &[1, 1, 8]),
            net.push(Op::Div, &[x, mean], &[1, 1, 8]),
        ]
    };
}

//! BatchNorm costs no accuracy: the integers are those of the net into whose weights it was folded by hand.
//!
//! All numbers are multiples of 2^-6 or 2^-12, so that folding by hand is exact in `f32`.

use crate::net::{Net, Subject, noise, runs, settings, window};
use provenn_fixed_point::{QuantGraph, QuantOp, RunArgs, Settings};
use provenn_onnx_ir::{Graph, NodeId, Op};

/// Multiples of 2^-6.
fn grid(seed: u64, count: usize, bound: f32) -> Vec<f32> {
    noise(seed, count, bound).iter().map(|x| (x * 64.0).round() / 64.0).collect()
}

/// A scale and a shift per channel.
struct Norm {
    scale: Vec<f32>,
    shift: Vec<f32>,
}

impl Norm {
    fn new(seed: u64, channels: usize) -> Self {
        let scale = grid(seed, channels, 0.5).iter().map(|x| x + 1.25).collect();
        Norm { scale, shift: grid(seed + 1, channels, 0.75) }
    }

    fn push(&self, net: &mut Net, x: NodeId, shape: &[usize], axis: usize) -> NodeId {
        let mut extents = vec![1; shape.len()];
        extents[axis] = self.scale.len();
        let scale = net.constant(&extents, self.scale.clone());
        let shift = net.constant(&extents, self.shift.clone());
        let scaled = net.push(Op::Mul, &[x, scale], shape);
        net.push(Op::Add, &[scaled, shift], shape)
    }

    /// Weights `[O, C·taps]` and bias of a layer whose operand has `channels` of this norm before it.
    fn before(&self, weights: &mut [f32], bias: &mut [f32], taps: usize) {
        let row = self.scale.len() * taps;
        for (row, bias) in weights.chunks_mut(row).zip(bias) {
            for (column, (a, b)) in row.chunks_mut(taps).zip(self.scale.iter().zip(&self.shift)) {
                *bias += column.iter().sum::<f32>() * b;
                column.iter_mut().for_each(|w| *w *= a);
            }
        }
    }

    /// Weights and bias of a layer with this norm after it.
    fn after(&self, weights: &mut [f32], bias: &mut [f32]) {
        let per_row = weights.len() / bias.len();
        let rows = weights.chunks_mut(per_row).zip(bias);
        for ((row, bias), (a, b)) in rows.zip(self.scale.iter().zip(&self.shift)) {
            row.iter_mut().for_each(|w| *w *= a);
            *bias = *bias * a + b;
        }
    }
}

fn conv(net: &mut Net, x: NodeId, weights: Vec<f32>, bias: Vec<f32>, pad: usize) -> NodeId {
    let (o, size) = (bias.len(), 4 + 2 * pad);
    let k = net.constant(&[o, weights.len() / (o * 9), 3, 3], weights);
    let b = net.constant(&[o], bias);
    let op = Op::Conv { window: window(3, 1, pad), groups: 1 };
    net.push(op, &[x, k, b], &[1, o, size, size])
}

/// `weights [N, K]`.
fn dense(net: &mut Net, x: NodeId, weights: &[f32], bias: Vec<f32>) -> NodeId {
    let (n, k) = (bias.len(), weights.len() / bias.len());
    let transposed = (0..n * k).map(|i| weights[i % n * k + i / n]).collect();
    let w = net.constant(&[1, k, n], transposed);
    let y = net.push(Op::MatMul, &[x, w], &[1, 1, n]);
    let b = net.constant(&[n], bias);
    net.push(Op::Add, &[y, b], &[1, 1, n])
}

/// The operations and steps of a graph.
fn integers(graph: &QuantGraph) -> Vec<(&QuantOp, u64)> {
    graph.tensors.iter().map(|tensor| (&tensor.op, tensor.step.to_bits())).collect()
}

/// Quantises both with the ranges of the first, whose nodes named in `same` are the second's.
fn assert_same(normed: &Graph, folded: &Graph, same: &[(NodeId, NodeId)]) {
    let data = runs(normed, 3, 6, 2.0);
    let args = RunArgs::default();
    let own: Settings = settings(normed, &args, &data);
    let mut other = settings(folded, &args, &data);
    for (a, b) in same {
        let range = own.ranges[&normed.nodes[a.0].name];
        other.ranges.insert(folded.nodes[b.0].name.clone(), range);
    }
    let (normed, folded) = (Subject::new(normed, &own), Subject::new(folded, &other));
    assert_eq!(integers(&normed.quantised), integers(&folded.quantised));
    let (with, without) = (normed.measure(&data).0[0], folded.measure(&data).0[0]);
    assert!(with.worst <= without.worst * (1.0 + 1e-9) + 1e-12, "{with:?} {without:?}");
    let bounds = [&normed, &folded].map(|subject| subject.bounds.outputs[0].worst_case);
    assert!(bounds[0] <= bounds[1] * (1.0 + 1e-9), "{bounds:?}");
}

#[test]
fn after_a_conv_and_before_its_relu() {
    let (weights, bias, norm) = (grid(1, 54, 0.5), grid(2, 3, 0.5), Norm::new(3, 3));
    let mut net = Net::default();
    let x = net.input(&[1, 2, 6, 6]);
    let y = conv(&mut net, x, weights.clone(), bias.clone(), 1);
    let y = norm.push(&mut net, y, &[1, 3, 6, 6], 1);
    let normed_output = net.push(Op::Relu, &[y], &[1, 3, 6, 6]);
    let normed = net.finish(&[normed_output]);

    let (mut weights, mut bias) = (weights, bias);
    norm.after(&mut weights, &mut bias);
    let mut net = Net::default();
    let x = net.input(&[1, 2, 6, 6]);
    let y = conv(&mut net, x, weights, bias, 1);
    let output = net.push(Op::Relu, &[y], &[1, 3, 6, 6]);
    assert_same(&normed, &net.finish(&[output]), &[(normed_output, output)]);
}

#[test]
fn first_in_the_net_and_before_a_conv() {
    let (weights, bias, norm) = (grid(4, 54, 0.5), grid(5, 3, 0.5), Norm::new(6, 2));
    let mut net = Net::default();
    let x = net.input(&[1, 2, 6, 6]);
    let y = norm.push(&mut net, x, &[1, 2, 6, 6], 1);
    let normed_output = conv(&mut net, y, weights.clone(), bias.clone(), 0);
    let normed = net.finish(&[normed_output]);

    let (mut weights, mut bias) = (weights, bias);
    norm.before(&mut weights, &mut bias, 9);
    let mut net = Net::default();
    let x = net.input(&[1, 2, 6, 6]);
    let output = conv(&mut net, x, weights, bias, 0);
    assert_same(&normed, &net.finish(&[output]), &[(normed_output, output)]);
}

#[test]
fn first_in_the_net_and_before_a_dense_layer() {
    let (weights, bias, norm) = (grid(7, 40, 0.5), grid(8, 5, 0.5), Norm::new(9, 8));
    let mut net = Net::default();
    let x = net.input(&[1, 1, 8]);
    let y = norm.push(&mut net, x, &[1, 1, 8], 2);
    let normed_output = dense(&mut net, y, &weights, bias.clone());
    let normed = net.finish(&[normed_output]);

    let (mut weights, mut bias) = (weights, bias);
    norm.before(&mut weights, &mut bias, 1);
    let mut net = Net::default();
    let x = net.input(&[1, 1, 8]);
    let output = dense(&mut net, x, &weights, bias);
    assert_same(&normed, &net.finish(&[output]), &[(normed_output, output)]);
}

#[test]
fn after_a_dense_layer() {
    let (weights, bias, norm) = (grid(10, 40, 0.5), grid(11, 5, 0.5), Norm::new(12, 5));
    let mut net = Net::default();
    let x = net.input(&[1, 1, 8]);
    let y = dense(&mut net, x, &weights, bias.clone());
    let normed_output = norm.push(&mut net, y, &[1, 1, 5], 2);
    let normed = net.finish(&[normed_output]);

    let (mut weights, mut bias) = (weights, bias);
    norm.after(&mut weights, &mut bias);
    let mut net = Net::default();
    let x = net.input(&[1, 1, 8]);
    let output = dense(&mut net, x, &weights, bias);
    assert_same(&normed, &net.finish(&[output]), &[(normed_output, output)]);
}

#[test]
fn after_a_relu_and_before_the_next_layer() {
    let (first, first_bias) = (grid(13, 64, 0.5), grid(14, 8, 0.5));
    let (weights, bias, norm) = (grid(15, 40, 0.5), grid(16, 5, 0.5), Norm::new(17, 8));
    let mut net = Net::default();
    let x = net.input(&[1, 1, 8]);
    let y = dense(&mut net, x, &first, first_bias.clone());
    let normed_relu = net.push(Op::Relu, &[y], &[1, 1, 8]);
    let y = norm.push(&mut net, normed_relu, &[1, 1, 8], 2);
    let normed_output = dense(&mut net, y, &weights, bias.clone());
    let normed = net.finish(&[normed_output]);

    let (mut weights, mut bias) = (weights, bias);
    norm.before(&mut weights, &mut bias, 1);
    let mut net = Net::default();
    let x = net.input(&[1, 1, 8]);
    let y = dense(&mut net, x, &first, first_bias);
    let relu = net.push(Op::Relu, &[y], &[1, 1, 8]);
    let output = dense(&mut net, relu, &weights, bias);
    let same = [(normed_relu, relu), (normed_output, output)];
    assert_same(&normed, &net.finish(&[output]), &same);
}

//! Every term is needed: for each there is a net whose measured error exceeds the bound without it.

use crate::net::{Net, Subject, noise, settings};
use provenn_fixed_point::{ErrorTerms, Range, RunArgs};
use provenn_onnx_ir::{Graph, NodeId, Op, Tensor};

/// Calibrated to ± what is `seen`: measured error of the only output, its bound, and the sum of one term over all tensors.
fn measured(
    graph: &Graph,
    args: &RunArgs,
    seen: &[Vec<f32>],
    inputs: &[Vec<f32>],
    term: fn(&ErrorTerms) -> f64,
) -> (f64, f64, f64) {
    let run = |data: &[Vec<f32>]| -> Vec<Tensor> {
        let shapes = graph.inputs.iter().map(|id| graph.nodes[id.0].shape.clone());
        shapes.zip(data).map(|(shape, data)| Tensor { shape, data: data.clone() }).collect()
    };
    let mirrored: Vec<Vec<f32>> =
        seen.iter().map(|data| data.iter().map(|x| -x).collect()).collect();
    let mut settings = settings(graph, args, &[run(seen), run(&mirrored)]);
    // Inputs at the end of their range may lead beyond those of others, as calibrated.
    for node in graph.nodes.iter().filter(|node| !matches!(node.op, Op::Input { .. })) {
        if let Some(range) = settings.ranges.get_mut(&node.name) {
            let bound = 2.0 * range.magnitude();
            *range = Range { lo: -bound, hi: bound };
        }
    }
    settings.columns.clear();
    let subject = Subject::new(graph, &settings);
    let (errors, admitted) = subject.measure(&[run(inputs)]);
    assert_eq!(admitted, 1);
    let bound = &subject.bounds.outputs[0];
    assert!((bound.terms.total() - bound.worst_case).abs() <= 1e-12 * bound.worst_case);
    let term = subject.bounds.tensors.iter().map(|tensor| term(&tensor.terms)).sum();
    (errors[0].worst, bound.worst_case, term)
}

/// `measured` lies between the bound without the term and the bound.
fn needed((error, bound, term): (f64, f64, f64)) {
    assert!(error <= bound, "{error} > {bound}");
    assert!(term > 0.0 && error > bound - term, "{error} is within {bound} - {term}");
}

fn args(input_scale: i32, output_scale: i32, shift: u32) -> RunArgs {
    let low_bits = Some(shift.min(10) / 2);
    RunArgs {
        input_scale: Some(input_scale),
        output_scale: Some(output_scale),
        shift: Some(shift),
        low_bits,
        ..RunArgs::default()
    }
}

/// `[1, 1, K] · weights`, of one result.
fn weighted(weights: Vec<f32>) -> Graph {
    let k = weights.len();
    let mut net = Net::default();
    let x = net.input(&[1, 1, k]);
    let w = net.constant(&[1, k, 1], weights);
    let y = net.push(Op::MatMul, &[x, w], &[1, 1, 1]);
    net.finish(&[y])
}

#[test]
fn rounding_of_the_result() {
    // A fine input, exact; a coarse output, half way.
    let (seen, inputs) = (vec![vec![-1.0]], vec![vec![0.125]]);
    needed(measured(&weighted(vec![1.0]), &args(13, 2, 14), &seen, &inputs, |terms| {
        terms.rounding
    }));
}

#[test]
fn errors_of_operands() {
    // A coarse input, half way; a fine output.
    let (seen, inputs) = (vec![vec![-1.0]], vec![vec![0.125]]);
    needed(measured(&weighted(vec![1.0]), &args(2, 13, 14), &seen, &inputs, |t| t.inherited));
}

#[test]
fn rounding_of_weights() {
    // Every weight is rounded down by 0.45 of its unit of 1/16, and every input is at its largest.
    let (seen, inputs) = (vec![vec![-1.0; 16]], vec![vec![1.99; 16]]);
    let graph = weighted(vec![1.45 / 16.0; 16]);
    needed(measured(&graph, &args(4, 4, 4), &seen, &inputs, |terms| terms.weights));
}

#[test]
fn rounding_of_the_bias() {
    // Input, bias and result are all rounded upwards, each as far as it can be.
    let mut net = Net::default();
    let x = net.input(&[1, 1, 1]);
    let y = net.shifted(x, 7.51 / 256.0);
    let graph = net.finish(&[y]);
    let (seen, inputs) = (vec![vec![0.9]], vec![vec![0.5 / 16.0]]);
    needed(measured(&graph, &args(4, 4, 4), &seen, &inputs, |terms| terms.bias));
}

#[test]
fn products_of_errors() {
    let mut net = Net::default();
    let (a, b) = (net.input(&[1, 1, 1]), net.input(&[1, 1, 1]));
    let y = net.push(Op::Mul, &[a, b], &[1, 1, 1]);
    let graph = net.finish(&[y]);
    // Both operands are 1.5, the end of their ranges, and round to 2.
    let (seen, inputs) = (vec![vec![0.75], vec![0.75]], vec![vec![1.5], vec![1.5]]);
    let args = args(0, 13, 16);
    needed(measured(&graph, &args, &seen, &inputs, |terms| terms.cross));
    // Either half of a·e_b + b·e_a.
    needed(measured(&graph, &args, &seen, &inputs, |terms| {
        if terms.cross > 0.0 { terms.inherited / 2.0 } else { 0.0 }
    }));
}

#[test]
fn interpolation_by_table() {
    for op in [Op::Sigmoid, Op::Tanh] {
        let mut net = Net::default();
        let x = net.input(&[1, 1, 4000]);
        let y = net.push(op, &[x], &[1, 1, 4000]);
        let graph = net.finish(&[y]);
        let args = RunArgs { low_bits: Some(16), ..args(22, 22, 16) };
        let (seen, inputs) = (vec![noise(1, 4000, 2.9)], vec![noise(2, 4000, 2.9)]);
        needed(measured(&graph, &args, &seen, &inputs, |terms| terms.function));
    }
}

#[test]
fn saturation_at_the_end_of_a_range() {
    let mut net = Net::default();
    let x = net.input(&[1, 1, 1]);
    let graph = Net::finish(net, &[NodeId(x.0)]);
    // The range is ±2, a power of two, and the largest integer is one less.
    let (seen, inputs) = (vec![vec![1.0]], vec![vec![2.0]]);
    needed(measured(&graph, &args(4, 4, 12), &seen, &inputs, |terms| terms.function));
}

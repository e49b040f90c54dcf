//! Nodes that apply the same weights get the same integers for them.
#![allow(missing_docs, clippy::unwrap_used, clippy::cast_precision_loss)]

use provenn_fixed_point::{
    Linear, QuantGraph, QuantOp, RunArgs, Settings, calibrate, generate_settings, quantise,
};
use provenn_onnx_ir::{Graph, Node, NodeId, Op, Tensor};

const WIDTH: usize = 8;

#[derive(Default)]
struct Net(Graph);

impl Net {
    fn node(&mut self, op: Op, inputs: &[NodeId], shape: &[usize]) -> NodeId {
        let name = format!("n{}", self.0.nodes.len());
        let (inputs, shape) = (inputs.to_vec(), shape.to_vec());
        self.0.nodes.push(Node { name, op, inputs, shape });
        NodeId(self.0.nodes.len() - 1)
    }

    fn input(&mut self) -> NodeId {
        let index = self.0.inputs.len();
        let id = self.node(Op::Input { index }, &[], &[1, WIDTH]);
        self.0.inputs.push(id);
        id
    }

    fn constant(&mut self, shape: &[usize], seed: usize) -> NodeId {
        let len: usize = shape.iter().product();
        let value = |i: usize| ((i * 37 + seed * 11) % 23) as f32 / 23.0 - 0.45;
        let tensor = Tensor { shape: shape.to_vec(), data: (0..len).map(value).collect() };
        self.node(Op::Constant(tensor), &[], shape)
    }

    /// `[1, WIDTH]` by weights; each node has a copy of its own, as exporters write it.
    fn product(&mut self, x: NodeId, seed: usize) -> NodeId {
        let w = self.constant(&[1, WIDTH, WIDTH], seed);
        let rows = self.node(Op::Reshape, &[x], &[1, 1, WIDTH]);
        let y = self.node(Op::MatMul, &[rows, w], &[1, 1, WIDTH]);
        self.node(Op::Reshape, &[y], &[1, WIDTH])
    }
}

/// Two towers of two layers.
fn towers() -> Graph {
    let mut net = Net::default();
    for _ in 0..2 {
        let x = net.input();
        let hidden = net.product(x, 1);
        let hidden = net.node(Op::Relu, &[hidden], &[1, WIDTH]);
        let y = net.product(hidden, 2);
        net.0.outputs.push(y);
    }
    net.0
}

/// `h_t = tanh(W·x_t + U·h_(t−1))`.
fn recurrent(steps: usize) -> Graph {
    let mut net = Net::default();
    let mut state = net.input();
    for _ in 0..steps {
        let x = net.input();
        let (a, b) = (net.product(x, 3), net.product(state, 4));
        let sum = net.node(Op::Add, &[a, b], &[1, WIDTH]);
        state = net.node(Op::Tanh, &[sum], &[1, WIDTH]);
    }
    net.0.outputs.push(state);
    net.0
}

fn quantised(graph: &Graph, scales: &[f32]) -> (Settings, QuantGraph) {
    let observation = |at: usize| -> Vec<Tensor> {
        let input = |(i, scale): (usize, &f32)| {
            let value = |j: usize| scale * (((at * 7 + i * 5 + j * 3) % 11) as f32 / 5.0 - 1.0);
            Tensor { shape: vec![1, WIDTH], data: (0..WIDTH).map(value).collect() }
        };
        scales.iter().enumerate().map(input).collect()
    };
    let data: Vec<Vec<Tensor>> = (0..16).map(observation).collect();
    let settings = generate_settings(graph, &RunArgs::default(), "test").unwrap();
    let settings = calibrate(graph, &settings, &data).unwrap();
    let quantised = quantise(graph, &settings).unwrap();
    (settings, quantised)
}

/// How many different matrices of weights of products are among how many.
fn weights(graph: &QuantGraph) -> (usize, usize) {
    let mut all = vec![];
    for tensor in &graph.tensors {
        if let QuantOp::Rescale { linear: Linear::Dense { weights, .. }, .. } = &tensor.op {
            all.push(weights.clone());
        }
    }
    let count = all.len();
    all.sort();
    all.dedup();
    (all.len(), count)
}

#[test]
fn towers_of_about_the_same_size_share_their_weights() {
    let graph = towers();
    let (settings, near) = quantised(&graph, &[1.0, 1.7]);
    assert_eq!(weights(&near), (2, 4));
    assert_eq!(settings.ranges["n0"], settings.ranges[&graph.nodes[graph.inputs[1].0].name]);
    // A common range would take six bits from the smaller.
    let (settings, _) = quantised(&graph, &[1.0, 64.0]);
    assert_ne!(settings.ranges["n0"], settings.ranges[&graph.nodes[graph.inputs[1].0].name]);
}

#[test]
fn steps_of_a_recurrent_net_share_their_weights() {
    let scales = [0.5, 1.0, 1.1, 0.9, 1.2];
    let (_, graph) = quantised(&recurrent(4), &scales);
    // The first state is an input, with a step that people can reproduce by hand; the others are results.
    assert_eq!(weights(&graph), (3, 8));
}

#[test]
fn other_weights_are_told_apart() {
    let mut net = Net::default();
    for seed in [1, 2] {
        let x = net.input();
        let y = net.product(x, seed);
        net.0.outputs.push(y);
    }
    let (settings, graph) = quantised(&net.0, &[1.0, 1.5]);
    assert_eq!(weights(&graph), (2, 2));
    let [a, b] = [0, 1].map(|i| settings.ranges[&net.0.nodes[net.0.inputs[i].0].name]);
    assert_ne!(a, b);
}

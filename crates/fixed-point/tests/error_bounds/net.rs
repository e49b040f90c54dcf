//! Small graphs by hand, and the measured distance between their two evaluations.

use crate::reference;
use provenn_fixed_point::{
    CalibrateError, ErrorBounds, InterpretError, QuantGraph, RunArgs, Settings, TensorId,
    calibrate, generate_settings, quantise, quantise_with_bounds,
};
use provenn_onnx_ir::{Graph, Node, NodeId, Op, Tensor, Window};

/// Deterministic floats in ±bound.
pub(crate) fn noise(seed: u64, count: usize, bound: f32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 40) as f32 / (1 << 23) as f32 - 1.0) * bound
    };
    next();
    (0..count).map(|_| next()).collect()
}

#[derive(Default)]
pub(crate) struct Net {
    nodes: Vec<Node>,
    inputs: Vec<NodeId>,
}

impl Net {
    pub(crate) fn push(&mut self, op: Op, inputs: &[NodeId], shape: &[usize]) -> NodeId {
        let id = NodeId(self.nodes.len());
        let name = format!("n{}", id.0);
        self.nodes.push(Node { name, op, inputs: inputs.to_vec(), shape: shape.to_vec() });
        id
    }

    pub(crate) fn input(&mut self, shape: &[usize]) -> NodeId {
        let index = self.inputs.len();
        let id = self.push(Op::Input { index }, &[], shape);
        self.inputs.push(id);
        id
    }

    pub(crate) fn constant(&mut self, shape: &[usize], data: Vec<f32>) -> NodeId {
        self.push(Op::Constant(Tensor { shape: shape.to_vec(), data }), &[], shape)
    }

    /// `[1, C, H, W]` to `[1, O, H, W]` with a 3×3 kernel, padded or not.
    pub(crate) fn conv(&mut self, x: NodeId, o: usize, pad: usize, seed: u64) -> NodeId {
        let &[n, c, h, w] = self.nodes[x.0].shape.as_slice() else { unreachable!() };
        let k = self.constant(&[o, c, 3, 3], noise(seed, o * c * 9, 0.4));
        let b = self.constant(&[o], noise(seed + 1, o, 0.5));
        let window = window(3, 1, pad);
        self.push(
            Op::Conv { window, groups: 1 },
            &[x, k, b],
            &[n, o, h + 2 * pad - 2, w + 2 * pad - 2],
        )
    }

    pub(crate) fn dense(&mut self, x: NodeId, n: usize, seed: u64) -> NodeId {
        let &[1, rows, k] = self.nodes[x.0].shape.as_slice() else { unreachable!() };
        let w = self.constant(&[1, k, n], noise(seed, k * n, 0.8));
        let y = self.push(Op::MatMul, &[x, w], &[1, rows, n]);
        let b = self.constant(&[n], noise(seed + 1, n, 0.5));
        self.push(Op::Add, &[y, b], &[1, rows, n])
    }

    /// BatchNorm as the importer delivers it: a scale and a shift per channel.
    pub(crate) fn batch_norm(&mut self, x: NodeId, seed: u64) -> NodeId {
        let shape = self.nodes[x.0].shape.clone();
        let c = shape[1];
        let scale = noise(seed, c, 0.6).iter().map(|x| x + 1.1).collect();
        let (a, b) = (
            self.constant(&[1, c, 1, 1], scale),
            self.constant(&[1, c, 1, 1], noise(seed + 1, c, 0.7)),
        );
        let scaled = self.push(Op::Mul, &[x, a], &shape);
        self.push(Op::Add, &[scaled, b], &shape)
    }

    pub(crate) fn shifted(&mut self, x: NodeId, by: f32) -> NodeId {
        let shape = self.nodes[x.0].shape.clone();
        let by = self.constant(&[1], vec![by]);
        self.push(Op::Add, &[x, by], &shape)
    }

    pub(crate) fn finish(self, outputs: &[NodeId]) -> Graph {
        Graph {
            nodes: self.nodes,
            inputs: self.inputs,
            outputs: outputs.to_vec(),
            ..Graph::default()
        }
    }
}

pub(crate) fn window(kernel: usize, stride: usize, pad: usize) -> Window {
    Window {
        kernel: [kernel; 2],
        stride: [stride; 2],
        dilation: [1, 1],
        pad_before: [pad; 2],
        pad_after: [pad; 2],
    }
}

/// Inputs in ±bound.
pub(crate) fn runs(graph: &Graph, seed: u64, count: u64, bound: f32) -> Vec<Vec<Tensor>> {
    let run = |run: u64| {
        let tensor = |(i, id): (usize, &NodeId)| {
            let shape = graph.nodes[id.0].shape.clone();
            let data = noise(seed * 1009 + run * 97 + i as u64, shape.iter().product(), bound);
            Tensor { shape, data }
        };
        graph.inputs.iter().enumerate().map(tensor).collect()
    };
    (0..count).map(run).collect()
}

pub(crate) fn settings(graph: &Graph, args: &RunArgs, data: &[Vec<Tensor>]) -> Settings {
    try_settings(graph, args, data).unwrap()
}

pub(crate) fn try_settings(
    graph: &Graph,
    args: &RunArgs,
    data: &[Vec<Tensor>],
) -> Result<Settings, CalibrateError> {
    let settings = generate_settings(graph, args, "test")?;
    calibrate(graph, &settings, data)
}

/// The measured distances of one output.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Measured {
    pub(crate) worst: f64,
    squares: f64,
    count: f64,
}

impl Measured {
    pub(crate) fn rms(&self) -> f64 {
        (self.squares / self.count.max(1.0)).sqrt()
    }
}

/// A quantised graph with its bounds.
pub(crate) struct Subject<'g> {
    graph: &'g Graph,
    settings: &'g Settings,
    pub(crate) quantised: QuantGraph,
    pub(crate) bounds: ErrorBounds,
}

impl<'g> Subject<'g> {
    pub(crate) fn new(graph: &'g Graph, settings: &'g Settings) -> Self {
        let (quantised, bounds) = quantise_with_bounds(graph, settings).unwrap();
        assert_eq!(quantised, quantise(graph, settings).unwrap());
        assert_eq!(bounds.tensors.len(), quantised.tensors.len());
        for (at, bound) in bounds.tensors.iter().enumerate() {
            assert!(bound.worst_case.is_finite() && bound.expected.is_finite(), "{bound:?}");
            assert!(bound.expected <= bound.worst_case * 2.0 + 1e-12, "{bound:?}");
            let step = quantised.grid(TensorId(at)).coarsest();
            assert!((bound.step / step - 1.0).abs() < 1e-12, "{bound:?}, step {step}");
        }
        Subject { graph, settings, quantised, bounds }
    }

    /// Whether every node's float value lies in its calibrated range: the bounds' premise.
    pub(crate) fn admits(&self, values: &[Vec<f64>]) -> bool {
        self.graph.nodes.iter().zip(values).all(|(node, values)| {
            let Some(range) = self.settings.ranges.get(&node.name) else { return true };
            let columns = self.settings.columns.get(&node.name);
            values.iter().enumerate().all(|(i, x)| {
                let column = columns.map(|c| c.ranges[i / c.inner % c.ranges.len()]);
                [Some(*range), column].iter().flatten().all(|r| r.lo <= *x && *x <= r.hi)
            })
        })
    }

    /// Distances per output over the runs that the premise admits, and how many those are.
    pub(crate) fn measure(&self, runs: &[Vec<Tensor>]) -> (Vec<Measured>, usize) {
        let mut measured = vec![Measured::default(); self.graph.outputs.len()];
        let mut admitted = 0;
        for inputs in runs {
            let exact = reference::evaluate(self.graph, inputs);
            if !self.admits(&exact) {
                continue;
            }
            let integers = self.quantised.quantise_inputs(inputs).unwrap();
            let values = match self.quantised.interpret(&integers.values) {
                // Of a few bits, a divisor may come to lie below the least that calibration says: refused, not wrong.
                Err(InterpretError::Divisor { .. }) => continue,
                values => values.unwrap(),
            };
            admitted += 1;
            let outputs = self.quantised.outputs.iter().zip(&self.graph.outputs);
            for ((id, node), measured) in outputs.zip(&mut measured) {
                let grid = self.quantised.grid(*id);
                assert_eq!(values[id.0].len(), exact[node.0].len());
                for (got, want) in grid.reals(&values[id.0]).iter().zip(&exact[node.0]) {
                    let distance = (got - want).abs();
                    measured.worst = measured.worst.max(distance);
                    measured.squares += distance * distance;
                    measured.count += 1.0;
                }
            }
        }
        (measured, admitted)
    }

    /// Measures, and compares with the proven bounds.
    pub(crate) fn check(&self, runs: &[Vec<Tensor>]) -> Result<usize, String> {
        let (measured, admitted) = self.measure(runs);
        for (measured, bound) in measured.iter().zip(&self.bounds.outputs) {
            if measured.worst > bound.worst_case {
                return Err(format!("measured {:e}, bound {bound:?}", measured.worst));
            }
        }
        Ok(admitted)
    }
}

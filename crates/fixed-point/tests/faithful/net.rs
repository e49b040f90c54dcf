//! Nets and their quantised forms.

use provenn_fixed_point::{
    QuantGraph, RunArgs, Saturation, Settings, calibrate, generate_settings, quantise,
};
use provenn_onnx_ir::{Graph, Node, NodeId, Op, Tensor};

#[derive(Default)]
pub(super) struct Net {
    pub(super) nodes: Vec<Node>,
    pub(super) inputs: Vec<NodeId>,
}

impl Net {
    pub(super) fn push(
        &mut self,
        name: &str,
        op: Op,
        inputs: &[NodeId],
        shape: &[usize],
    ) -> NodeId {
        let (name, inputs, shape) = (name.to_owned(), inputs.to_vec(), shape.to_vec());
        self.nodes.push(Node { name, op, inputs, shape });
        NodeId(self.nodes.len() - 1)
    }

    pub(super) fn input(&mut self, shape: &[usize]) -> NodeId {
        let index = self.inputs.len();
        let id = self.push(&format!("x{index}"), Op::Input { index }, &[], shape);
        self.inputs.push(id);
        id
    }

    pub(super) fn constant(&mut self, shape: &[usize], data: &[f32]) -> NodeId {
        let tensor = Tensor { shape: shape.to_vec(), data: data.to_vec() };
        let name = format!("c{}", self.nodes.len());
        self.push(&name, Op::Constant(tensor), &[], shape)
    }

    pub(super) fn finish(self, output: NodeId) -> Graph {
        Graph { nodes: self.nodes, inputs: self.inputs, outputs: vec![output], ..Graph::default() }
    }
}

/// Deterministic values in -1..1.
pub(super) fn noise(seed: usize, count: usize) -> Vec<f32> {
    let value = |i: usize| ((seed * 7919 + i * 104_729) % 2003) as f32 / 1001.0 - 1.0;
    (0..count).map(value).collect()
}

pub(super) struct Quantised {
    pub(super) graph: Graph,
    pub(super) quantised: QuantGraph,
}

impl Quantised {
    pub(super) fn new(graph: Graph, data: &[Vec<Vec<f32>>]) -> Self {
        let (settings, quantised) = settings(&graph, data);
        assert_eq!(settings.outputs.len(), 1);
        Quantised { graph, quantised }
    }

    pub(super) fn run(&self, data: &[Vec<f32>]) -> (Vec<f64>, Vec<f32>, Vec<Saturation>) {
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
    pub(super) fn tracks(&self, data: &[Vec<Vec<f32>>], most: f64) {
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

pub(super) fn tensors(graph: &Graph, data: &[Vec<f32>]) -> Vec<Tensor> {
    let shapes = graph.inputs.iter().map(|id| graph.nodes[id.0].shape.clone());
    shapes.zip(data).map(|(shape, data)| Tensor { shape, data: data.clone() }).collect()
}

pub(super) fn settings(graph: &Graph, data: &[Vec<Vec<f32>>]) -> (Settings, QuantGraph) {
    settings_with(graph, data, &RunArgs::default())
}

pub(super) fn settings_with(
    graph: &Graph,
    data: &[Vec<Vec<f32>>],
    args: &RunArgs,
) -> (Settings, QuantGraph) {
    let settings = generate_settings(graph, args, "test").unwrap();
    let observations: Vec<_> = data.iter().map(|data| tensors(graph, data)).collect();
    let settings = calibrate(graph, &settings, &observations).unwrap();
    let quantised = quantise(graph, &settings).unwrap();
    quantised.validate().unwrap();
    (settings, quantised)
}

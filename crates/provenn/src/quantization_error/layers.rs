//! Errors inside the model, node by node.

use provenn_fixed_point::{ErrorBounds, QuantGraph, QuantOp, TensorId};
use provenn_onnx_ir::{Graph, Tensor};
use serde::Serialize;
use std::collections::BTreeMap;

/// A node's distance from its float value over all observations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerError {
    /// The ONNX node.
    pub node: String,
    /// Its operator.
    pub onnx_op: String,
    /// Elements per observation.
    pub elements: usize,
    /// Real value of one unit, of the coarsest column.
    pub step: f64,
    /// Mean |quantised − float|.
    pub mean: f64,
    /// Root of the mean squared distance.
    pub rms: f64,
    /// Largest distance.
    pub max: f64,
    /// The largest distance in units.
    pub max_units: f64,
    /// Estimate of `rms` from the settings alone.
    pub expected: f64,
    /// Proven bound of `max` for inputs within the calibrated ranges.
    pub worst_case: f64,
}

/// Sums over observations.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    count: f64,
    absolute: f64,
    squares: f64,
    max: f64,
}

impl Sums {
    fn add(&mut self, distance: f64) {
        self.count += 1.0;
        self.absolute += distance;
        self.squares += distance * distance;
        self.max = self.max.max(distance);
    }

    pub(super) fn join(self, other: Sums) -> Sums {
        Sums {
            count: self.count + other.count,
            absolute: self.absolute + other.absolute,
            squares: self.squares + other.squares,
            max: self.max.max(other.max),
        }
    }
}

/// Tensors that stand for a whole float node: pairs of tensor and node. Of several tensors of one node the last
/// is its value, the others are on the way to it. What is cut to what its readers tell apart (a mask) stands for
/// no float value.
pub(super) fn pairs(
    graph: &Graph,
    quantised: &QuantGraph,
    bounds: &ErrorBounds,
) -> Vec<(usize, usize)> {
    let nodes: BTreeMap<&str, usize> =
        graph.nodes.iter().enumerate().map(|(i, node)| (node.name.as_str(), i)).collect();
    let mut last: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, tensor) in quantised.tensors.iter().enumerate() {
        let Some(&node) = nodes.get(tensor.name.as_str()) else { continue };
        let whole = graph.nodes[node].shape.iter().product::<usize>() == tensor.len();
        let comparable = bounds.tensors.get(at).is_some_and(|bound| !bound.cut);
        if whole && comparable && !matches!(tensor.op, QuantOp::View { .. }) {
            last.insert(node, at);
        }
    }
    let mut pairs: Vec<_> = last.into_iter().map(|(node, tensor)| (tensor, node)).collect();
    pairs.sort_unstable();
    pairs
}

/// Distances of one observation.
pub(super) fn measure(
    pairs: &[(usize, usize)],
    quantised: &QuantGraph,
    values: &[Vec<i64>],
    float: &[Tensor],
) -> Vec<Sums> {
    pairs
        .iter()
        .map(|&(tensor, node)| {
            let (reals, mut sums) =
                (quantised.grid(TensorId(tensor)).reals(&values[tensor]), Sums::default());
            for (x, &f) in reals.into_iter().zip(&float[node].data) {
                sums.add((x - f64::from(f)).abs());
            }
            sums
        })
        .collect()
}

/// The sums as errors.
pub(super) fn layers(
    pairs: &[(usize, usize)],
    quantised: &QuantGraph,
    bounds: &ErrorBounds,
    sums: &[Sums],
) -> Vec<LayerError> {
    pairs
        .iter()
        .zip(sums)
        .map(|(&(at, _), sums)| {
            let (tensor, bound) = (&quantised.tensors[at], bounds.tensors.get(at));
            let step = quantised.grid(TensorId(at)).coarsest();
            let count = sums.count.max(1.0);
            LayerError {
                node: tensor.name.clone(),
                onnx_op: tensor.onnx_op.clone(),
                elements: tensor.len(),
                step,
                mean: sums.absolute / count,
                rms: (sums.squares / count).sqrt(),
                max: sums.max,
                max_units: sums.max / step,
                expected: bound.map_or(f64::NAN, |b| b.expected),
                worst_case: bound.map_or(f64::NAN, |b| b.worst_case),
            }
        })
        .collect()
}

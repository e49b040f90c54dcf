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

/// A tensor that stands for a whole float node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    tensor: usize,
    node: usize,
    order: Order,
}

/// How a tensor holds the elements of its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// As they are.
    Same,
    /// Columns first: a matrix product over many rows has a plane for each column, with so many rows.
    Columns { rows: usize },
}

impl Order {
    /// The order in which a tensor of one shape holds a node of another; `None` where the shapes do not tell.
    fn of(tensor: &[usize], node: &[usize]) -> Option<Self> {
        let moving = |shape: &[usize]| -> Vec<usize> {
            shape.iter().copied().filter(|&extent| extent > 1).collect()
        };
        let &[columns, 1, rows] = tensor else {
            let same = moving(tensor) == moving(node) || moving(tensor).len() <= 1;
            return same.then_some(Order::Same);
        };
        let turned = node.last() == Some(&columns) && columns > 1 && rows > 1;
        match (moving(tensor) == moving(node), turned) {
            (true, false) => Some(Order::Same),
            (false, true) => Some(Order::Columns { rows }),
            // A square, which may be either.
            (true, true) | (false, false) => None,
        }
    }

    /// The node's element that a tensor of so many elements holds at `i`.
    fn element(self, i: usize, elements: usize) -> usize {
        match self {
            Order::Same => i,
            Order::Columns { rows } => i % rows * (elements / rows) + i / rows,
        }
    }
}

/// Tensors that stand for a whole float node. Of several tensors of one node the last
/// is its value, the others are on the way to it. What is cut to what its readers tell apart (a mask) stands for
/// no float value.
pub(super) fn pairs(graph: &Graph, quantised: &QuantGraph, bounds: &ErrorBounds) -> Vec<Pair> {
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
    let pair = |(node, tensor): (usize, usize)| {
        let order = Order::of(&quantised.tensors[tensor].shape, &graph.nodes[node].shape)?;
        Some(Pair { tensor, node, order })
    };
    let mut pairs: Vec<Pair> = last.into_iter().filter_map(pair).collect();
    pairs.sort_unstable_by_key(|pair| pair.tensor);
    pairs
}

/// Distances of one observation.
pub(super) fn measure(
    pairs: &[Pair],
    quantised: &QuantGraph,
    values: &[Vec<i64>],
    float: &[Tensor],
) -> Vec<Sums> {
    pairs
        .iter()
        .map(|&Pair { tensor, node, order }| {
            let reals = quantised.grid(TensorId(tensor)).reals(&values[tensor]);
            let (elements, data) = (reals.len(), &float[node].data);
            let mut sums = Sums::default();
            for (i, x) in reals.into_iter().enumerate() {
                let exact =
                    data.get(order.element(i, elements)).copied().map_or(f64::NAN, f64::from);
                sums.add((x - exact).abs());
            }
            sums
        })
        .collect()
}

/// The sums as errors.
pub(super) fn layers(
    pairs: &[Pair],
    quantised: &QuantGraph,
    bounds: &ErrorBounds,
    sums: &[Sums],
) -> Vec<LayerError> {
    pairs
        .iter()
        .zip(sums)
        .map(|(&Pair { tensor: at, .. }, sums)| {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_of_a_matrix_product_are_its_columns() {
        let order = Order::of(&[3, 1, 2], &[1, 2, 3]);
        assert_eq!(order, Some(Order::Columns { rows: 2 }));
        let elements: Vec<usize> = (0..6).filter_map(|i| Some(order?.element(i, 6))).collect();
        assert_eq!(elements, [0, 3, 1, 4, 2, 5]);
        assert_eq!(Order::of(&[3, 2, 2], &[1, 3, 2, 2]), Some(Order::Same));
        assert_eq!(Order::of(&[3, 1, 2], &[1, 3, 1, 2]), Some(Order::Same));
        assert_eq!(Order::of(&[6], &[2, 3]), Some(Order::Same));
        assert_eq!(Order::of(&[3, 1, 3], &[1, 3, 3]), None);
    }
}

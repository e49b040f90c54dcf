//! From floats to integers and back, at the ends of the graph.

use crate::convert::{ceil_log2, real};
use crate::grid::Grid;
use crate::quant_graph::{Embedding, Gather, Interval, QuantGraph, QuantOp, TensorId};
use crate::round::round;
use crate::settings::Range;
use provenn_onnx_ir::Tensor;
use std::collections::BTreeSet;

/// Quantised inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantisedInputs {
    /// Integers of every input, row-major.
    pub values: Vec<Vec<i64>>,
    /// Per input, the flat indices that lay outside the interval and were clamped to its ends.
    pub saturated: Vec<Vec<usize>>,
}

/// Why inputs cannot be quantised.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// Another number of inputs.
    #[error("the model takes {expected} inputs, got {got}; pass one per graph input, in order")]
    Count {
        /// Inputs of the model.
        expected: usize,
        /// Inputs given.
        got: usize,
    },
    /// Another number of elements.
    #[error("input {index} (`{node}`) has {expected} elements, got {got}; check its shape")]
    Size {
        /// Position of the input.
        index: usize,
        /// Its node.
        node: String,
        /// Elements of the model's input.
        expected: usize,
        /// Elements given.
        got: usize,
    },
    /// An index that names nothing, whatever the axis.
    #[error(
        "input {index} (`{node}`) is {value} at element {element}, and indices lie within [{lo}, {hi}]; calibrate with data like this input"
    )]
    Index {
        /// Position of the input.
        index: usize,
        /// Its node.
        node: String,
        /// Flat index.
        element: usize,
        /// The value, as text.
        value: String,
        /// The input's least integer.
        lo: i64,
        /// Its largest one.
        hi: i64,
    },
    /// NaN or an infinity.
    #[error(
        "input {index} (`{node}`) is not finite at element {element}; remove NaN and infinities"
    )]
    NotFinite {
        /// Position of the input.
        index: usize,
        /// Its node.
        node: String,
        /// Flat index.
        element: usize,
    },
}

/// The interval of an input: the calibrated magnitude rounded up to a power of two and to whole blocks of 2^low_bits;
/// `None` beyond 40 bits.
pub(crate) fn input_interval(range: Range, step: f64, low_bits: u32) -> Option<Interval> {
    let bits =
        ceil_log2((range.magnitude() / step).max(1.0)).max(crate::convert::exponent(low_bits));
    let bound = 1_i64 << u32::try_from(bits).ok().filter(|&bits| bits <= 40)?;
    Some(Interval { lo: if range.lo < 0.0 { -bound } else { 0 }, hi: bound - 1 })
}

/// Finite reals as integers of a grid, and the flat indices of those that lay outside the interval and were clamped to its
/// ends.
#[must_use]
pub fn quantise_values(reals: &[f32], grid: &Grid, interval: Interval) -> (Vec<i64>, Vec<usize>) {
    let Interval { lo, hi } = interval;
    let mut saturated = vec![];
    let integer = |(element, &x): (usize, &f32)| {
        let (offset, step) = grid.column(element);
        let scaled = (f64::from(x) - offset) / step;
        let nearest = round(scaled.clamp(real(lo) - 1.0, real(hi) + 1.0)).unwrap_or(lo);
        let value = nearest.clamp(lo, hi);
        if value != nearest {
            saturated.push(element);
        }
        value
    };
    let integers = reals.iter().enumerate().map(integer).collect();
    (integers, saturated)
}

impl QuantGraph {
    /// Rounds inputs to the graph's steps, clamping what lies outside an input's interval.
    ///
    /// # Errors
    /// [`InputError`] for another number of inputs or elements, NaN and infinities, and indices outside an input's interval:
    /// another index would be another row.
    pub fn quantise_inputs(&self, inputs: &[Tensor]) -> Result<QuantisedInputs, InputError> {
        if inputs.len() != self.inputs.len() {
            return Err(InputError::Count { expected: self.inputs.len(), got: inputs.len() });
        }
        let mut quantised = QuantisedInputs { values: vec![], saturated: vec![] };
        let indices = self.indices();
        for (index, (tensor, id)) in inputs.iter().zip(&self.inputs).enumerate() {
            let input = &self.tensors[id.0];
            let node = || input.name.clone();
            if tensor.data.len() != input.len() {
                let (expected, got) = (input.len(), tensor.data.len());
                return Err(InputError::Size { index, node: node(), expected, got });
            }
            let Interval { lo, hi } = input.interval;
            let grid = self.grid(*id);
            if let Some(element) = tensor.data.iter().position(|x| !x.is_finite()) {
                return Err(InputError::NotFinite { index, node: node(), element });
            }
            let (values, saturated) = quantise_values(&tensor.data, &grid, input.interval);
            if let Some(&element) = saturated.first().filter(|_| indices.contains(id)) {
                let (node, value) = (node(), tensor.data[element].to_string());
                return Err(InputError::Index { index, node, element, value, lo, hi });
            }
            quantised.values.push(values);
            quantised.saturated.push(saturated);
        }
        Ok(quantised)
    }

    /// The tensors that serve as indices, themselves or through views.
    fn indices(&self) -> BTreeSet<TensorId> {
        let mut indices = BTreeSet::new();
        for (at, tensor) in self.tensors.iter().enumerate().rev() {
            match &tensor.op {
                QuantOp::Gather(Gather { indices: of, .. })
                | QuantOp::Embedding(Embedding { indices: of, .. }) => {
                    indices.insert(*of);
                }
                QuantOp::View { sources, .. } if indices.contains(&TensorId(at)) => {
                    indices.extend(sources);
                }
                QuantOp::View { .. }
                | QuantOp::Input { .. }
                | QuantOp::Exact { .. }
                | QuantOp::Rescale { .. }
                | QuantOp::Quotient(_)
                | QuantOp::Root { .. }
                | QuantOp::Sort { .. }
                | QuantOp::Maximum { .. } => {}
            }
        }
        indices
    }

    /// The output tensors among the values of [`interpret`](QuantGraph::interpret), in order.
    #[must_use]
    pub fn outputs(&self, values: &[Vec<i64>]) -> Vec<Vec<i64>> {
        self.outputs.iter().filter_map(|id| values.get(id.0).cloned()).collect()
    }

    /// Output integers as floats, shaped as the quantised graph has them (without batch).
    #[must_use]
    pub fn dequantise(&self, outputs: &[Vec<i64>]) -> Vec<Tensor> {
        let output = |(integers, id): (&Vec<i64>, &crate::TensorId)| {
            let shape = self.tensors[id.0].shape.clone();
            Tensor { shape, data: self.grid(*id).dequantise(integers) }
        };
        outputs.iter().zip(&self.outputs).map(output).collect()
    }
}

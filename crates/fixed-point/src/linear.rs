//! Linear forms: what each of them is, one file per form.
//!
//! A form says what it reads, which sizes must agree, what it takes to evaluate, what its integers are, and which
//! interval is proven of them. This file asks the form at hand.

mod chunks;
mod combine;
mod contract;
mod conv;
mod convolution;
mod dense;
mod exact;
mod full_product;
mod images;
mod mat_mul;
mod operands;
mod product;
mod sums;
mod taken;

pub use full_product::FullProduct;
pub use images::Images;
pub(crate) use operands::Operands;
pub(crate) use taken::Taken;

use crate::committed::Committed;
use crate::interpret_error::InterpretError;
use crate::quant_graph::{Interval, Linear, QuantGraph, QuantTensor, TensorId};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;
use operands::of;
use sums::spread;

impl Linear {
    /// The tensors read, in order.
    #[must_use]
    pub fn operands(&self) -> Vec<TensorId> {
        match self {
            Linear::Dense { input, .. } | Linear::Conv { input, .. } => vec![*input],
            Linear::MatMul { a, b, .. } | Linear::Contract { a, b, .. } => vec![*a, *b],
            Linear::Combine { terms } => terms.iter().map(|(id, _)| *id).collect(),
        }
    }

    /// Checks that operands, weights and result agree in size.
    pub(crate) fn check(&self, sizes: Sizes<'_>) -> Result<(), ValidateError> {
        match self {
            Linear::Dense { input, weights } => dense::check(sizes, *input, weights),
            Linear::Conv { .. } => conv::check(sizes, self),
            Linear::MatMul { a, b, multiplier } => mat_mul::check(sizes, [*a, *b], *multiplier),
            Linear::Combine { terms } => combine::check(sizes, terms),
            Linear::Contract { a, b, multiplier } => contract::check(sizes, [*a, *b], *multiplier),
        }
    }

    /// What a tensor of `len` elements takes that the form makes.
    pub(crate) fn work(&self, graph: &QuantGraph, len: u128) -> Taken {
        match self {
            Linear::Dense { input, weights } => dense::work(graph, *input, weights, len),
            Linear::Conv { .. } => conv::work(graph, self),
            Linear::MatMul { a, b, .. } => mat_mul::work(graph, [*a, *b], len),
            Linear::Combine { terms } => combine::work(terms, len),
            Linear::Contract { a, .. } => contract::work(graph, *a, len),
        }
    }

    /// Multiply-accumulates of a tensor of `len` elements.
    #[must_use]
    pub fn multiply_accumulates(&self, graph: &QuantGraph, len: usize) -> usize {
        let elements = |id: &TensorId| graph.tensors.get(id.0).map_or(0, QuantTensor::len);
        match self {
            Linear::Dense { weights, .. } => weights.len(),
            Linear::Conv { kernel_shape: [_, c, h, w], .. } => len * c * h * w,
            Linear::MatMul { a, .. } => {
                let inner = graph.tensors.get(a.0).and_then(|a| a.shape.last());
                len * inner.copied().unwrap_or(0)
            }
            Linear::Contract { a, .. } => elements(a),
            Linear::Combine { terms } => len * terms.len(),
        }
    }

    /// The integers `y`, without bias.
    pub(crate) fn accumulate(
        &self,
        operands: Operands<'_>,
        shape: &[usize],
    ) -> Result<Vec<i64>, InterpretError> {
        let len: usize = shape.iter().product();
        match self {
            Linear::Dense { input, weights } => dense::accumulate(operands, *input, weights, len),
            Linear::Conv { .. } => conv::accumulate(operands, self, shape),
            Linear::MatMul { a, b, multiplier } => {
                mat_mul::accumulate(operands, [*a, *b], *multiplier, len)
            }
            Linear::Combine { terms } => combine::accumulate(operands, terms, len),
            Linear::Contract { a, b, multiplier } => {
                contract::accumulate(operands, [*a, *b], *multiplier, len)
            }
        }
    }

    /// The proven interval of `y + bias`: over every element, and for `Conv` over every partial sum of its
    /// boundary, where any tap of the kernel and the bias may be absent. Of committed weights it is what their bits allow.
    ///
    /// `None` where `y`, with bias or without, could reach 2^62, or an operand does not exist.
    pub(crate) fn interval(
        &self,
        graph: &QuantGraph,
        bias: &[i64],
        committed: Option<Committed>,
        len: usize,
    ) -> Option<Interval> {
        let hull = match self {
            Linear::Dense { input, weights } => match committed {
                Some(committed) => {
                    committed.sum(of(graph, *input)?, weights.len() / len.max(1), false)
                }
                None => dense::interval(graph, *input, weights, bias, len),
            },
            Linear::Conv { input, kernel, kernel_shape, .. } => match committed {
                Some(committed) => {
                    let taps = kernel.len() / kernel_shape[0].max(1);
                    committed.sum(of(graph, *input)?, taps, true)
                }
                None => conv::interval(graph, self, bias),
            },
            Linear::MatMul { a, b, multiplier } => {
                spread(mat_mul::interval(graph, [*a, *b], *multiplier)?, bias)
            }
            Linear::Combine { terms } => combine::interval(graph, terms, bias, len),
            Linear::Contract { a, b, multiplier } => {
                spread(contract::interval(graph, [*a, *b], *multiplier, len)?, bias)
            }
        };
        hull?.accumulator()
    }

    /// Whether it has weights that can be committed, all of these bits, and the bias has as many digits.
    pub(crate) fn is_committed_as(&self, committed: Committed, bias: &[i64]) -> bool {
        match self {
            Linear::Dense { weights, .. } | Linear::Conv { kernel: weights, .. } => {
                committed.is_valid() && committed.holds(weights, bias)
            }
            Linear::MatMul { .. } | Linear::Combine { .. } | Linear::Contract { .. } => false,
        }
    }

    /// Whether every value of the form is a multiple of 2^shift.
    pub(crate) fn is_multiple_of(&self, shift: u32) -> bool {
        use crate::quant_graph::Coefficients;
        let whole = |x: &i64| x.trailing_zeros() >= shift;
        match self {
            Linear::Dense { weights, .. } | Linear::Conv { kernel: weights, .. } => {
                weights.iter().all(whole)
            }
            Linear::MatMul { multiplier, .. } | Linear::Contract { multiplier, .. } => {
                whole(multiplier)
            }
            Linear::Combine { terms } => terms.iter().all(|(_, coefficients)| match coefficients {
                Coefficients::Scalar(c) => whole(c),
                Coefficients::PerElement(all) => all.iter().all(whole),
            }),
        }
    }
}

/// The accumulators `y` (without bias) of the tensor `id`, row-major.
///
/// `values` holds the integers of every earlier tensor, by index.
///
/// # Errors
/// [`InterpretError`] if `id` is made by no linear form, an operand is missing or of the wrong size, or a sum
/// exceeds `i64`.
pub fn accumulate(
    graph: &QuantGraph,
    id: TensorId,
    values: &[Vec<i64>],
) -> Result<Vec<i64>, InterpretError> {
    let tensor = graph.tensors.get(id.0).ok_or(InterpretError::NoTensor { index: id.0 })?;
    let node = &tensor.name;
    let linear = tensor.op.linear();
    let linear = linear.ok_or_else(|| InterpretError::NotRescaled { node: node.clone() })?;
    linear.accumulate(Operands { node, graph, values }, &tensor.shape)
}

/// `y + bias` of element `index` among `elements`: none, one bias per element, or one per plane.
///
/// # Errors
/// [`InterpretError`] if there is no such bias, or the sum exceeds `i64`.
pub fn biased(
    node: &str,
    y: i64,
    bias: &[i64],
    index: usize,
    elements: usize,
) -> Result<i64, InterpretError> {
    let Some(per_channel) = elements.checked_div(bias.len()) else { return Ok(y) };
    let bias = index.checked_div(per_channel).and_then(|at| bias.get(at));
    let size = || InterpretError::Size { node: node.into(), expected: elements, got: index };
    let overflow = || InterpretError::Overflow { node: node.into() };
    y.checked_add(*bias.ok_or_else(size)?).ok_or_else(overflow)
}

//! Operations: how a tensor's integers are made of earlier ones, one file per operation that computes.
//!
//! Exact integer functions, each admitting one result; those that no linear identity settles say which values
//! have to be shown to lie in a range for that ([`QuantGraph::ranged`]).

mod embedding;
mod exact;
mod gather;
mod keys;
mod maximum;
mod quotient;
mod rescale;
mod root;
mod sort;
mod view;

use crate::committed::Committed;
use crate::format::{Format, FormatId};
use crate::interpret_error::InterpretError;
use crate::linear::{Operands, Taken};
use crate::quant_graph::{
    Embedding, Gather, Interval, Linear, Piecewise, QuantGraph, QuantOp, QuantTensor, Quotient,
    TensorId,
};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

/// Values that lie in a range, as an operation's uniqueness needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranged {
    /// All that can be: the lower end has to be shown, the upper one follows from the operands.
    pub range: Interval,
    /// As many as the operation says: mostly one per element of the tensor.
    pub values: Vec<i64>,
}

/// A rescale, beside its form and bias.
#[derive(Clone, Copy, Debug)]
pub struct Rescale<'a> {
    /// S and t.
    pub format: FormatId,
    /// Of form + bias.
    pub accumulator: Interval,
    /// The table.
    pub function: &'a Piecewise,
}

impl QuantOp {
    /// The tensors read, in order.
    #[must_use]
    pub fn operands(&self) -> Vec<TensorId> {
        match self {
            QuantOp::Input { .. } => vec![],
            QuantOp::View { sources, .. } => sources.clone(),
            QuantOp::Exact { linear } | QuantOp::Rescale { linear, .. } => linear.operands(),
            QuantOp::Quotient(Quotient { numerator, divisor, .. }) => {
                numerator.iter().copied().chain([*divisor]).collect()
            }
            QuantOp::Root { operand, .. }
            | QuantOp::Sort { operand, .. }
            | QuantOp::Maximum { operand, .. } => vec![*operand],
            QuantOp::Gather(Gather { data, indices, .. }) => vec![*data, *indices],
            QuantOp::Embedding(Embedding { indices, .. }) => vec![*indices],
        }
    }

    /// The linear form that makes it, if one does.
    #[must_use]
    pub fn linear(&self) -> Option<&Linear> {
        match self {
            QuantOp::Exact { linear } | QuantOp::Rescale { linear, .. } => Some(linear),
            QuantOp::Input { .. }
            | QuantOp::View { .. }
            | QuantOp::Quotient(_)
            | QuantOp::Root { .. }
            | QuantOp::Gather(_)
            | QuantOp::Embedding(_)
            | QuantOp::Sort { .. }
            | QuantOp::Maximum { .. } => None,
        }
    }

    /// What it rescales by, if it rescales.
    #[must_use]
    pub fn rescale(&self) -> Option<Rescale<'_>> {
        match self {
            QuantOp::Rescale { format, accumulator, function, .. } => {
                Some(Rescale { format: *format, accumulator: *accumulator, function })
            }
            QuantOp::Input { .. }
            | QuantOp::View { .. }
            | QuantOp::Exact { .. }
            | QuantOp::Quotient(_)
            | QuantOp::Root { .. }
            | QuantOp::Gather(_)
            | QuantOp::Embedding(_)
            | QuantOp::Sort { .. }
            | QuantOp::Maximum { .. } => None,
        }
    }

    /// Checks that operands and parameters agree in size.
    pub(crate) fn check(&self, sizes: Sizes<'_>) -> Result<(), ValidateError> {
        match self {
            QuantOp::Input { .. } => Ok(()),
            QuantOp::View { sources, map } => view::check(sizes, sources, map),
            QuantOp::Exact { linear } => exact::check(sizes, linear),
            QuantOp::Rescale { linear, bias, .. } => {
                sizes.bias(linear, bias)?;
                linear.check(sizes)
            }
            QuantOp::Quotient(quotient) => quotient.check(sizes),
            QuantOp::Root { operand, .. } => {
                sizes.equal("operand", Some(sizes.len), sizes.operand(*operand))
            }
            QuantOp::Gather(gather) => gather.check(sizes),
            QuantOp::Embedding(embedding) => embedding.check(sizes),
            QuantOp::Sort { operand, extent } => sort::check(sizes, *operand, *extent),
            QuantOp::Maximum { operand, window } => maximum::check(sizes, *operand, *window),
        }
    }

    /// What a tensor of `len` elements takes that the operation makes.
    pub(crate) fn work(&self, graph: &QuantGraph, len: u128) -> Taken {
        match self {
            QuantOp::Input { .. } | QuantOp::View { .. } => Taken { elements: len, products: 0 },
            QuantOp::Exact { linear, .. } => exact::work(graph, linear, len),
            QuantOp::Rescale { linear, .. } => linear.work(graph, len),
            // The result, its operands, and the ranges shown of them.
            QuantOp::Quotient(_) => Taken { elements: len.saturating_mul(7), products: len },
            QuantOp::Root { .. } => Taken { elements: len.saturating_mul(6), products: len },
            QuantOp::Gather(gather) => gather.work(graph, len),
            QuantOp::Embedding(embedding) => embedding.work(len),
            // Entries and how often they are found, positions, values, and differences.
            QuantOp::Sort { .. } => Taken { elements: len.saturating_mul(6), products: len },
            // The result, and how far each element of its window is from it.
            QuantOp::Maximum { window: [height, width], .. } => {
                let of_window = u128::try_from(height.saturating_mul(*width)).unwrap_or(u128::MAX);
                let elements = len.saturating_mul(of_window.saturating_add(1));
                Taken { elements, products: len }
            }
        }
    }

    /// The proven interval of the integers; `None` where they could exceed 64 bits or the operation is malformed.
    ///
    /// An input's interval is enforced, not derived: `enforced` is returned for it. Rows of a table that are `committed`
    /// may be whatever their bits allow; what committed weights come to is the accumulator's, which is claimed.
    pub(crate) fn interval(
        &self,
        graph: &QuantGraph,
        len: usize,
        enforced: Interval,
        committed: Option<Committed>,
    ) -> Option<Interval> {
        match self {
            QuantOp::Input { .. } => Some(enforced),
            QuantOp::View { sources, map } => view::interval(graph, sources, map),
            QuantOp::Exact { linear } => exact::interval(graph, linear, len),
            QuantOp::Rescale { format, accumulator, function, .. } => {
                let Format { shift, low_bits } = graph.format(*format)?;
                function.range(accumulator.rescaled(shift), low_bits)
            }
            QuantOp::Quotient(quotient) => quotient.interval(graph),
            QuantOp::Root { operand, addend } => root::interval(graph, *operand, *addend),
            QuantOp::Gather(gather) => gather.interval(graph),
            QuantOp::Embedding(embedding) => embedding.interval(committed),
            QuantOp::Sort { extent, .. } => sort::interval(*extent),
            QuantOp::Maximum { operand, .. } => maximum::interval(graph, *operand),
        }
    }
}

impl QuantGraph {
    /// The integers of a tensor from those of earlier ones.
    pub(crate) fn evaluate(
        &self,
        tensor: &QuantTensor,
        inputs: &[Vec<i64>],
        values: &[Vec<i64>],
    ) -> Result<Vec<i64>, InterpretError> {
        let operands = Operands { node: &tensor.name, graph: self, values };
        match &tensor.op {
            QuantOp::Input { index } => inputs
                .get(*index)
                .cloned()
                .ok_or(InterpretError::InputCount { expected: index + 1, got: inputs.len() }),
            QuantOp::View { sources, map } => view::evaluate(operands, sources, map),
            QuantOp::Exact { linear } => linear.accumulate(operands, &tensor.shape),
            QuantOp::Rescale { format, linear, bias, accumulator, function } => {
                let unknown = || InterpretError::NoFormat { node: tensor.name.clone() };
                let format = self.format(*format).ok_or_else(unknown)?;
                let table = (format, *accumulator, function);
                rescale::evaluate(operands, linear, bias, table, &tensor.shape)
            }
            QuantOp::Quotient(quotient) => quotient.evaluate(operands, tensor.len()),
            QuantOp::Root { operand, addend } => {
                root::evaluate(operands, *operand, *addend, tensor.len())
            }
            QuantOp::Gather(gather) => gather.evaluate(operands, tensor.len()),
            QuantOp::Embedding(embedding) => embedding.evaluate(operands, tensor.len()),
            QuantOp::Sort { operand, extent } => {
                sort::evaluate(operands, *operand, *extent, tensor.len())
            }
            QuantOp::Maximum { operand, window } => {
                maximum::evaluate(operands, *operand, *window, tensor.len())
            }
        }
    }

    /// The values of a tensor's operation that a proof has to show to lie in a range, in the order of
    /// [`QuantGraph::ranges`]; `values` holds the integers of every tensor up to it.
    ///
    /// # Errors
    /// [`InterpretError`] if `values` are of another graph.
    pub fn ranged(&self, id: TensorId, values: &[Vec<i64>]) -> Result<Vec<Ranged>, InterpretError> {
        let tensor = self.tensors.get(id.0).ok_or(InterpretError::NoTensor { index: id.0 })?;
        let operands = Operands { node: &tensor.name, graph: self, values };
        let all = match &tensor.op {
            QuantOp::Input { .. }
            | QuantOp::View { .. }
            | QuantOp::Exact { .. }
            | QuantOp::Rescale { .. }
            | QuantOp::Gather(_)
            | QuantOp::Embedding(_)
            | QuantOp::Maximum { .. } => vec![],
            QuantOp::Quotient(quotient) => quotient.ranged(operands, id, tensor.len())?,
            QuantOp::Root { operand, .. } => root::ranged(operands, [*operand, id], tensor.len())?,
            QuantOp::Sort { operand, extent } => sort::ranged(operands, [*operand, id], *extent)?,
        };
        let ranges = self.ranges(id).ok_or_else(|| operands.overflow())?;
        let paired = ranges.into_iter().zip(all);
        Ok(paired.map(|(range, values)| Ranged { range, values }).collect())
    }

    /// The ranges that those values have; `None` if the graph does not validate.
    #[must_use]
    pub fn ranges(&self, id: TensorId) -> Option<Vec<Interval>> {
        let tensor = self.tensors.get(id.0)?;
        match &tensor.op {
            QuantOp::Input { .. }
            | QuantOp::View { .. }
            | QuantOp::Exact { .. }
            | QuantOp::Rescale { .. }
            | QuantOp::Gather(_)
            | QuantOp::Embedding(_)
            | QuantOp::Maximum { .. } => Some(vec![]),
            QuantOp::Quotient(quotient) => quotient.ranges(self, tensor.interval),
            QuantOp::Root { addend, .. } => root::ranges(tensor.interval, *addend),
            QuantOp::Sort { operand, extent } => sort::ranges(self, *operand, *extent),
        }
    }
}

//! What a form reads: integers, and intervals.

use super::sums::narrow;
use crate::interpret_error::InterpretError;
use crate::quant_graph::{Interval, QuantGraph, TensorId};

/// The integers that a form reads.
#[derive(Clone, Copy)]
pub(crate) struct Operands<'a> {
    /// The tensor that is made, for messages.
    pub(crate) node: &'a str,
    pub(crate) graph: &'a QuantGraph,
    /// Of every earlier tensor.
    pub(crate) values: &'a [Vec<i64>],
}

impl<'a> Operands<'a> {
    /// The elements of a tensor that must have `expected` of them.
    pub(crate) fn get(&self, id: TensorId, expected: usize) -> Result<&'a [i64], InterpretError> {
        let values = self.values.get(id.0).ok_or(InterpretError::NoTensor { index: id.0 })?;
        match values.len() == expected {
            true => Ok(values),
            false => Err(self.size(expected, values.len())),
        }
    }

    /// The shape of a tensor.
    pub(crate) fn shape(&self, id: TensorId) -> Result<&'a [usize], InterpretError> {
        let tensor = self.graph.tensors.get(id.0);
        Ok(&tensor.ok_or(InterpretError::NoTensor { index: id.0 })?.shape)
    }

    pub(crate) fn size(&self, expected: usize, got: usize) -> InterpretError {
        InterpretError::Size { node: self.node.into(), expected, got }
    }

    /// Sums as 64-bit integers; overflow where there is none, or one does not fit.
    pub(super) fn narrow(&self, sums: Option<Vec<i128>>) -> Result<Vec<i64>, InterpretError> {
        sums.and_then(narrow).ok_or_else(|| self.overflow())
    }

    /// Sums, each `multiplier` times.
    pub(super) fn times(
        &self,
        mut sums: Vec<i64>,
        multiplier: i64,
    ) -> Result<Vec<i64>, InterpretError> {
        for sum in &mut sums {
            *sum = sum.checked_mul(multiplier).ok_or_else(|| self.overflow())?;
        }
        Ok(sums)
    }

    pub(crate) fn overflow(&self) -> InterpretError {
        InterpretError::Overflow { node: self.node.into() }
    }
}

/// The interval of an earlier tensor.
pub(super) fn of(graph: &QuantGraph, id: TensorId) -> Option<Interval> {
    graph.tensors.get(id.0).map(|t| t.interval)
}

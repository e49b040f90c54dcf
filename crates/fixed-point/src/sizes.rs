//! Sizes that must agree: the tensor at hand, and what its operation is asked against.

use crate::linear::Images;
use crate::quant_graph::{Linear, QuantGraph, QuantTensor, TensorId};
use crate::validate_error::ValidateError;

/// A tensor whose operands are earlier tensors, and whose elements have been counted.
#[derive(Clone, Copy)]
pub(crate) struct Sizes<'a> {
    pub(crate) graph: &'a QuantGraph,
    /// Its position.
    pub(crate) index: usize,
    pub(crate) tensor: &'a QuantTensor,
    /// Its elements.
    pub(crate) len: usize,
}

impl<'a> Sizes<'a> {
    /// Elements of an operand.
    pub(crate) fn operand(&self, id: TensorId) -> usize {
        self.graph.tensors.get(id.0).map_or(0, QuantTensor::len)
    }

    /// Shape of an operand.
    pub(crate) fn shape(&self, id: TensorId) -> &'a [usize] {
        self.graph.tensors.get(id.0).map_or(&[], |t| &t.shape)
    }

    /// Checks a size; `None` stands for one beyond every memory.
    pub(crate) fn equal(
        &self,
        what: &'static str,
        expected: Option<usize>,
        got: usize,
    ) -> Result<(), ValidateError> {
        let expected = expected.unwrap_or(usize::MAX);
        if expected == got {
            return Ok(());
        }
        let (tensor, node) = (self.index, self.tensor.name.clone());
        Err(ValidateError::Size { tensor, node, what, expected, got })
    }

    /// Checks a bias: one per element, one per plane of a convolution, or none.
    pub(crate) fn bias(&self, linear: &Linear, bias: &[i64]) -> Result<(), ValidateError> {
        let planes = match linear {
            Linear::Conv { .. } => Images::of(&self.tensor.shape).map(|images| images.planes()),
            Linear::Dense { .. }
            | Linear::MatMul { .. }
            | Linear::Combine { .. }
            | Linear::Contract { .. } => None,
        };
        if bias.is_empty() || Some(bias.len()) == planes {
            return Ok(());
        }
        self.equal("bias", Some(self.len), bias.len())
    }

    pub(crate) fn malformed(&self, reason: &'static str) -> Result<(), ValidateError> {
        let (tensor, node) = (self.index, self.tensor.name.clone());
        Err(ValidateError::Malformed { tensor, node, reason })
    }
}

//! Convolutions: what the layer keeps of the full product, and all of it.

use super::convolution::convolve;
use super::images::Images;
use crate::interpret_error::InterpretError;
use crate::quant_graph::{Linear, QuantGraph, TensorId};

/// Every coefficient of a convolution's full polynomial product, those that the layer drops included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullProduct {
    /// Output planes, those of every image; rows and columns: those of the input and of the dilated kernel, less one.
    pub shape: [usize; 3],
    /// Row and column of the first coefficient that the layer keeps.
    pub kept: [usize; 2],
    /// Row-major.
    pub coefficients: Vec<i64>,
}

impl FullProduct {
    /// The full product of the tensor `id`, without bias; `None` if it is no convolution.
    ///
    /// `values` holds the integers of every earlier tensor, by index.
    ///
    /// # Errors
    /// [`InterpretError`] if an operand is missing or of the wrong size, a sum exceeds `i64`, or the layer pads
    /// by more than its kernel reaches.
    pub fn of(
        graph: &QuantGraph,
        id: TensorId,
        values: &[Vec<i64>],
    ) -> Result<Option<Self>, InterpretError> {
        let tensor = graph.tensors.get(id.0).ok_or(InterpretError::NoTensor { index: id.0 })?;
        let linear = tensor.op.linear();
        let linear =
            linear.ok_or_else(|| InterpretError::NotRescaled { node: tensor.name.clone() })?;
        let Linear::Conv { input, kernel_shape, dilation, pad_before, .. } = linear else {
            return Ok(None);
        };
        let missing = || InterpretError::NoTensor { index: input.0 };
        let (source, x) =
            graph.tensors.get(input.0).zip(values.get(input.0)).ok_or_else(missing)?;
        let size = |got: usize, expected: usize| InterpretError::Size {
            node: tensor.name.clone(),
            expected,
            got,
        };
        let from = Images::of(&source.shape).ok_or_else(|| size(source.shape.len(), 3))?;
        let overflow = || InterpretError::Overflow { node: tensor.name.clone() };
        let reach = |axis: usize| {
            kernel_shape[axis + 2].checked_sub(1).and_then(|taps| taps.checked_mul(dilation[axis]))
        };
        let reach = [reach(0).ok_or_else(overflow)?, reach(1).ok_or_else(overflow)?];
        let kept = [0, 1].map(|axis| reach[axis].checked_sub(pad_before[axis]));
        let [Some(top), Some(left)] = kept else {
            return Err(size(pad_before[0].max(pad_before[1]), reach[0].max(reach[1])));
        };
        let full = Images {
            count: from.count,
            channels: kernel_shape[0],
            height: from.height + reach[0],
            width: from.width + reach[1],
        };
        let coefficients = convolve(linear, x, from, reach, full).ok_or_else(overflow)?;
        let shape = [full.planes(), full.height, full.width];
        Ok(Some(FullProduct { shape, kept: [top, left], coefficients }))
    }
}

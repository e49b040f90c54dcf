//! Sizes that must agree: operands, weights, maps, windows.

use super::ValidateError;
use crate::convert::index;
use crate::quant_graph::{
    Coefficients, Linear, QuantGraph, QuantOp, QuantTensor, Source, TensorId,
};

impl QuantGraph {
    pub(super) fn validate_sizes(
        &self,
        tensor: usize,
        t: &QuantTensor,
        len: usize,
    ) -> Result<(), ValidateError> {
        let size = |what, expected: Option<usize>, got: usize| {
            let expected = expected.unwrap_or(usize::MAX);
            if expected == got {
                return Ok(());
            }
            Err(ValidateError::Size { tensor, node: t.name.clone(), what, expected, got })
        };
        let malformed =
            |reason| Err(ValidateError::Malformed { tensor, node: t.name.clone(), reason });
        let operand = |id: TensorId| self.tensors[id.0].len();
        match &t.op {
            QuantOp::Input { .. } => Ok(()),
            QuantOp::View { sources, map } => {
                size("map", Some(len), map.len())?;
                let inside = |source: &Source| match *source {
                    Source::Constant(_) => true,
                    Source::Element { source, index: at } => {
                        sources.get(index(source)).is_some_and(|&t| index(at) < operand(t))
                    }
                };
                if map.iter().all(inside) {
                    Ok(())
                } else {
                    malformed("its map reads beyond a source")
                }
            }
            QuantOp::Exact { terms } => {
                terms.iter().try_for_each(|(id, _)| size("operand", Some(len), operand(*id)))
            }
            QuantOp::Rescale { linear, bias, .. } => {
                let channels = matches!(linear, Linear::Conv { .. })
                    .then(|| t.shape.first().copied())
                    .flatten();
                if !bias.is_empty() && Some(bias.len()) != channels {
                    size("bias", Some(len), bias.len())?;
                }
                match linear {
                    Linear::Dense { input, weights } => {
                        size("weights", operand(*input).checked_mul(len), weights.len())
                    }
                    Linear::Conv {
                        input,
                        kernel,
                        kernel_shape,
                        dilation,
                        pad_before,
                        pad_after,
                    } => {
                        let &[c, h, w] = self.tensors[input.0].shape.as_slice() else {
                            return malformed("the input of its convolution is not [C,H,W]");
                        };
                        let kernel_len = kernel_shape
                            .iter()
                            .try_fold(1_usize, |n, &extent| n.checked_mul(extent));
                        size("kernel", kernel_len, kernel.len())?;
                        size("kernel's channels", Some(c), kernel_shape[1])?;
                        if kernel.is_empty() || dilation.contains(&0) {
                            return malformed("its kernel is empty or its dilation 0");
                        }
                        let extent = |axis: usize, input: usize| {
                            let taps = kernel_shape[axis + 2].checked_sub(1)?;
                            let reach = taps.checked_mul(dilation[axis])?;
                            let padded = input
                                .checked_add(pad_before[axis])?
                                .checked_add(pad_after[axis])?;
                            padded.checked_sub(reach)
                        };
                        let expected = [Some(kernel_shape[0]), extent(0, h), extent(1, w)];
                        if t.shape.len() != 3
                            || t.shape.iter().zip(expected).any(|(&got, e)| e != Some(got))
                        {
                            return malformed(
                                "the shape of its convolution does not follow from its window",
                            );
                        }
                        Ok(())
                    }
                    Linear::MatMul { a, b, multiplier } => {
                        let (a, b) = (&self.tensors[a.0].shape, &self.tensors[b.0].shape);
                        let (&[m, k], &[k2, n]) = (a.as_slice(), b.as_slice()) else {
                            return malformed("the operands of its product are not matrices");
                        };
                        if *multiplier <= 0 || k != k2 || t.shape != [m, n] {
                            return malformed(
                                "its matrix product has the wrong extents or multiplier",
                            );
                        }
                        Ok(())
                    }
                    Linear::Combine { terms } => terms.iter().try_for_each(|(id, coefficients)| {
                        if let Coefficients::PerElement(c) = coefficients {
                            size("coefficients", Some(len), c.len())?;
                        }
                        size("operand", Some(len), operand(*id))
                    }),
                    Linear::Product { a, b, multiplier } => {
                        if *multiplier <= 0 {
                            return malformed("its multiplier is not positive");
                        }
                        size("operand", Some(len), operand(*a))?;
                        size("operand", Some(len), operand(*b))
                    }
                }
            }
        }
    }
}

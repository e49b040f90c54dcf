//! Rescales that drop nothing but zeros, divided through: the same integers, in a format with S = 0.
//!
//! Where all weights of a form and its bias are multiples of 2^S, so is every accumulator y, and
//! `⌊(y + 2^(S−1))/2^S⌋ = y/2^S` without a remainder. Maxima, comparisons, indicators, clips and absolute values of
//! tensors in one step are such. The form divided by 2^S, rescaled in the format (0, t), has the same q, and so the same table.

use crate::format::{Format, FormatId};
use crate::limits::MOST_FORMATS;
use crate::quant_graph::{Coefficients, Linear, QuantGraph, QuantOp};
use std::sync::Arc;

impl QuantGraph {
    /// The same graph with all such rescales divided through; `None` if it has none, or no room for their formats.
    #[must_use]
    pub fn undropped(&self) -> Option<QuantGraph> {
        // What is a multiple of what must not be seen of committed weights.
        if !self.committed.is_empty() {
            return None;
        }
        let divisible: Vec<(usize, Format)> = self
            .tensors
            .iter()
            .enumerate()
            .filter_map(|(at, t)| Some((at, self.drops_zeros(&t.op)?)))
            .collect();
        if divisible.is_empty() {
            return None;
        }
        let mut graph = self.clone();
        let mut divided = false;
        for (at, Format { shift, low_bits }) in divisible {
            let QuantOp::Rescale { format, linear, bias, accumulator, .. } =
                &mut graph.tensors[at].op
            else {
                continue;
            };
            let undropped = Format { shift: 0, low_bits };
            let known = graph.formats.iter().position(|format| *format == undropped);
            let to = match known {
                Some(at) => at,
                None if graph.formats.len() < MOST_FORMATS => {
                    graph.formats.push(undropped);
                    graph.formats.len() - 1
                }
                None => continue,
            };
            *format = FormatId(to);
            linear.divide(shift);
            bias.iter_mut().for_each(|b| *b >>= shift);
            // What is claimed may be wider than multiples: q is what it was.
            *accumulator = accumulator.rescaled(shift);
            divided = true;
        }
        divided.then_some(graph)
    }

    /// The format of a rescale that drops nothing but zeros, if there is anything to drop.
    fn drops_zeros(&self, op: &QuantOp) -> Option<Format> {
        let QuantOp::Rescale { format, linear, bias, .. } = op else { return None };
        let format = self.format(*format)?;
        let whole = |x: &i64| x.trailing_zeros() >= format.shift;
        let divisible = linear.is_multiple_of(format.shift) && bias.iter().all(whole);
        (format.shift > 0 && divisible).then_some(format)
    }
}

impl Linear {
    /// Divides integers that are all multiples of 2^shift.
    fn divide(&mut self, shift: u32) {
        let all = |integers: &mut [i64]| integers.iter_mut().for_each(|x| *x >>= shift);
        match self {
            Linear::Dense { weights, .. } | Linear::Conv { kernel: weights, .. } => {
                all(Arc::make_mut(weights));
            }
            Linear::MatMul { multiplier, .. } | Linear::Contract { multiplier, .. } => {
                *multiplier >>= shift;
            }
            Linear::Combine { terms } => {
                for (_, coefficients) in terms {
                    match coefficients {
                        Coefficients::Scalar(c) => *c >>= shift,
                        Coefficients::PerElement(each) => all(each),
                    }
                }
            }
        }
    }
}

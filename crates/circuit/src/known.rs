//! What the graph alone determines, made once for all programs.

use crate::alike::Alike;
use crate::error::CompileError;
use crate::program::Tap;
use crate::views::Views;
use provenn_fixed_point::{Linear, QuantGraph, TensorId};

/// Views, the taps of kernels, and who applies the same weights.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) views: Views,
    /// Of each convolution: the taps at which some output channel has a weight other than zero, or all that committed ones stand at.
    pub(crate) taps: Vec<Vec<Tap>>,
    pub(crate) alike: Alike,
}

impl Known {
    pub(crate) fn new(graph: &QuantGraph) -> Result<Self, CompileError> {
        let taps = graph.tensors.iter().enumerate().map(|(at, tensor)| match tensor.op.linear() {
            Some(Linear::Conv { kernel, kernel_shape, groups, .. }) => {
                // Which of committed weights are zero must not be seen, but for places that have none.
                let any = graph.committed.contains_key(&TensorId(at));
                let ones = any.then(|| {
                    let row = kernel.len() / kernel_shape[0].max(1);
                    let mut ones = vec![1; kernel.len()];
                    for row in ones.chunks_mut(row.max(1)) {
                        let empty = graph.empty.get(&TensorId(at));
                        empty.into_iter().flatten().for_each(|&at| row[at] = 0);
                    }
                    ones
                });
                taps(ones.as_deref().unwrap_or(kernel), *kernel_shape, *groups)
            }
            Some(
                Linear::Dense { .. }
                | Linear::MatMul { .. }
                | Linear::Combine { .. }
                | Linear::Contract { .. },
            )
            | None => vec![],
        });
        let (views, alike) = (Views::new(graph)?, Alike::new(graph));
        Ok(Known { views, taps: taps.collect(), alike })
    }
}

fn taps(kernel: &[i64], [outputs, inputs, height, width]: [usize; 4], groups: usize) -> Vec<Tap> {
    let per_output = inputs * height * width;
    let mut used = vec![false; groups * per_output];
    let of_group = per_output * outputs.checked_div(groups).unwrap_or(0);
    let all = used.chunks_mut(per_output.max(1)).zip(kernel.chunks(of_group.max(1)));
    for (used, group) in all {
        for output in group.chunks(per_output.max(1)) {
            used.iter_mut().zip(output).for_each(|(used, &weight)| *used |= weight != 0);
        }
    }
    let tap = |at: usize| [at / (height * width), at / width % height, at % width];
    used.iter().enumerate().filter(|(_, used)| **used).map(|(at, _)| tap(at)).collect()
}

//! Tensors that apply the same weights: one identity may stand for all of them.
//!
//! Alike are forms with equal weights and equal extents, windows included: what a convolution keeps of its full
//! product must be the same, for a coefficient that one drops would else make up for one that another keeps
//! (`lower::conv_identity`).

use provenn_fixed_point::{Images, Linear, QuantGraph, TensorId};
use std::collections::HashMap;

/// Forms of fewer weights per input element are laid each by itself: joining their inputs takes more.
const LEAST_WEIGHTS: usize = 8;

/// Which tensors share an identity.
#[derive(Clone, Debug)]
pub(crate) struct Alike {
    /// Of each tensor, if it is one of several.
    group: Vec<Option<usize>>,
    /// The last tensor of each group.
    last: Vec<TensorId>,
}

/// What forms must agree in beside their weights.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Dense {
        inputs: usize,
        outputs: usize,
    },
    Conv {
        shape: [usize; 4],
        groups: usize,
        dilation: [usize; 2],
        pad: [usize; 2],
        from: Images,
        out: Images,
    },
}

/// The weights of a form that may be joined with others, and what else they must agree in.
fn candidate(graph: &QuantGraph, id: TensorId) -> Option<(Kind, &[i64])> {
    // Whether committed weights are equal must not be seen.
    if graph.committed.contains_key(&id) {
        return None;
    }
    let tensor = &graph.tensors[id.0];
    match tensor.op.linear()? {
        Linear::Dense { input, weights } => {
            let (inputs, outputs) = (graph.tensors[input.0].len(), tensor.len());
            let worth = outputs >= LEAST_WEIGHTS;
            worth.then_some((Kind::Dense { inputs, outputs }, weights))
        }
        Linear::Conv { input, kernel, kernel_shape, groups, dilation, pad_before, .. } => {
            let [outputs, _, height, width] = *kernel_shape;
            let one = |shape: &[usize]| Some(Images { count: 1, ..Images::of(shape)? });
            let kind = Kind::Conv {
                shape: *kernel_shape,
                groups: *groups,
                dilation: *dilation,
                pad: *pad_before,
                from: one(&graph.tensors[input.0].shape)?,
                out: one(&tensor.shape)?,
            };
            let worth = outputs / groups * height * width >= LEAST_WEIGHTS;
            worth.then_some((kind, kernel))
        }
        Linear::MatMul { .. } | Linear::Combine { .. } | Linear::Contract { .. } => None,
    }
}

impl Alike {
    pub(crate) fn new(graph: &QuantGraph) -> Self {
        let mut found: Vec<(&[i64], Vec<TensorId>)> = vec![];
        let mut of_kind: HashMap<Kind, Vec<usize>> = HashMap::new();
        for id in (0..graph.tensors.len()).map(TensorId) {
            let Some((kind, weights)) = candidate(graph, id) else { continue };
            let known = of_kind.entry(kind).or_default();
            match known.iter().find(|&&at| found[at].0 == weights) {
                Some(&at) => found[at].1.push(id),
                None => {
                    known.push(found.len());
                    found.push((weights, vec![id]));
                }
            }
        }
        let mut alike = Alike { group: vec![None; graph.tensors.len()], last: vec![] };
        for (_, members) in found {
            if let [_, .., last] = members.as_slice() {
                members.iter().for_each(|id| alike.group[id.0] = Some(alike.last.len()));
                alike.last.push(*last);
            }
        }
        alike
    }

    /// Whether a tensor shares its identity with others.
    pub(crate) fn is_shared(&self, id: TensorId) -> bool {
        self.group.get(id.0).is_some_and(Option::is_some)
    }

    /// All members of a tensor's group once the last of them has come, in order; until then it waits.
    pub(crate) fn gather<T>(
        &self,
        waiting: &mut HashMap<usize, Vec<T>>,
        id: TensorId,
        member: T,
    ) -> Option<Vec<T>> {
        let Some(group) = self.group[id.0] else { return Some(vec![member]) };
        waiting.entry(group).or_default().push(member);
        if self.last[group] == id { waiting.remove(&group) } else { None }
    }
}

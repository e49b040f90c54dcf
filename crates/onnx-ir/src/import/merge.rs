//! Nodes that compute the same from the same are one.

use std::collections::{HashMap, HashSet};

use super::builder::Builder;
use crate::{NodeId, Op};

/// Most elements of constants that are compared.
const COMPARED: usize = 1 << 12;

/// What a node computes: its operator, or the bits of a constant; its operands; its shape.
type Key = (String, Vec<u32>, Vec<NodeId>, Vec<usize>);

/// Lets all readers of equal nodes read the first of them; `finish` drops the others. Outputs stay nodes of their
/// own, which have names.
pub(super) fn merge(draft: &mut Builder) {
    let outputs: HashSet<NodeId> = draft.outputs.iter().copied().collect();
    let mut first: HashMap<Key, NodeId> = HashMap::new();
    let mut same: HashMap<NodeId, NodeId> = HashMap::new();
    for (id, node) in draft.nodes.0.iter_mut().enumerate() {
        let id = NodeId(id);
        for input in &mut node.inputs {
            *input = same.get(input).copied().unwrap_or(*input);
        }
        // All that an operator says of itself is in its text; large weights are compared by nobody.
        let (op, data) = match &node.op {
            Op::Input { .. } => continue,
            Op::Constant(tensor) if tensor.data.len() > COMPARED => continue,
            Op::Constant(tensor) => {
                (String::new(), tensor.data.iter().map(|x| x.to_bits()).collect())
            }
            op => (format!("{op:?}"), vec![]),
        };
        let key = (op, data, node.inputs.clone(), node.shape.clone());
        let one = *first.entry(key).or_insert(id);
        if one != id && !outputs.contains(&id) {
            same.insert(id, one);
        }
    }
}

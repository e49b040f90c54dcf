//! The nodes of a graph in the making, as whoever simplifies them reads them.

use crate::{Node, NodeId, Op, Tensor};

/// Nodes in topological order. Names may repeat and nodes may be dead until `finish`.
#[derive(Default)]
pub(super) struct Nodes(pub(super) Vec<Node>);

impl Nodes {
    /// Appends a node.
    pub(super) fn push(&mut self, node: Node) -> NodeId {
        self.0.push(node);
        NodeId(self.0.len() - 1)
    }

    /// A node.
    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.0.get(id.0)
    }

    /// A node's shape.
    pub(super) fn shape(&self, id: NodeId) -> Vec<usize> {
        self.node(id).map_or_else(Vec::new, |node| node.shape.clone())
    }

    /// A node's value, where it is constant.
    pub(super) fn value(&self, id: NodeId) -> Option<&Tensor> {
        let Op::Constant(tensor) = &self.node(id)?.op else { return None };
        Some(tensor)
    }
}

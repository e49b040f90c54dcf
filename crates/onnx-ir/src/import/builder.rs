//! Appends nodes, folding constants and dropping what moves nothing.

use std::collections::HashMap;

use super::nodes::Nodes;
use super::patterns;
use super::reason::Reason;
use crate::evaluate::apply;
use crate::shape::infer;
use crate::work::{self, Work};
use crate::{ElementType, Node, NodeId, Op, Tensor};

/// A graph in the making.
pub(super) struct Builder {
    pub(super) nodes: Nodes,
    pub(super) inputs: Vec<NodeId>,
    pub(super) outputs: Vec<NodeId>,
    /// Element types of the nodes where they are known.
    pub(super) elements: HashMap<NodeId, ElementType>,
    /// What folding has taken so far.
    folded: Work,
    /// Elements that it may make.
    most_folded: usize,
}

impl Builder {
    /// A graph without nodes; so many elements may be computed from constants.
    pub(super) fn new(most_folded: usize) -> Self {
        Builder {
            nodes: Nodes::default(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            elements: HashMap::new(),
            folded: Work::default(),
            most_folded,
        }
    }

    /// Appends a graph input.
    pub(super) fn input(&mut self, name: &str, shape: Vec<usize>) -> NodeId {
        let id = self.keep(name, Op::Input { index: self.inputs.len() }, Vec::new(), shape);
        self.inputs.push(id);
        id
    }

    /// Appends a constant.
    pub(super) fn constant(&mut self, name: &str, tensor: Tensor) -> NodeId {
        let shape = tensor.shape.clone();
        self.keep(name, Op::Constant(tensor), Vec::new(), shape)
    }

    /// Appends a node as it stands.
    pub(super) fn keep(
        &mut self,
        name: &str,
        op: Op,
        inputs: Vec<NodeId>,
        shape: Vec<usize>,
    ) -> NodeId {
        self.nodes.push(Node { name: name.to_owned(), op, inputs, shape })
    }

    /// Appends `op`, whose shape follows from its inputs.
    pub(super) fn push(&mut self, name: &str, op: Op, inputs: &[NodeId]) -> Result<NodeId, Reason> {
        self.push_shaped(name, op, inputs, &[])
    }

    /// Appends `op` with a shape that is a parameter of it (`Reshape`, `Expand`, `Slice`).
    pub(super) fn push_shaped(
        &mut self,
        name: &str,
        op: Op,
        inputs: &[NodeId],
        shape: &[usize],
    ) -> Result<NodeId, Reason> {
        let shapes: Vec<Vec<usize>> = inputs.iter().map(|&id| self.shape(id)).collect();
        let borrowed: Vec<&[usize]> = shapes.iter().map(Vec::as_slice).collect();
        let shape = infer(&op, &borrowed, shape).ok_or_else(|| {
            Reason(format!("{} does not apply to inputs of shape {shapes:?}", op.name()))
        })?;
        let (op, inputs) = match patterns::simplify(&self.nodes, op, inputs, &shape) {
            patterns::Simplified::Existing(id) => return Ok(id),
            patterns::Simplified::Op(op, inputs) => (op, inputs),
        };
        let node = Node { name: name.to_owned(), op, inputs, shape };
        if node.inputs.iter().all(|&id| self.value(id).is_some()) {
            let shapes = node.inputs.iter().map(|&id| self.node(id).map_or(&[][..], |n| &n.shape));
            let shapes: Vec<&[usize]> = shapes.collect();
            self.folded = self.folded.plus(work::of_constant(&node.op, &shapes, &node.shape));
            self.folded.check_folded(self.most_folded).map_err(Reason)?;
            let operands: Vec<&Tensor> =
                node.inputs.iter().filter_map(|&id| self.value(id)).collect();
            if let Some(folded) = apply(&node, &operands) {
                return Ok(self.constant(name, folded));
            }
        }
        // What is moved stays what it is.
        let moved = matches!(
            node.op,
            Op::Reshape
                | Op::Transpose { .. }
                | Op::Slice { .. }
                | Op::Take { .. }
                | Op::Expand
                | Op::Tile { .. }
        );
        let element = node.inputs.first().and_then(|x| self.elements.get(x)).filter(|_| moved);
        let element = element.copied();
        let id = self.nodes.push(node);
        if let Some(element) = element {
            self.elements.insert(id, element);
        }
        Ok(id)
    }

    /// Appends a `Reshape`, unless the shape is the same.
    pub(super) fn reshape(
        &mut self,
        name: &str,
        x: NodeId,
        shape: &[usize],
    ) -> Result<NodeId, Reason> {
        self.push_shaped(name, Op::Reshape, &[x], shape)
    }

    /// Appends a `Take`, or the `Slice` that it is where its positions follow each other.
    pub(super) fn take(
        &mut self,
        name: &str,
        x: NodeId,
        axis: usize,
        positions: Vec<usize>,
    ) -> Result<NodeId, Reason> {
        let run = positions.windows(2).all(|pair| matches!(pair, [a, b] if a + 1 == *b));
        match positions.first() {
            Some(&start) if run => {
                let mut shape = self.shape(x);
                let extent = shape.get_mut(axis).ok_or("its axis does not exist")?;
                *extent = positions.len();
                self.push_shaped(name, Op::Slice { axis, start, step: 1 }, &[x], &shape)
            }
            _ => self.push(name, Op::Take { axis, positions }, &[x]),
        }
    }

    /// Appends a `Transpose`, unless it is the identity.
    pub(super) fn transpose(
        &mut self,
        name: &str,
        x: NodeId,
        perm: Vec<usize>,
    ) -> Result<NodeId, Reason> {
        self.push(name, Op::Transpose { perm }, &[x])
    }

    /// A constant with as many axes as needed to combine with anything.
    pub(super) fn scalar(&mut self, name: &str, value: f32) -> NodeId {
        self.constant(name, Tensor::scalar(value))
    }

    /// A node's shape.
    pub(super) fn shape(&self, id: NodeId) -> Vec<usize> {
        self.nodes.shape(id)
    }

    /// A node.
    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.node(id)
    }

    /// A node's value, where it is constant.
    pub(super) fn value(&self, id: NodeId) -> Option<&Tensor> {
        self.nodes.value(id)
    }
}

//! Consistency of a graph: what evaluation and the later stages rely on.

use std::collections::HashSet;

use crate::shape::infer;
use crate::tensor::volume;
use crate::{Graph, NodeId, Op};

/// What is wrong with a graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// A node reads a node that does not come before it.
    #[error(
        "node {node} reads {input}, which does not come before it: sort the nodes topologically"
    )]
    Order {
        /// The reader.
        node: String,
        /// What it reads.
        input: NodeId,
    },
    /// Two nodes share a name.
    #[error("two nodes are called {node}: give each a name of its own")]
    DuplicateName {
        /// The name.
        node: String,
    },
    /// The operator does not fit the shapes of its inputs.
    #[error("node {node}: {op} does not apply to inputs of shape {inputs:?}")]
    Inapplicable {
        /// The node.
        node: String,
        /// Its operator.
        op: &'static str,
        /// The shapes it was given.
        inputs: Vec<Vec<usize>>,
    },
    /// The declared shape is not the one that the operator gives.
    #[error("node {node}: {op} gives shape {expected:?}, but the node says {got:?}")]
    Shape {
        /// The node.
        node: String,
        /// Its operator.
        op: &'static str,
        /// The inferred shape.
        expected: Vec<usize>,
        /// The declared shape.
        got: Vec<usize>,
    },
    /// A tensor with more elements than can be addressed.
    #[error("node {node}: shape {shape:?} has too many elements")]
    TooLarge {
        /// The node.
        node: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// The list of inputs and the `Input` nodes disagree.
    #[error(
        "graph input {index} is not listed at its place: list the Input nodes in the order of their index"
    )]
    Inputs {
        /// The position in question.
        index: usize,
    },
    /// An output names a node that does not exist.
    #[error("graph output {index} names {output}, which does not exist")]
    Output {
        /// The position in question.
        index: usize,
        /// What it names.
        output: NodeId,
    },
}

impl Graph {
    /// Checks topological order, names, shapes, and the lists of inputs and outputs.
    ///
    /// A valid graph evaluates without panicking on inputs of the right shapes.
    pub fn validate(&self) -> Result<(), GraphError> {
        let mut names = HashSet::new();
        for (index, node) in self.nodes.iter().enumerate() {
            if !names.insert(node.name.as_str()) {
                return Err(GraphError::DuplicateName { node: node.name.clone() });
            }
            let mut shapes = Vec::with_capacity(node.inputs.len());
            for &input in &node.inputs {
                let producer = self.nodes.get(input.0).filter(|_| input.0 < index);
                let producer =
                    producer.ok_or_else(|| GraphError::Order { node: node.name.clone(), input })?;
                shapes.push(producer.shape.as_slice());
            }
            let expected =
                infer(&node.op, &shapes, &node.shape).ok_or_else(|| GraphError::Inapplicable {
                    node: node.name.clone(),
                    op: node.op.name(),
                    inputs: shapes.iter().map(|shape| shape.to_vec()).collect(),
                })?;
            if expected != node.shape {
                let got = node.shape.clone();
                return Err(GraphError::Shape {
                    node: node.name.clone(),
                    op: node.op.name(),
                    expected,
                    got,
                });
            }
            if volume(&node.shape).is_none() {
                return Err(GraphError::TooLarge {
                    node: node.name.clone(),
                    shape: node.shape.clone(),
                });
            }
        }
        self.validate_ends()
    }

    fn validate_ends(&self) -> Result<(), GraphError> {
        for (index, &input) in self.inputs.iter().enumerate() {
            let op = self.nodes.get(input.0).map(|node| &node.op);
            if !matches!(op, Some(&Op::Input { index: own }) if own == index) {
                return Err(GraphError::Inputs { index });
            }
        }
        for (index, node) in self.nodes.iter().enumerate() {
            if let Op::Input { index: own } = node.op
                && self.inputs.get(own) != Some(&NodeId(index))
            {
                return Err(GraphError::Inputs { index: own });
            }
        }
        match self.outputs.iter().enumerate().find(|(_, output)| output.0 >= self.nodes.len()) {
            Some((index, &output)) => Err(GraphError::Output { index, output }),
            None => Ok(()),
        }
    }
}

//! The float reference: what the model says in `f32`, with sums and products carried in `f64`.
//!
//! Quantisation is measured against this, and this is measured against ONNX Runtime.

mod apply;
mod axis;
mod conv;
mod conv_transpose;
mod elementwise;
mod gather;
mod mat_mul;
mod order;
mod pool;
pub(crate) mod precision;
mod reduce;

use crate::graph::EXACT;
use crate::{ElementType, Graph, GraphError, Node, NodeId, Op, Tensor};
pub(crate) use apply::apply;

/// Why an evaluation could not be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// The graph itself is inconsistent.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// Another number of inputs than the graph has.
    #[error(
        "the model takes {expected} inputs, got {got}: pass one tensor per graph input, in order"
    )]
    InputCount {
        /// Inputs of the graph.
        expected: usize,
        /// Inputs passed.
        got: usize,
    },
    /// An input of another shape.
    #[error("input {index} ({name}) has shape {expected:?}, got {got:?}")]
    InputShape {
        /// Position of the input.
        index: usize,
        /// Name of the input.
        name: String,
        /// Shape in the graph.
        expected: Vec<usize>,
        /// Shape passed.
        got: Vec<usize>,
    },
    /// A tensor whose data does not fill its shape.
    #[error("input {index} ({name}) takes {expected} values, got {got}")]
    InputLength {
        /// Position of the input.
        index: usize,
        /// Name of the input.
        name: String,
        /// Elements of the shape.
        expected: usize,
        /// Elements passed.
        got: usize,
    },
    /// A whole number that `f32` does not hold.
    #[error(
        "node {node} ({op}) computes with whole numbers and comes to {value}, which float32 cannot hold exactly or its type not at all: scale the model's numbers down, or cast them to float before"
    )]
    Inexact {
        /// The node.
        node: String,
        /// Its operator.
        op: &'static str,
        /// The value, as text.
        value: String,
    },
    /// An index of a `Gather` or `GatherElements` that names no element.
    #[error(
        "node {node} ({op}) reads index {value} of an axis of {extent}: indices must be whole numbers from -{extent} to {extent} - 1"
    )]
    Index {
        /// The node.
        node: String,
        /// Its operator.
        op: &'static str,
        /// Extent of the axis.
        extent: usize,
        /// The index, as text.
        value: String,
    },
    /// A whole number divided by zero.
    #[error("node {node} ({op}) divides by zero, which has no result: leave this observation out")]
    ByZero {
        /// The node.
        node: String,
        /// Its operator.
        op: &'static str,
    },
    /// NaN or infinity in an input.
    #[error("input {index} ({name}) is {value} at position {position}: inputs must be finite")]
    InputNotFinite {
        /// Position of the input.
        index: usize,
        /// Name of the input.
        name: String,
        /// Flat index of the value.
        position: usize,
        /// The value, as text.
        value: String,
    },
}

impl Graph {
    /// Evaluates every node, in the order of [`Graph::nodes`].
    pub fn evaluate(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EvaluateError> {
        self.values(inputs, true)
    }

    /// As [`evaluate`](Graph::evaluate), on inputs that somebody made up to see magnitudes: whole numbers need not
    /// stay exact, and indices beyond an axis are those of its ends.
    pub fn evaluate_invented(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EvaluateError> {
        self.values(inputs, false)
    }

    fn values(&self, inputs: &[Tensor], checked: bool) -> Result<Vec<Tensor>, EvaluateError> {
        self.validate()?;
        self.check_inputs(inputs)?;
        let mut values: Vec<Tensor> = Vec::with_capacity(self.nodes.len());
        for (index, node) in self.nodes.iter().enumerate() {
            let operands: Vec<&Tensor> =
                node.inputs.iter().filter_map(|id| values.get(id.0)).collect();
            let value = if let Op::Input { index } = node.op {
                inputs.get(index).cloned()
            } else {
                apply(node, &operands)
            };
            let value = value.ok_or_else(|| GraphError::Inapplicable {
                node: node.name.clone(),
                op: node.op.name(),
                inputs: operands.iter().map(|operand| operand.shape.clone()).collect(),
            })?;
            if checked {
                check_divisors(node, &operands)?;
                self.check_whole(NodeId(index), node, &value)?;
                check_indices(node, &operands)?;
            }
            values.push(value);
        }
        Ok(values)
    }

    /// Evaluates the graph and returns its outputs, in order.
    pub fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EvaluateError> {
        let values = self.evaluate(inputs)?;
        Ok(self.outputs.iter().filter_map(|output| values.get(output.0).cloned()).collect())
    }

    /// Refuses arithmetic on whole numbers whose results are no longer exact, which would be wrong in silence.
    fn check_whole(&self, id: NodeId, node: &Node, value: &Tensor) -> Result<(), EvaluateError> {
        let element = self.element(id);
        if !matches!(element, ElementType::Integer { .. }) || !counts(&node.op) {
            return Ok(());
        }
        // From 2^24 on, a result may be what is left of another one.
        let wrong = |&value: &f32| f64::from(value).abs() >= EXACT || !element.holds(value.into());
        match value.data.iter().copied().find(wrong) {
            None => Ok(()),
            Some(value) => Err(EvaluateError::Inexact {
                node: node.name.clone(),
                op: node.op.name(),
                value: value.to_string(),
            }),
        }
    }

    fn check_inputs(&self, inputs: &[Tensor]) -> Result<(), EvaluateError> {
        if inputs.len() != self.inputs.len() {
            return Err(EvaluateError::InputCount {
                expected: self.inputs.len(),
                got: inputs.len(),
            });
        }
        for (index, (tensor, id)) in inputs.iter().zip(&self.inputs).enumerate() {
            let Some(Node { name, shape, .. }) = self.nodes.get(id.0) else { continue };
            let name = name.clone();
            if tensor.shape != *shape {
                let (expected, got) = (shape.clone(), tensor.shape.clone());
                return Err(EvaluateError::InputShape { index, name, expected, got });
            }
            let (expected, got) = (shape.iter().product(), tensor.data.len());
            if got != expected {
                return Err(EvaluateError::InputLength { index, name, expected, got });
            }
            if let Some(position) = tensor.data.iter().position(|value| !value.is_finite()) {
                let value = tensor.data.get(position).map_or_else(String::new, f32::to_string);
                return Err(EvaluateError::InputNotFinite { index, name, position, value });
            }
        }
        Ok(())
    }
}

/// Refuses indices that name nothing.
fn check_indices(node: &Node, operands: &[&Tensor]) -> Result<(), EvaluateError> {
    match gather::outside(node, operands) {
        None => Ok(()),
        Some((value, extent)) => {
            let (node, op, value) = (node.name.clone(), node.op.name(), value.to_string());
            Err(EvaluateError::Index { node, op, extent, value })
        }
    }
}

/// Refuses zeros that a quotient would be rounded of.
fn check_divisors(node: &Node, operands: &[&Tensor]) -> Result<(), EvaluateError> {
    let zero = matches!(node.op, Op::Round { .. })
        && operands.get(1).is_some_and(|divisors| divisors.data.contains(&0.0));
    if zero {
        return Err(EvaluateError::ByZero { node: node.name.clone(), op: node.op.name() });
    }
    Ok(())
}

/// Whether an operator computes new numbers, rather than choosing or moving those it is given.
fn counts(op: &Op) -> bool {
    match op {
        Op::MatMul
        | Op::Conv { .. }
        | Op::ConvTranspose { .. }
        | Op::Add
        | Op::Sub
        | Op::Mul
        | Op::Div
        | Op::LeakyRelu { .. }
        | Op::PRelu
        | Op::Sigmoid
        | Op::Tanh
        | Op::Exp
        | Op::Log
        | Op::Sqrt
        | Op::Erf
        | Op::Gelu { .. }
        | Op::Softplus
        | Op::Function(_)
        | Op::Neg
        | Op::Abs
        | Op::Pow { .. }
        | Op::Round { .. }
        | Op::Trunc
        | Op::AveragePool { .. }
        | Op::ReduceSum { .. }
        | Op::ReduceMean { .. } => true,
        Op::Input { .. }
        | Op::Constant(_)
        | Op::Relu
        | Op::Clip { .. }
        | Op::MaxPool { .. }
        | Op::ReduceMax { .. }
        | Op::Max
        | Op::Min
        | Op::Less
        | Op::LessOrEqual
        | Op::Equal
        | Op::Where
        | Op::Gather { .. }
        | Op::GatherElements { .. }
        | Op::TopK { .. }
        | Op::Reshape
        | Op::Transpose { .. }
        | Op::Concat { .. }
        | Op::Slice { .. }
        | Op::Pad { .. }
        | Op::Expand
        | Op::Take { .. }
        | Op::Tile { .. } => false,
    }
}

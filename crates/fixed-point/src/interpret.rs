//! The integer interpreter: **the specification** of what a proof claims.
//!
//! Exact, checked arithmetic; every value is compared with its proven interval on the way.

use crate::linear::{accumulate, biased};
use crate::quant_graph::{Interval, Piecewise, QuantGraph, QuantOp, QuantTensor, TensorId};
use crate::round::rescale;

/// Why integers could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InterpretError {
    /// The number of inputs is not the graph's.
    #[error("expected {expected} inputs, got {got}")]
    InputCount {
        /// Inputs of the graph.
        expected: usize,
        /// Inputs given.
        got: usize,
    },
    /// A tensor or operand has the wrong number of elements.
    #[error("node `{node}`: expected {expected} elements, got {got}")]
    Size {
        /// The node.
        node: String,
        /// Elements needed.
        expected: usize,
        /// Elements there.
        got: usize,
    },
    /// A value lies outside the interval proven (or, for inputs, enforced) for it.
    #[error("node `{node}`, element {index}: {value} is outside [{}, {}]; quantise the input with the graph's own settings", .interval.lo, .interval.hi)]
    OutsideInterval {
        /// The node.
        node: String,
        /// Flat index.
        index: usize,
        /// The integer.
        value: i64,
        /// Where it must lie.
        interval: Interval,
    },
    /// A rescaled value has no row in its table.
    #[error(
        "node `{node}`, element {index}: rescaled value {value} is not covered by the node's table; validate the graph"
    )]
    OutsideTable {
        /// The node.
        node: String,
        /// Flat index.
        index: usize,
        /// The rescaled value q.
        value: i64,
    },
    /// A divisor that is too small.
    #[error(
        "node `{node}`, element {index}: it divides by {value}, but {least} is the least divisor that it was calibrated for; calibrate with data like this input"
    )]
    Divisor {
        /// The node.
        node: String,
        /// Flat index.
        index: usize,
        /// The divisor.
        value: i64,
        /// The least one.
        least: i64,
    },
    /// A root of a negative number.
    #[error(
        "node `{node}`, element {index}: {value} is negative and has no square root; calibrate with data like this input"
    )]
    Negative {
        /// The node.
        node: String,
        /// Flat index.
        index: usize,
        /// The number.
        value: i64,
    },
    /// An integer exceeded 64 bits.
    #[error("node `{node}`: a value exceeds 64 bits; validate the graph")]
    Overflow {
        /// The node.
        node: String,
    },
    /// An operand index beyond the tensors evaluated so far.
    #[error("tensor {index} is used before it is made; validate the graph")]
    NoTensor {
        /// The index.
        index: usize,
    },
    /// Accumulators were asked of a tensor that has none.
    #[error("node `{node}` is not rescaled and has no accumulator")]
    NotRescaled {
        /// The node.
        node: String,
    },
}

impl QuantGraph {
    /// Evaluates every tensor; entry `i` of the result holds the integers of `tensors[i]`.
    ///
    /// # Errors
    /// [`InterpretError`] for inputs of the wrong number, size or interval, and for graphs that do not
    /// [validate](QuantGraph::validate).
    pub fn interpret(&self, inputs: &[Vec<i64>]) -> Result<Vec<Vec<i64>>, InterpretError> {
        if inputs.len() != self.inputs.len() {
            return Err(InterpretError::InputCount {
                expected: self.inputs.len(),
                got: inputs.len(),
            });
        }
        let mut values: Vec<Vec<i64>> = Vec::with_capacity(self.tensors.len());
        for (at, tensor) in self.tensors.iter().enumerate() {
            let value = self.evaluate(TensorId(at), tensor, inputs, &values)?;
            if value.len() != tensor.len() {
                let (expected, got) = (tensor.len(), value.len());
                return Err(InterpretError::Size { node: tensor.name.clone(), expected, got });
            }
            if let Some((index, &value)) =
                value.iter().enumerate().find(|&(_, &x)| !tensor.interval.contains(x))
            {
                let (node, interval) = (tensor.name.clone(), tensor.interval);
                return Err(InterpretError::OutsideInterval { node, index, value, interval });
            }
            values.push(value);
        }
        Ok(values)
    }

    /// A rescaled tensor's integers.
    pub(crate) fn rescale(
        &self,
        id: TensorId,
        tensor: &QuantTensor,
        values: &[Vec<i64>],
    ) -> Result<Vec<i64>, InterpretError> {
        let node = &tensor.name;
        let QuantOp::Rescale { bias, accumulator, function, .. } = &tensor.op else {
            return Err(InterpretError::NotRescaled { node: node.clone() });
        };
        let y = accumulate(self, id, values)?;
        let elements = y.len();
        let finish = |(index, y): (usize, i64)| {
            let value = biased(node, y, bias, index, elements)?;
            if !accumulator.contains(value) {
                let (node, interval) = (node.clone(), *accumulator);
                return Err(InterpretError::OutsideInterval { node, index, value, interval });
            }
            self.activate(value, function).map_err(|value| InterpretError::OutsideTable {
                node: node.clone(),
                index,
                value,
            })
        };
        y.into_iter().enumerate().map(finish).collect()
    }

    /// `function(rescale(y))`, or the rescaled value that the function does not cover.
    fn activate(&self, y: i64, function: &Piecewise) -> Result<i64, i64> {
        let q = rescale(y, self.shift);
        function.eval(q, self.low_bits).ok_or(q)
    }
}

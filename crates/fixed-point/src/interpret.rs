//! The integer interpreter: **the specification** of what a proof claims.
//!
//! Exact, checked arithmetic; every value is compared with its proven interval on the way.

use crate::accumulate::{accumulate, biased};
use crate::convert::index;
use crate::quant_graph::{Interval, Piecewise, QuantGraph, QuantOp, QuantTensor, Source, TensorId};
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

    fn evaluate(
        &self,
        id: TensorId,
        tensor: &QuantTensor,
        inputs: &[Vec<i64>],
        values: &[Vec<i64>],
    ) -> Result<Vec<i64>, InterpretError> {
        let node = &tensor.name;
        let earlier = |t: TensorId| values.get(t.0).ok_or(InterpretError::NoTensor { index: t.0 });
        match &tensor.op {
            QuantOp::Input { index } => inputs
                .get(*index)
                .cloned()
                .ok_or(InterpretError::InputCount { expected: index + 1, got: inputs.len() }),
            QuantOp::View { sources, map } => {
                let sources = sources.iter().map(|&t| earlier(t)).collect::<Result<Vec<_>, _>>()?;
                let element = |source: &Source| match *source {
                    Source::Constant(value) => Ok(value),
                    Source::Element { source, index: at } => sources
                        .get(index(source))
                        .and_then(|values| values.get(index(at)))
                        .copied()
                        .ok_or(InterpretError::NoTensor { index: index(source) }),
                };
                map.iter().map(element).collect()
            }
            QuantOp::Exact { terms } => {
                // Terms may exceed 64 bits where their sum does not.
                let overflow = || InterpretError::Overflow { node: node.clone() };
                let mut sums = vec![0_i128; tensor.len()];
                for (operand, c) in terms {
                    let x = earlier(*operand)?;
                    if x.len() != sums.len() {
                        return Err(InterpretError::Size {
                            node: node.clone(),
                            expected: sums.len(),
                            got: x.len(),
                        });
                    }
                    for (sum, x) in sums.iter_mut().zip(x) {
                        let term = i128::from(*c) * i128::from(*x);
                        *sum = sum.checked_add(term).ok_or_else(overflow)?;
                    }
                }
                sums.into_iter().map(|sum| i64::try_from(sum).map_err(|_| overflow())).collect()
            }
            QuantOp::Rescale { bias, accumulator, function, .. } => {
                let y = accumulate(self, id, values)?;
                let elements = y.len();
                let finish =
                    |(index, y): (usize, i64)| {
                        let value = biased(node, y, bias, index, elements)?;
                        if !accumulator.contains(value) {
                            let (node, interval) = (node.clone(), *accumulator);
                            return Err(InterpretError::OutsideInterval {
                                node,
                                index,
                                value,
                                interval,
                            });
                        }
                        self.activate(value, function).map_err(|value| {
                            InterpretError::OutsideTable { node: node.clone(), index, value }
                        })
                    };
                y.into_iter().enumerate().map(finish).collect()
            }
        }
    }

    /// `function(rescale(y))`, or the rescaled value that the function does not cover.
    fn activate(&self, y: i64, function: &Piecewise) -> Result<i64, i64> {
        let q = rescale(y, self.shift);
        function.eval(q, self.low_bits).ok_or(q)
    }
}

//! The integer interpreter: **the specification** of what a proof claims.
//!
//! Exact, checked arithmetic; every value is compared with its proven interval on the way.

use crate::interpret_error::InterpretError;
use crate::quant_graph::QuantGraph;

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
        for tensor in &self.tensors {
            let value = self.evaluate(tensor, inputs, &values)?;
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
}

//! Where values met the ends of calibrated ranges.

use crate::convert::real;
use crate::interpret_error::InterpretError;
use crate::linear::accumulate;
use crate::quant_graph::{Interval, QuantGraph, QuantOp, TensorId, Watch, Watched};
use provenn_onnx_ir::Tensor;
use serde::Serialize;

/// A node some of whose values were clamped to the range that calibration gave it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Saturation {
    /// The ONNX node.
    pub node: String,
    /// Its operator.
    pub onnx_op: String,
    /// How many of its elements were clamped.
    pub clamped: usize,
    /// Of how many.
    pub elements: usize,
    /// How far beyond the end of its range the farthest value lies, in real units.
    pub beyond: f64,
    /// The same as a multiple of the range's magnitude, plus one: 10 is ten times as far out as calibrated.
    pub factor: f64,
}

impl QuantGraph {
    /// Inputs that lie outside their range, and nodes whose values did; `values` are those of
    /// [`interpret`](QuantGraph::interpret) on `inputs`.
    ///
    /// A clamp that is the operator's own (Clip, the tails of Sigmoid and Tanh, ReLU at zero) is none.
    ///
    /// # Errors
    /// [`InterpretError`] if `values` are of another graph.
    pub fn saturation(
        &self,
        inputs: &[Tensor],
        values: &[Vec<i64>],
    ) -> Result<Vec<Saturation>, InterpretError> {
        let mut found = vec![];
        for (id, tensor) in self.inputs.iter().zip(inputs) {
            let grid = self.grid(*id);
            let reals = tensor.data.iter().enumerate().map(|(element, &x)| {
                let (offset, step) = grid.column(element);
                (f64::from(x) - offset) / step
            });
            let tensor = &self.tensors[id.0];
            found.extend(self.clamped(*id, tensor.interval, tensor.step, reals));
        }
        for &Watch { tensor, what, range, unit } in &self.watches {
            let q = match what {
                Watched::Value => values.get(tensor.0).cloned().unwrap_or_default(),
                Watched::Rescaled => self.rescaled(tensor, values)?,
            };
            found.extend(self.clamped(tensor, range, unit, q.into_iter().map(real)));
        }
        Ok(found)
    }

    /// The rescaled values of a tensor, before its function.
    fn rescaled(&self, tensor: TensorId, values: &[Vec<i64>]) -> Result<Vec<i64>, InterpretError> {
        let y = accumulate(self, tensor, values)?;
        let QuantOp::Rescale { format, bias, .. } = &self.tensors[tensor.0].op else {
            return Ok(vec![]);
        };
        let unknown = || InterpretError::NoFormat { node: self.tensors[tensor.0].name.clone() };
        let format = self.format(*format).ok_or_else(unknown)?;
        let per_channel = y.len().checked_div(bias.len()).unwrap_or(1).max(1);
        let biased = |(element, y): (usize, i64)| {
            let bias = bias.get(element / per_channel).copied().unwrap_or(0);
            format.rescale(y.saturating_add(bias))
        };
        Ok(y.into_iter().enumerate().map(biased).collect())
    }

    fn clamped(
        &self,
        id: TensorId,
        range: Interval,
        unit: f64,
        values: impl Iterator<Item = f64>,
    ) -> Option<Saturation> {
        let (lo, hi) = (real(range.lo), real(range.hi));
        let open = real(OPEN);
        let magnitude = [lo, hi].map(f64::abs).into_iter().filter(|&end| end < open);
        let magnitude = magnitude.fold(1.0, f64::max);
        let (mut clamped, mut elements, mut beyond) = (0, 0, 0.0_f64);
        for value in values {
            elements += 1;
            let distance = (value - hi).max(lo - value);
            // Half a unit is rounding.
            if distance > 0.5 {
                clamped += 1;
                beyond = beyond.max(distance);
            }
        }
        let tensor = &self.tensors[id.0];
        let (node, onnx_op) = (tensor.name.clone(), tensor.onnx_op.clone());
        let factor = 1.0 + beyond / magnitude;
        let normalised = self.grids.get(&id).map_or(1.0, |grid| grid.coarsest() / tensor.step);
        let beyond = beyond * unit * normalised;
        (clamped > 0).then_some(Saturation { node, onnx_op, clamped, elements, beyond, factor })
    }
}

/// An end that is none.
const OPEN: i64 = i64::MAX / 2;

impl std::fmt::Display for Saturation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Saturation { node, onnx_op, clamped, elements, beyond, factor } = self;
        let (node, onnx_op) = (provenn_escape::plain(node), provenn_escape::plain(onnx_op));
        write!(
            f,
            "`{node}` ({onnx_op}): {clamped} of {elements} values lie outside the calibrated range and were clamped, the farthest {factor:.2} times as far out as calibrated (by {beyond:.4})"
        )
    }
}

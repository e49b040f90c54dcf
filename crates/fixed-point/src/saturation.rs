//! Where values met the ends of calibrated ranges.

use crate::accumulate::accumulate;
use crate::convert::real;
use crate::interpret::InterpretError;
use crate::quant_graph::{Interval, Piecewise, QuantGraph, QuantOp, TensorId};
use crate::round::rescale;
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
            let reals = tensor.data.iter().map(|&x| f64::from(x) / self.tensors[id.0].step);
            found.extend(self.clamped(*id, self.tensors[id.0].interval, reals));
        }
        for (at, tensor) in self.tensors.iter().enumerate() {
            let QuantOp::Rescale { bias, function, .. } = &tensor.op else { continue };
            let Some(range) = linear_part(function, self.low_bits, &tensor.onnx_op) else {
                continue;
            };
            let y = accumulate(self, TensorId(at), values)?;
            let per_channel = y.len().checked_div(bias.len()).unwrap_or(1).max(1);
            let q = y.iter().enumerate().map(|(element, &y)| {
                let bias = bias.get(element / per_channel).copied().unwrap_or(0);
                real(rescale(y.saturating_add(bias), self.shift))
            });
            found.extend(self.clamped(TensorId(at), range, q));
        }
        Ok(found)
    }

    fn clamped(
        &self,
        id: TensorId,
        range: Interval,
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
        let beyond = beyond * tensor.step;
        (clamped > 0).then_some(Saturation { node, onnx_op, clamped, elements, beyond, factor })
    }
}

/// An end that is none.
const OPEN: i64 = i64::MAX / 2;

/// The q that a clamping table passes; `None` for tables that do not clamp at a calibrated range.
fn linear_part(function: &Piecewise, low_bits: u32, onnx_op: &str) -> Option<Interval> {
    if ["Clip", "Sigmoid", "Tanh", "Div"].contains(&onnx_op) {
        return None;
    }
    let linear = |&(slope, _): &(i64, i64)| slope != 0;
    let first = function.entries.iter().position(linear)?;
    let last = function.entries.iter().rposition(linear)?;
    let head = |at: usize| function.first.checked_add(i64::try_from(at).ok()?);
    let mut range = Interval {
        lo: head(first)?.checked_mul(1 << low_bits)?,
        hi: head(last)?.checked_add(1)?.checked_mul(1 << low_bits)? - 1,
    };
    // What is constant zero is the operator's own; what has no constant end does not clamp.
    let bottom = function.entries.first()?;
    if first == 0 || *bottom == (0, 0) {
        range.lo = -OPEN;
    }
    if last + 1 == function.entries.len() {
        range.hi = OPEN;
    }
    Some(range)
}

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

//! The planner: chooses k, lanes and engine lanes by a cost model, deterministically.

use crate::builder::Builder;
use crate::error::CompileError;
use provenn_fixed_point::{Linear, QuantGraph, QuantOp};
use provenn_gadgets::{Layout, Shape};
use serde::{Deserialize, Serialize};

/// What the caller may fix; the rest is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOptions {
    /// Exactly this k.
    pub logrows: Option<u32>,
    /// Inputs are not public: they are range-checked in the circuit instead.
    pub private_inputs: bool,
    /// Outputs are not public.
    pub private_outputs: bool,
}

/// The chosen parameters; with the graph they determine the circuit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Rows are 2^k.
    pub k: u32,
    /// Cells per row of a bank.
    pub lanes: usize,
    /// Weights per row of an engine.
    pub engine_lanes: usize,
    /// Inputs are not public.
    pub private_inputs: bool,
    /// Outputs are not public.
    pub private_outputs: bool,
}

/// Modelled cost of a circuit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// CPU seconds to prove.
    pub prove_seconds: f64,
    /// Bytes held at the peak of proving.
    pub prove_bytes: f64,
}

/// CPU seconds per cell, measured by `cargo bench -p provenn-benches --bench cost_model` on two cores.
mod constants {
    /// Commitment of a small integer.
    pub(super) const COMMIT_SMALL: f64 = 1.0e-6;
    /// Commitment of a field element.
    pub(super) const COMMIT_FULL: f64 = 4.5e-6;
    /// Coset transform, per row and bit of k.
    pub(super) const TRANSFORM: f64 = 6.0e-8;
    /// Quotient terms and opening, per cell.
    pub(super) const QUOTIENT: f64 = 5.0e-7;
}

/// Models the cost of proving a shape.
#[must_use]
#[allow(clippy::cast_precision_loss)] // column counts are far below 2^52
pub fn cost(shape: &Shape) -> Cost {
    let layout = Layout::new(shape);
    let n = (1_u64 << shape.k) as f64;
    let k = f64::from(shape.k);
    let copied = layout.equality_columns().len();
    let permutation = copied.div_ceil(3);
    let first = layout.first as f64;
    let full = (layout.second + permutation + 5) as f64;
    let fixed = (layout.fixed + copied) as f64;
    let columns = first + full + fixed;
    let per_row = first * constants::COMMIT_SMALL
        + full * constants::COMMIT_FULL
        + columns * (k * constants::TRANSFORM + constants::QUOTIENT);
    let prove_seconds = n * per_row + 0.02;
    // Lagrange, coefficient and one coset form of advice and fixed columns, 32 bytes each; assigned cells twice that.
    let prove_bytes = n * 32.0 * (columns * 4.0 + (first + full) * 3.0);
    Cost { prove_seconds, prove_bytes }
}

/// Heights of the weight columns in the graph.
fn heights(graph: &QuantGraph) -> Vec<usize> {
    let mut heights: Vec<usize> = graph
        .tensors
        .iter()
        .filter_map(|tensor| match &tensor.op {
            QuantOp::Rescale { linear: Linear::Dense { .. }, .. } => Some(tensor.len()),
            QuantOp::Rescale { linear: Linear::Conv { kernel_shape, .. }, .. } => {
                Some(kernel_shape[0])
            }
            _ => None,
        })
        .collect();
    heights.sort_unstable();
    heights.dedup();
    heights
}

/// Even divisions of the weight columns: no lane of the last row stays empty.
fn engine_lane_candidates(graph: &QuantGraph) -> Vec<usize> {
    let mut candidates: Vec<usize> = heights(graph)
        .into_iter()
        .flat_map(|n| (1..=n.min(64)).map(move |parts| n.div_ceil(parts)))
        .filter(|&lanes| lanes <= 128)
        .collect();
    candidates.push(4);
    candidates.sort_unstable();
    candidates.dedup();
    candidates
}

/// Chooses the cheapest plan.
///
/// # Errors
/// [`CompileError`] of the lowest k that fails for a reason other than room, or `TooLarge`.
pub fn plan(graph: &QuantGraph, options: &PlanOptions) -> Result<Plan, CompileError> {
    let range = options.logrows.map_or(6..=22, |k| k..=k);
    let limit = *range.end();
    let mut best: Option<(f64, Plan)> = None;
    let mut worse_in_a_row = 0;
    let mut reason = String::from("nothing fits");
    for k in range {
        let mut improved = false;
        for lanes in [4, 8, 16] {
            let mut dry = |engine_lanes| {
                let capacity = Shape { k, ..Shape::default() }.active_rows();
                let mut builder = Builder::new(graph, lanes, engine_lanes, capacity, true);
                builder.lower(options.private_inputs, options.private_outputs)?;
                let rows: usize = graph
                    .inputs
                    .iter()
                    .chain(&graph.outputs)
                    .map(|t| graph.tensors[t.0].len())
                    .sum();
                if rows > capacity {
                    let reason = format!("{rows} public values");
                    return Err(CompileError::TooLarge { limit: k, reason });
                }
                Ok(builder.shape(k))
            };
            for engine_lanes in engine_lane_candidates(graph) {
                let shape = match dry(engine_lanes) {
                    Ok(shape) => shape,
                    Err(CompileError::TooLarge { reason: why, .. }) => {
                        reason = why;
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                if let Err(error) = shape.validate() {
                    reason = error.to_string();
                    continue;
                }
                let seconds = cost(&shape).prove_seconds;
                if best.as_ref().is_none_or(|(least, _)| seconds < *least) {
                    let plan = Plan {
                        k,
                        lanes,
                        engine_lanes,
                        private_inputs: options.private_inputs,
                        private_outputs: options.private_outputs,
                    };
                    best = Some((seconds, plan));
                    improved = true;
                }
            }
        }
        // Beyond the best k costs only grow.
        worse_in_a_row = if improved || best.is_none() { 0 } else { worse_in_a_row + 1 };
        if worse_in_a_row == 2 {
            break;
        }
    }
    best.map(|(_, plan)| plan).ok_or(CompileError::TooLarge { limit, reason })
}

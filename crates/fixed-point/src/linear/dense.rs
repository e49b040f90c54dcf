//! Dense: `y[n] = Σ_k weights[n·K + k] · input[k]`.

use super::chunks::{ALONE, each};
use super::exact::{Exact, dot};
use super::operands::{Operands, of};
use super::sums::{wide_dot, with_bias};
use super::taken::{Taken, elements, wide};
use crate::interpret_error::InterpretError;
use crate::interval::Wide;
use crate::quant_graph::{QuantGraph, TensorId};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

pub(super) fn check(
    sizes: Sizes<'_>,
    input: TensorId,
    weights: &[i64],
) -> Result<(), ValidateError> {
    sizes.equal("weights", sizes.operand(input).checked_mul(sizes.len), weights.len())
}

pub(super) fn work(graph: &QuantGraph, input: TensorId, weights: &[i64], len: u128) -> Taken {
    Taken { elements: len.saturating_add(elements(graph, input)), products: wide(weights.len()) }
}

pub(super) fn accumulate(
    operands: Operands<'_>,
    input: TensorId,
    weights: &[i64],
    len: usize,
) -> Result<Vec<i64>, InterpretError> {
    let k = operands.values.get(input.0).map_or(0, Vec::len);
    if k == 0 || k.checked_mul(len) != Some(weights.len()) {
        return Err(operands.size(weights.len(), k.saturating_mul(len)));
    }
    let x = operands.get(input, k)?;
    if Exact::of(weights, x, k).is_some() {
        let mut y = vec![0; len];
        // Rows at a time, few as they may be.
        let rows = (ALONE / k).max(1);
        each(&mut y, rows, weights.len(), |at, y| {
            let weights = weights[at * rows * k..].chunks_exact(k);
            y.iter_mut().zip(weights).for_each(|(y, row)| *y = dot(row, x));
            Some(())
        });
        return Ok(y);
    }
    operands.narrow(weights.chunks(k).map(|row| wide_dot(row.iter().zip(x))).collect())
}

pub(super) fn interval(
    graph: &QuantGraph,
    input: TensorId,
    weights: &[i64],
    bias: &[i64],
    len: usize,
) -> Option<Wide> {
    let x = of(graph, input)?;
    let k = graph.tensors.get(input.0)?.len().max(1);
    let mut hull: Option<Wide> = None;
    for (n, row) in weights.chunks(k).enumerate() {
        let y = with_bias(Wide::weighted_row(row, x)?.below_limit()?, bias, n, len)?;
        hull = Some(hull.map_or(y, |hull| hull.hull(y)));
    }
    Some(hull.unwrap_or(Wide::ZERO))
}

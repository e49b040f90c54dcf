//! Sort: the positions of a line's elements by size, the largest first; of equal ones the first comes first.
//!
//! With `c_j = extent·v_j − p_j` for the j-th position p and the element v there, positions are the order if and only if c
//! decreases strictly along each line: then no position occurs twice, and of equal elements the first comes first. Lines
//! follow each other; `spread·extent` more at the end of each makes every difference positive.

use crate::convert::count;
use crate::interpret_error::InterpretError;
use crate::interval::ACCUMULATOR_LIMIT;
use crate::linear::Operands;
use crate::quant_graph::{Interval, QuantGraph, TensorId};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

pub(super) fn check(
    sizes: Sizes<'_>,
    operand: TensorId,
    extent: usize,
) -> Result<(), ValidateError> {
    sizes.equal("operand", Some(sizes.len), sizes.operand(operand))?;
    match sizes.len.checked_rem(extent) {
        Some(0) => Ok(()),
        Some(_) | None => sizes.malformed("it sorts no whole lines"),
    }
}

pub(super) fn interval(extent: usize) -> Option<Interval> {
    Some(Interval { lo: 0, hi: i64::try_from(extent).ok()?.checked_sub(1)? })
}

pub(super) fn evaluate(
    operands: Operands<'_>,
    operand: TensorId,
    extent: usize,
    len: usize,
) -> Result<Vec<i64>, InterpretError> {
    let lines = operands.get(operand, len)?.chunks(extent.max(1));
    let order = |line: &[i64]| {
        let mut positions: Vec<(i64, i64)> = line.iter().map(|v| -v).zip(0..).collect();
        positions.sort_unstable();
        positions.into_iter().map(|(_, position)| position).collect::<Vec<_>>()
    };
    Ok(lines.flat_map(order).collect())
}

impl QuantGraph {
    /// What a sort's difference at the end of a line has more than `c_j − c_(j+1)`: so much that it is positive whatever
    /// the next line holds. `None` where differences could reach 2^62.
    #[must_use]
    pub fn between_lines(&self, operand: TensorId, extent: usize) -> Option<i64> {
        let Interval { lo, hi } = self.tensors.get(operand.0)?.interval;
        let spread = hi.checked_sub(lo)?.checked_add(1)?;
        let more = spread.checked_mul(i64::try_from(extent).ok()?)?;
        (more < ACCUMULATOR_LIMIT / 4).then_some(more)
    }
}

/// Of the differences; none where one element is all there is.
pub(super) fn ranges(
    graph: &QuantGraph,
    operand: TensorId,
    extent: usize,
) -> Option<Vec<Interval>> {
    let more = graph.between_lines(operand, extent)?;
    let differences = Interval { lo: 1, hi: more.checked_mul(2)? };
    Some(if graph.tensors.get(operand.0)?.len() > 1 { vec![differences] } else { vec![] })
}

pub(super) fn ranged(
    operands: Operands<'_>,
    [operand, id]: [TensorId; 2],
    extent: usize,
) -> Result<Vec<Vec<i64>>, InterpretError> {
    let len = operands.values.get(id.0).map_or(0, Vec::len);
    let (data, order) = (operands.get(operand, len)?, operands.get(id, len)?);
    let more = operands.graph.between_lines(operand, extent);
    let more = more.ok_or_else(|| operands.overflow())?;
    let pair = |at: usize| {
        let position = order.get(at).copied()?;
        let line = at.checked_div(extent)? * extent;
        Some((*data.get(line + usize::try_from(position).ok()?)?, position))
    };
    let difference = |at: usize| {
        let ((v, p), (next, q)) = (pair(at)?, pair(at + 1)?);
        let more = if (at + 1).is_multiple_of(extent) { more } else { 0 };
        v.checked_sub(next)?.checked_mul(count(extent))?.checked_sub(p - q)?.checked_add(more)
    };
    let all: Option<Vec<i64>> = (0..len.saturating_sub(1)).map(difference).collect();
    let all = all.ok_or_else(|| operands.overflow())?;
    Ok(if all.is_empty() { vec![] } else { vec![all] })
}

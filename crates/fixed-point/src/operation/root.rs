//! Root: `x = ⌊√(v + e)⌋`, exact, e a constant.
//!
//! Of all integers x, one satisfies `v + e = x² + r` with `0 ≤ r ≤ 2·x`: then `x² ≤ v + e < (x + 1)²`.

use crate::interpret_error::InterpretError;
use crate::interval::ACCUMULATOR_LIMIT;
use crate::linear::Operands;
use crate::quant_graph::{Interval, QuantGraph, TensorId};

pub(super) fn interval(graph: &QuantGraph, operand: TensorId, addend: i64) -> Option<Interval> {
    let Interval { lo, hi } = graph.tensors.get(operand.0)?.interval;
    let (lo, hi) = (lo.checked_add(addend)?, hi.checked_add(addend)?);
    if hi >= ACCUMULATOR_LIMIT {
        return None;
    }
    Some(Interval { lo: lo.max(0).isqrt(), hi: hi.checked_isqrt()? })
}

pub(super) fn evaluate(
    operands: Operands<'_>,
    operand: TensorId,
    addend: i64,
    len: usize,
) -> Result<Vec<i64>, InterpretError> {
    let root = |(index, v): (usize, &i64)| {
        let value = v.checked_add(addend).ok_or_else(|| operands.overflow())?;
        let negative = || InterpretError::Negative { node: operands.node.into(), index, value };
        value.checked_isqrt().ok_or_else(negative)
    };
    operands.get(operand, len)?.iter().enumerate().map(root).collect()
}

/// Of x; of `r − e`; and of `2x − (r − e)`. `None` where one could reach 2^62.
pub(super) fn ranges(x: Interval, addend: i64) -> Option<Vec<Interval>> {
    let twice = x.hi.checked_mul(2)?;
    let remainder = Interval { lo: addend.checked_neg()?, hi: twice.checked_sub(addend)? };
    let left = Interval { lo: addend, hi: twice.checked_add(addend)? };
    let all = vec![Interval { lo: 0, hi: x.hi }, remainder, left];
    let limit = ACCUMULATOR_LIMIT.unsigned_abs();
    all.iter().all(|range| range.magnitude() < limit).then_some(all)
}

pub(super) fn ranged(
    operands: Operands<'_>,
    [operand, id]: [TensorId; 2],
    len: usize,
) -> Result<Vec<Vec<i64>>, InterpretError> {
    let (v, x) = (operands.get(operand, len)?, operands.get(id, len)?);
    let remainder = |(v, x): (&i64, &i64)| v.checked_sub(x.checked_mul(*x)?);
    let remainders = v.iter().zip(x).map(remainder).collect::<Option<Vec<i64>>>();
    let remainders = remainders.ok_or_else(|| operands.overflow())?;
    let left = x.iter().zip(&remainders).map(|(x, r)| 2 * x - r).collect();
    Ok(vec![x.to_vec(), remainders, left])
}

//! Contract: `y[i] = multiplier · Σ_k a[i·K + k]·b[i·K + k]`, products of two tensors summed over their last axis.
//!
//! K is what the operands have more elements than the result; with K = 1 it is the elementwise product, with
//! `a = b` a sum of squares.

use super::exact::{Exact, dot};
use super::operands::{Operands, of};
use super::sums::wide_dot;
use super::taken::{Taken, elements};
use crate::convert::count;
use crate::interpret_error::InterpretError;
use crate::interval::Wide;
use crate::quant_graph::{QuantGraph, TensorId};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

pub(super) fn check(
    sizes: Sizes<'_>,
    [a, b]: [TensorId; 2],
    multiplier: i64,
) -> Result<(), ValidateError> {
    if multiplier <= 0 {
        return sizes.malformed("its multiplier is not positive");
    }
    let got = sizes.operand(a);
    sizes.equal(
        "operand",
        got.checked_div(sizes.len).and_then(|k| k.checked_mul(sizes.len)),
        got,
    )?;
    if got == 0 {
        return sizes.malformed("it contracts nothing");
    }
    sizes.equal("operand", Some(got), sizes.operand(b))
}

pub(super) fn work(graph: &QuantGraph, a: TensorId, len: u128) -> Taken {
    let each = elements(graph, a);
    Taken { elements: len.saturating_add(each.saturating_mul(2)), products: each }
}

pub(super) fn accumulate(
    operands: Operands<'_>,
    [a, b]: [TensorId; 2],
    multiplier: i64,
    len: usize,
) -> Result<Vec<i64>, InterpretError> {
    let elements = operands.values.get(a.0).map_or(0, Vec::len);
    let inner = elements.checked_div(len).filter(|k| *k > 0 && k * len == elements);
    let inner = inner.ok_or_else(|| operands.size(len, elements))?;
    let (a, b) = (operands.get(a, elements)?, operands.get(b, elements)?);
    let groups = a.chunks(inner).zip(b.chunks(inner));
    if Exact::of(a, b, inner).is_some() {
        return operands.times(groups.map(|(a, b)| dot(a, b)).collect(), multiplier);
    }
    let sum =
        |(a, b): (&[i64], &[i64])| wide_dot(a.iter().zip(b))?.checked_mul(i128::from(multiplier));
    operands.narrow(groups.map(sum).collect())
}

pub(super) fn interval(
    graph: &QuantGraph,
    [a, b]: [TensorId; 2],
    multiplier: i64,
    len: usize,
) -> Option<Wide> {
    let inner = graph.tensors.get(a.0)?.len().checked_div(len)?;
    let (x, z) = (of(graph, a)?, of(graph, b)?);
    let mut y = Wide::product(x, z);
    if a == b {
        // A square: never negative.
        let largest = i128::from(x.lo.min(0)).pow(2).max(i128::from(x.hi.max(0)).pow(2));
        if x.lo <= 0 && x.hi >= 0 {
            y = Wide { lo: 0, hi: largest };
        }
        y.lo = y.lo.max(0);
    }
    y.times(count(inner))?.times(multiplier)?.below_limit()
}

//! MatMul: `y[m,n] = multiplier · Σ_k a[m,k]·b[k,n]`.

use super::exact::Exact;
use super::operands::{Operands, of};
use super::product::{Left, add_product};
use super::sums::wide_dot;
use super::taken::{Taken, elements, wide};
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
    let (&[m, k], &[k2, n]) = (sizes.shape(a), sizes.shape(b)) else {
        return sizes.malformed("the operands of its product are not matrices");
    };
    if multiplier <= 0 || k != k2 || sizes.tensor.shape != [m, n] {
        return sizes.malformed("its matrix product has the wrong extents or multiplier");
    }
    Ok(())
}

pub(super) fn work(graph: &QuantGraph, [a, b]: [TensorId; 2], len: u128) -> Taken {
    let inner = graph.tensors.get(a.0).and_then(|t| t.shape.get(1));
    let operands = elements(graph, a).saturating_add(elements(graph, b));
    Taken {
        elements: len.saturating_add(operands),
        products: len.saturating_mul(inner.map_or(0, |&k| wide(k))),
    }
}

pub(super) fn accumulate(
    operands: Operands<'_>,
    [a, b]: [TensorId; 2],
    multiplier: i64,
    len: usize,
) -> Result<Vec<i64>, InterpretError> {
    let (&[m, k], &[k2, n]) = (operands.shape(a)?, operands.shape(b)?) else {
        return Err(operands.size(2, operands.shape(a)?.len()));
    };
    if k != k2 || m * n != len {
        return Err(operands.size(m * n, len));
    }
    let (a, b) = (operands.get(a, m * k)?, operands.get(b, k * n)?);
    if let Some(exact) = Exact::of(a, b, k) {
        let left = Left { data: a, row: |m| m * k, step: 1 };
        let right = |k: usize, from: usize, to: &mut [i64]| {
            to.copy_from_slice(&b[k * n + from..][..to.len()])
        };
        let mut y = vec![0; len];
        add_product(exact, [m, k, n], &left, right, &mut y).ok_or_else(|| operands.overflow())?;
        return operands.times(y, multiplier);
    }
    let element = |i: usize| {
        let row = &a[i / n * k..][..k];
        wide_dot(row.iter().zip(b[i % n..].iter().step_by(n)))?.checked_mul(i128::from(multiplier))
    };
    operands.narrow((0..len).map(element).collect())
}

pub(super) fn interval(graph: &QuantGraph, [a, b]: [TensorId; 2], multiplier: i64) -> Option<Wide> {
    let k = *graph.tensors.get(a.0)?.shape.get(1)?;
    let product = Wide::product(of(graph, a)?, of(graph, b)?);
    product.times(count(k))?.times(multiplier)?.below_limit()
}

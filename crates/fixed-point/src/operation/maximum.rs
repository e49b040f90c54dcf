//! Maximum: the largest of a window's elements, of windows that lie side by side.
//!
//! `x[p,i,j] = max_{a<KH, b<KW} v[p, KH·i + a, KW·j + b]`. Rows and columns that are left over at the end, fewer
//! than a window has, are in none.

use crate::interpret_error::InterpretError;
use crate::linear::{Images, Operands};
use crate::quant_graph::{Interval, QuantGraph, TensorId};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

/// Most elements of a window: the constraint that one of their distances is zero has as high a degree.
const MOST_ELEMENTS: usize = 4;

/// The windows of a tensor of these images.
fn pooled(of: Images, [height, width]: [usize; 2]) -> Option<Images> {
    let (rows, columns) = (of.height.checked_div(height)?, of.width.checked_div(width)?);
    Some(Images { height: rows, width: columns, ..of })
}

pub(super) fn check(
    sizes: Sizes<'_>,
    operand: TensorId,
    window: [usize; 2],
) -> Result<(), ValidateError> {
    let [height, width] = window;
    if !(2..=MOST_ELEMENTS).contains(&height.saturating_mul(width)) {
        return sizes.malformed("its window has one element, or more than four");
    }
    let windows = Images::of(sizes.shape(operand)).and_then(|of| pooled(of, window));
    match windows.zip(Images::of(&sizes.tensor.shape)) {
        Some((windows, own)) if windows == own => Ok(()),
        Some(_) | None => sizes.malformed("it has other elements than its operand has windows"),
    }
}

pub(super) fn interval(graph: &QuantGraph, operand: TensorId) -> Option<Interval> {
    graph.tensors.get(operand.0).map(|tensor| tensor.interval)
}

pub(super) fn evaluate(
    operands: Operands<'_>,
    operand: TensorId,
    window: [usize; 2],
    len: usize,
) -> Result<Vec<i64>, InterpretError> {
    let of = Images::of(operands.shape(operand)?).ok_or_else(|| operands.size(len, 0))?;
    let windows = pooled(of, window).ok_or_else(|| operands.size(len, 0))?;
    let values = operands.get(operand, of.planes().saturating_mul(of.height * of.width))?;
    let mut maxima = Vec::with_capacity(len);
    for plane in values.chunks_exact((of.height * of.width).max(1)) {
        let rows: Vec<&[i64]> = plane.chunks_exact(of.width.max(1)).collect();
        for rows in rows.chunks_exact(window[0]) {
            let largest = |j: usize| {
                let columns = j * window[1]..(j + 1) * window[1];
                rows.iter().flat_map(|row| &row[columns.clone()]).copied().max().unwrap_or(0)
            };
            maxima.extend((0..windows.width).map(largest));
        }
    }
    match maxima.len() == len {
        true => Ok(maxima),
        false => Err(operands.size(len, maxima.len())),
    }
}

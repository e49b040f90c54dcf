//! Operators that treat every element alike.

use super::precision::store;
use crate::Tensor;
use crate::tensor::{broadcast_strides, walk};

/// A function of one element, in `f32`.
pub(super) fn each(x: &Tensor, f: impl Fn(f32) -> f32) -> Vec<f32> {
    x.data.iter().map(|&value| f(value)).collect()
}

/// A function of one element, computed in `f64`.
pub(super) fn precise(x: &Tensor, f: impl Fn(f64) -> f64) -> Vec<f32> {
    each(x, |value| store(f(f64::from(value))))
}

/// A function of two elements, with broadcasting.
pub(super) fn both(
    [a, b]: [&Tensor; 2],
    shape: &[usize],
    combine: impl Fn(f32, f32) -> f32,
) -> Vec<f32> {
    if a.shape == b.shape {
        return a.data.iter().zip(&b.data).map(|(&a, &b)| combine(a, b)).collect();
    }
    let mut out = Vec::with_capacity(shape.iter().product());
    let (from_a, from_b) = (broadcast_strides(&a.shape, shape), broadcast_strides(&b.shape, shape));
    walk(shape, &from_a, &from_b, |at_a, at_b| out.push(combine(a.data[at_a], b.data[at_b])));
    out
}

/// A truth value of two elements, with broadcasting.
pub(super) fn compare(
    operands: [&Tensor; 2],
    shape: &[usize],
    holds: impl Fn(f32, f32) -> bool,
) -> Vec<f32> {
    both(operands, shape, |a, b| if holds(a, b) { 1.0 } else { 0.0 })
}

/// `x` where the condition is not 0, `y` elsewhere, with broadcasting.
pub(super) fn select([condition, x, y]: [&Tensor; 3], shape: &[usize]) -> Vec<f32> {
    let mut chosen = Vec::with_capacity(shape.iter().product());
    let (from_x, from_y) = (broadcast_strides(&x.shape, shape), broadcast_strides(&y.shape, shape));
    walk(shape, &from_x, &from_y, |at_x, at_y| chosen.push((x.data[at_x], y.data[at_y])));
    let mut out = Vec::with_capacity(chosen.len());
    let (read, whole) = (broadcast_strides(&condition.shape, shape), crate::tensor::strides(shape));
    walk(shape, &read, &whole, |at, place| {
        let (x, y) = chosen[place];
        out.push(if condition.data[at] == 0.0 { y } else { x });
    });
    out
}

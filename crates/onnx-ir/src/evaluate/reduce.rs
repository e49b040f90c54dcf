//! `ReduceSum`, `ReduceMean`, `ReduceMax`.

use super::precision::{count, store};
use crate::Tensor;
use crate::tensor::{broadcast_strides, strides, walk};

pub(super) fn sum(x: &Tensor, axes: &[usize], shape: &[usize]) -> Vec<f32> {
    sums(x, axes, shape).into_iter().map(store).collect()
}

pub(super) fn mean(x: &Tensor, axes: &[usize], shape: &[usize]) -> Vec<f32> {
    let size = count(axes.iter().map(|&axis| x.shape[axis]).product());
    sums(x, axes, shape).into_iter().map(|sum| store(sum / size)).collect()
}

pub(super) fn max(x: &Tensor, axes: &[usize], shape: &[usize]) -> Vec<f32> {
    fold(x, axes, shape, f32::NEG_INFINITY, f32::max)
}

fn sums(x: &Tensor, axes: &[usize], shape: &[usize]) -> Vec<f64> {
    fold(x, axes, shape, 0f64, |sum, value| sum + f64::from(value))
}

/// Folds over `axes`: the output is read with stride 0 along them.
fn fold<T: Copy>(
    x: &Tensor,
    axes: &[usize],
    shape: &[usize],
    start: T,
    combine: impl Fn(T, f32) -> T,
) -> Vec<T> {
    let mut out = vec![start; shape.iter().product()];
    let mut target = broadcast_strides(shape, &x.shape);
    for &axis in axes {
        target[axis] = 0;
    }
    walk(&x.shape, &strides(&x.shape), &target, |from, to| {
        out[to] = combine(out[to], x.data[from])
    });
    out
}

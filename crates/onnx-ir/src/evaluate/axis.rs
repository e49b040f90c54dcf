//! Operators that move elements and compute nothing.

use crate::Tensor;
use crate::tensor::{broadcast_strides, strides, walk};

pub(super) fn transpose(x: &Tensor, perm: &[usize], shape: &[usize]) -> Vec<f32> {
    let own = strides(&x.shape);
    let source: Vec<usize> = perm.iter().map(|&axis| own[axis]).collect();
    gather(x, &source, shape)
}

pub(super) fn expand(x: &Tensor, shape: &[usize]) -> Vec<f32> {
    gather(x, &broadcast_strides(&x.shape, shape), shape)
}

/// Reads `x` with the strides `source`, which put every position of `shape` within it.
fn gather(x: &Tensor, source: &[usize], shape: &[usize]) -> Vec<f32> {
    let mut out = Vec::with_capacity(shape.iter().product());
    walk(shape, source, source, |from, _| out.push(x.data[from]));
    out
}

pub(super) fn concat(parts: &[&Tensor], axis: usize, shape: &[usize]) -> Vec<f32> {
    let outer: usize = shape[..axis].iter().product();
    let mut out = Vec::with_capacity(shape.iter().product());
    for index in 0..outer {
        for part in parts {
            let run: usize = part.shape[axis..].iter().product();
            out.extend_from_slice(&part.data[index * run..][..run]);
        }
    }
    out
}

pub(super) fn slice(
    x: &Tensor,
    axis: usize,
    start: usize,
    step: isize,
    shape: &[usize],
) -> Option<Vec<f32>> {
    let outer: usize = shape[..axis].iter().product();
    let inner: usize = shape[axis + 1..].iter().product();
    let mut out = Vec::with_capacity(shape.iter().product());
    for index in 0..outer {
        let mut at = isize::try_from(start).ok()?;
        for _ in 0..shape[axis] {
            let from = (index * x.shape[axis] + usize::try_from(at).ok()?) * inner;
            out.extend_from_slice(&x.data[from..][..inner]);
            at += step;
        }
    }
    Some(out)
}

pub(super) fn take(x: &Tensor, axis: usize, positions: &[usize]) -> Option<Vec<f32>> {
    let (outer, rest) = x.shape.split_at_checked(axis)?;
    let (&extent, inner) = rest.split_first()?;
    let (outer, inner): (usize, usize) = (outer.iter().product(), inner.iter().product());
    let mut out = Vec::with_capacity(outer * positions.len() * inner);
    for index in 0..outer {
        for at in positions {
            out.extend_from_slice(x.data.get((index * extent + at) * inner..)?.get(..inner)?);
        }
    }
    Some(out)
}

pub(super) fn pad(x: &Tensor, before: &[usize], value: f32, shape: &[usize]) -> Vec<f32> {
    let mut out = vec![value; shape.iter().product()];
    let target = strides(shape);
    let origin: usize = before.iter().zip(&target).map(|(pad, stride)| pad * stride).sum();
    walk(&x.shape, &strides(&x.shape), &target, |from, to| out[origin + to] = x.data[from]);
    out
}

pub(super) fn tile(x: &Tensor, shape: &[usize]) -> Vec<f32> {
    let (source, target) = (strides(&x.shape), strides(shape));
    let mut out = Vec::with_capacity(shape.iter().product());
    walk(shape, &target, &target, |position, _| {
        let axes = target.iter().zip(&source).zip(shape.iter().zip(&x.shape));
        let from: usize =
            axes.map(|((to, from), (extent, own))| position / to % extent % own * from).sum();
        out.push(x.data[from]);
    });
    out
}

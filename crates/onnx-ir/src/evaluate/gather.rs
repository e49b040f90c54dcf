//! `Gather` and `GatherElements`.

use super::precision::count;
use crate::{Node, Op, Tensor};

/// Slices of `axis` in the order of the indices, which [`outside`] has none of; others count as the nearest.
pub(super) fn gather(data: &Tensor, indices: &Tensor, axis: usize) -> Option<Vec<f32>> {
    let (before, rest) = data.shape.split_at_checked(axis)?;
    let (&extent, after) = rest.split_first()?;
    let (outer, inner): (usize, usize) = (before.iter().product(), after.iter().product());
    let positions: Vec<usize> = indices.data.iter().map(|&index| nearest(index, extent)).collect();
    let mut out = Vec::with_capacity(outer * positions.len() * inner);
    for block in 0..outer {
        for &position in &positions {
            out.extend_from_slice(&data.data[(block * extent + position) * inner..][..inner]);
        }
    }
    Some(out)
}

/// Every element of the line of data along `axis` that its index names.
pub(super) fn gather_elements(data: &Tensor, indices: &Tensor, axis: usize) -> Option<Vec<f32>> {
    let (before, rest) = data.shape.split_at_checked(axis)?;
    let (&extent, after) = rest.split_first()?;
    let (picks, inner) = (*indices.shape.get(axis)?, after.iter().product::<usize>());
    let outer: usize = before.iter().product();
    if outer * picks * inner != indices.data.len() {
        return None;
    }
    let element = |(at, &index): (usize, &f32)| {
        let block = at / (picks * inner).max(1);
        data.data
            .get((block * extent + nearest(index, extent)) * inner + at % inner.max(1))
            .copied()
    };
    indices.data.iter().enumerate().map(element).collect()
}

/// The first index of a `Gather` or `GatherElements` that is no whole number, or lies outside its axis; and the axis' extent.
pub(super) fn outside(node: &Node, operands: &[&Tensor]) -> Option<(f32, usize)> {
    let (&(Op::Gather { axis } | Op::GatherElements { axis }), [data, indices]) =
        (&node.op, operands)
    else {
        return None;
    };
    let &extent = data.shape.get(axis)?;
    let end = count(extent);
    let fits = |index: f32| {
        let index = f64::from(index);
        index.fract() == 0.0 && -end <= index && index < end
    };
    indices.data.iter().copied().find(|&index| !fits(index)).map(|index| (index, extent))
}

/// The position that an index names.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is brought between 0 and an extent first"
)]
fn nearest(index: f32, extent: usize) -> usize {
    let end = count(extent);
    let index = f64::from(index);
    let position = if index < 0.0 { index + end } else { index };
    // A NaN becomes 0 as well.
    position.max(0.0).min(end - 1.0) as usize
}

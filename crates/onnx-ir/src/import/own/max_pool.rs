//! `MaxPool` with its indices, and `MaxUnpool`.
//!
//! The elements of each window are ordered; the first position names the maximum, and looks up its place.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::{Site, signed};
use super::window::{Axis, pads, pooling, positive};
use super::{gather_nd::coordinates, scatter};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// More elements of all windows of a plane than this are better refused than laid out.
const MOST: usize = 1 << 24;

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let mut shape = site.shape(0)?.get(..2).unwrap_or(&[]).to_vec();
    shape.extend(pooling(site)?.iter().map(|axis| axis.to));
    Ok(vec![(site.kind(0)?, shape.clone()), (DatumType::I64, shape)])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let axes = pooling(site)?;
    let shape = shapes(site)?.into_iter().next().map(|(_, shape)| shape).unwrap_or_default();
    let spatial: Vec<usize> = axes.iter().map(|axis| axis.from).collect();
    let places: usize = axes.iter().map(|axis| axis.to).product();
    let taps = axes.iter().try_fold(1usize, |all, axis| all.checked_mul(axis.kernel));
    let taps = taps.filter(|taps| taps.checked_mul(places).is_some_and(|all| all <= MOST));
    let taps = taps.ok_or("its windows have too many elements to tell which is the largest")?;
    let windows = windows(&axes, places, taps)?;
    let planes: usize = shape.iter().take(2).product();
    let plane: usize = spatial.iter().product();
    let x = maker.input(0)?;
    let x = maker.reshape("planes", x, &[planes, plane])?;
    let x = maker.take("windows", x, 1, windows.clone())?;
    let x = maker.reshape("taps", x, &[planes, places, taps])?;
    let order = maker.push_whole("order", Op::TopK { axis: 2, largest: true }, &[x])?;
    let first = maker.take("first", order, 2, vec![0])?;
    let first = maker.reshape("first.one", first, &[planes, places, 1])?;
    let value = maker.push("largest", Op::GatherElements { axis: 2 }, &[x, first])?;
    let value = maker.reshape("value", value, &shape)?;
    // Where the maximum stands: looked up by place and position.
    let by_column = site.int("storage_order", 0) != 0;
    let stored = match (by_column, spatial.as_slice()) {
        (false, _) | (true, [_]) => windows,
        (true, &[height, width]) => {
            windows.iter().map(|at| at % width * height + at / width).collect()
        }
        (true, _) => return Err("storage_order = 1 is supported for two axes".into()),
    };
    let table = maker.wholes("stored", &[stored.len()], stored)?;
    let starts = maker.wholes("starts", &[1, places, 1], (0..places).map(|at| at * taps))?;
    let key = maker.push_whole("key", Op::Add, &[first, starts])?;
    let place = maker.push_whole("place", Op::Gather { axis: 0 }, &[table, key])?;
    let bases = maker.wholes("bases", &[planes, 1, 1], (0..planes).map(|at| at * plane))?;
    let index = maker.push_whole("index", Op::Add, &[place, bases])?;
    Ok(vec![value, maker.reshape("indices", index, &shape)?])
}

/// The elements of every window of a plane, those that exist first; others repeat the first.
fn windows(axes: &[Axis], places: usize, taps: usize) -> Result<Vec<usize>, Reason> {
    let to: Vec<usize> = axes.iter().map(|axis| axis.to).collect();
    let kernel: Vec<usize> = axes.iter().map(|axis| axis.kernel).collect();
    let mut all = Vec::with_capacity(places * taps);
    for place in 0..places {
        let place = coordinates(place, &to);
        let read = |tap: usize| {
            let mut flat = 0;
            for ((axis, place), tap) in axes.iter().zip(&place).zip(coordinates(tap, &kernel)) {
                flat = flat * axis.from + axis.at(*place, tap)?;
            }
            Some(flat)
        };
        let start = all.len();
        all.extend((0..taps).filter_map(read));
        let first = all.get(start).copied().ok_or("a window lies in the padding entirely")?;
        all.resize(start + taps, first);
    }
    Ok(all)
}

pub(super) fn unpool_shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let (shape, spatial) = site.shape(0)?.split_at_checked(2).ok_or("it has no spatial axes")?;
    let count = spatial.len();
    let kernels = positive(site, "kernel_shape", count)?;
    let strides = positive(site, "strides", count)?;
    let mut shape = shape.to_vec();
    let each = spatial.iter().zip(kernels).zip(strides).zip(pads(site, count)?);
    for (((&from, kernel), stride), [before, after]) in each {
        let reach = from.checked_sub(1).and_then(|last| last.checked_mul(stride));
        let reach = reach.and_then(|reach| reach.checked_add(kernel));
        let kept = reach.and_then(|reach| reach.checked_sub(before)?.checked_sub(after));
        shape.push(kept.ok_or("its pads are larger than its output")?);
    }
    let wanted = site.integers(2)?;
    let inferred: Result<Vec<i64>, Reason> = shape.iter().map(|&extent| signed(extent)).collect();
    if wanted.is_some_and(|wanted| inferred.is_ok_and(|inferred| inferred != wanted)) {
        return Err("its output_shape is another than its windows give, which runtimes read in several ways: leave it out".into());
    }
    Ok(vec![(site.kind(0)?, shape)])
}

pub(super) fn unpool(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let shape = unpool_shapes(site)?.into_iter().next().map(|(_, shape)| shape).unwrap_or_default();
    let len: usize = shape.iter().product();
    let count: usize = site.shape(0)?.iter().product();
    if site.shape(1)?.iter().product::<usize>() != count {
        return Err("its indices do not fit its input".into());
    }
    let zeros = maker.constant("zeros", &[len], vec![0.0; len])?;
    let x = maker.input(0)?;
    let x = maker.reshape("flat", x, &[count])?;
    let all = scatter::along_a_line(maker, [zeros, x], site.integers(1)?)?;
    Ok(vec![maker.reshape("unpooled", all, &shape)?])
}

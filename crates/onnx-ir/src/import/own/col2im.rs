//! `Col2Im`: blocks added up where they overlap.

use tract_onnx::prelude::DatumType;

use super::gather_nd::coordinates;
use super::maker::Maker;
use super::scatter;
use super::site::{Site, extent};
use super::window::{Axis, pads, positive};
use crate::NodeId;
use crate::import::reason::Reason;

/// Where blocks lie along each axis, as windows over the image do.
fn axes(site: &Site<'_>) -> Result<Vec<Axis>, Reason> {
    let list = |slot: usize, name: &str| -> Result<Vec<usize>, Reason> {
        let values =
            site.integers(slot)?.ok_or_else(|| Reason(format!("its {name} is missing")))?;
        let values: Result<Vec<usize>, Reason> = values.into_iter().map(extent).collect();
        values.and_then(|values| match values.contains(&0) {
            true => Err(Reason(format!("its {name} has an extent of 0"))),
            false => Ok(values),
        })
    };
    let (image, block) = (list(1, "image_shape")?, list(2, "block_shape")?);
    let count = image.len();
    let strides = positive(site, "strides", count)?;
    let dilations = positive(site, "dilations", count)?;
    if block.len() != count {
        return Err("its blocks have another number of axes than its image".into());
    }
    let each = image.into_iter().zip(block).zip(strides.into_iter().zip(dilations));
    each.zip(pads(site, count)?)
        .map(|(((from, kernel), (stride, dilation)), [before, after])| {
            let span = kernel.checked_sub(1).and_then(|last| last.checked_mul(dilation));
            let padded = from.checked_add(before).and_then(|sum| sum.checked_add(after));
            let room = padded
                .zip(span)
                .and_then(|(padded, span)| padded.checked_sub(span)?.checked_sub(1));
            let room = room.ok_or("its blocks are larger than its image")?;
            Ok(Axis { kernel, stride, dilation, before, from, to: room / stride + 1 })
        })
        .collect()
}

/// Batch, channels, elements of a block, and blocks.
fn sizes(site: &Site<'_>, axes: &[Axis]) -> Result<[usize; 4], Reason> {
    let &[batch, rows, blocks] = site.shape(0)? else {
        return Err("it takes [N, C·block, blocks]".into());
    };
    let taps = axes.iter().try_fold(1usize, |all, axis| all.checked_mul(axis.kernel));
    let places = axes.iter().try_fold(1usize, |all, axis| all.checked_mul(axis.to));
    match (taps, places) {
        (Some(taps), Some(places)) if places == blocks && rows % taps.max(1) == 0 => {
            Ok([batch, rows / taps.max(1), taps, places])
        }
        _ => Err("its blocks do not fit its image".into()),
    }
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let axes = axes(site)?;
    let [batch, channels, ..] = sizes(site, &axes)?;
    let mut shape = vec![batch, channels];
    shape.extend(axes.iter().map(|axis| axis.from));
    Ok(vec![(site.kind(0)?, shape)])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let axes = axes(site)?;
    let [batch, channels, taps, blocks] = sizes(site, &axes)?;
    let shape = shapes(site)?.into_iter().next().map(|(_, shape)| shape).unwrap_or_default();
    let plane: usize = axes.iter().map(|axis| axis.from).product();
    let kernel: Vec<usize> = axes.iter().map(|axis| axis.kernel).collect();
    let to: Vec<usize> = axes.iter().map(|axis| axis.to).collect();
    // What of each block lies within the image, and where.
    let (mut kept, mut places) = (vec![], vec![]);
    for at in 0..batch * channels * taps * blocks {
        let (image, tap, block) = (at / (taps * blocks), at / blocks % taps, at % blocks);
        let (tap, block) = (coordinates(tap, &kernel), coordinates(block, &to));
        let mut each = axes.iter().zip(&tap).zip(&block);
        let place = each.try_fold(image, |flat, ((axis, tap), block)| {
            Some(flat * axis.from + axis.at(*block, *tap)?)
        });
        if let Some(place) = place {
            kept.push(at);
            places.push(place);
        }
    }
    let len = batch * channels * plane;
    let x = maker.input(0)?;
    let count = [kept.len()];
    let x = maker.pick("inside", x, kept, &count)?;
    let zeros = maker.constant("zeros", &[len], vec![0.0; len])?;
    let sum = scatter::added(maker, [zeros, x], &places)?;
    Ok(vec![maker.reshape("image", sum, &shape)?])
}

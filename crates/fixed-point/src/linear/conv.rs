//! Conv: a stride-1 cross-correlation of `[C,H,W]`, or of each image of `[B,C,H,W]`, with `[O,C/G,KH,KW]`.

use super::convolution::convolve;
use super::images::Images;
use super::operands::{Operands, of};
use super::taken::{Taken, wide};
use crate::interpret_error::InterpretError;
use crate::interval::Wide;
use crate::quant_graph::{Interval, Linear, QuantGraph};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

pub(super) fn check(sizes: Sizes<'_>, linear: &Linear) -> Result<(), ValidateError> {
    let Linear::Conv { input, kernel, kernel_shape, groups, dilation, pad_before, pad_after } =
        linear
    else {
        return sizes.malformed("it is no convolution");
    };
    let Some(Images { count, channels, height, width }) = Images::of(sizes.shape(*input)) else {
        return sizes.malformed("the input of its convolution is neither [C,H,W] nor [B,C,H,W]");
    };
    let kernel_len = kernel_shape.iter().try_fold(1_usize, |n, &extent| n.checked_mul(extent));
    sizes.equal("kernel", kernel_len, kernel.len())?;
    sizes.equal("kernel's channels", kernel_shape[1].checked_mul(*groups), channels)?;
    if *groups == 0 || kernel_shape[0] % groups != 0 {
        return sizes.malformed("the groups of its convolution do not divide its outputs");
    }
    if kernel.is_empty() || dilation.contains(&0) {
        return sizes.malformed("its kernel is empty or its dilation 0");
    }
    let extent = |axis: usize, input: usize| {
        let taps = kernel_shape[axis + 2].checked_sub(1)?;
        let reach = taps.checked_mul(dilation[axis])?;
        let padded = input.checked_add(pad_before[axis])?.checked_add(pad_after[axis])?;
        padded.checked_sub(reach)
    };
    let expected = extent(0, height).zip(extent(1, width)).map(|(height, width)| Images {
        count,
        channels: kernel_shape[0],
        height,
        width,
    });
    if expected.is_none() || Images::of(&sizes.tensor.shape) != expected {
        return sizes.malformed("the shape of its convolution does not follow from its window");
    }
    Ok(())
}

/// The full product, and the input spread to its width.
pub(super) fn work(graph: &QuantGraph, linear: &Linear) -> Taken {
    let Linear::Conv { input, kernel, kernel_shape, dilation, .. } = linear else {
        return Taken::default();
    };
    let input = graph.tensors.get(input.0).and_then(|t| Images::of(&t.shape));
    let Some(Images { count, channels, height, width }) = input else { return Taken::default() };
    let extent = |axis: usize| wide([height, width][axis]);
    let full = |axis: usize| {
        let taps = wide(kernel_shape[axis + 2]).saturating_sub(1);
        taps.saturating_mul(wide(dilation[axis])).saturating_add(extent(axis))
    };
    let planes = |channels: usize| wide(count).saturating_mul(wide(channels));
    let [planes, channels] = [planes(kernel_shape[0]), planes(channels)];
    let product = planes.saturating_mul(full(0)).saturating_mul(full(1));
    let spread = channels.saturating_mul(extent(0)).saturating_mul(full(1));
    Taken {
        elements: product.saturating_add(spread),
        products: [wide(count), extent(0), extent(1)]
            .into_iter()
            .fold(wide(kernel.len()), u128::saturating_mul),
    }
}

pub(super) fn accumulate(
    operands: Operands<'_>,
    linear: &Linear,
    shape: &[usize],
) -> Result<Vec<i64>, InterpretError> {
    let Linear::Conv { input, pad_before, .. } = linear else {
        return Err(operands.overflow());
    };
    let images = |shape: &[usize]| Images::of(shape).ok_or_else(|| operands.size(3, shape.len()));
    let (from, out) = (images(operands.shape(*input)?)?, images(shape)?);
    let x = operands.get(*input, from.planes() * from.height * from.width)?;
    convolve(linear, x, from, *pad_before, out).ok_or_else(|| operands.overflow())
}

pub(super) fn interval(graph: &QuantGraph, linear: &Linear, bias: &[i64]) -> Option<Wide> {
    let Linear::Conv { input, kernel, kernel_shape: [o, c, kh, kw], .. } = linear else {
        return None;
    };
    let x = of(graph, *input)?;
    let images = Images::of(&graph.tensors.get(input.0)?.shape)?.count;
    // One bias per plane or per element.
    let per_plane = bias.len().checked_div(images.checked_mul(*o)?)?;
    let taps = kh * kw;
    let mut hull: Option<Wide> = None;
    let mut cover = |y: Wide| hull = Some(hull.map_or(y, |hull| hull.hull(y)));
    for channel in 0..*o {
        let mut y = Wide::ZERO;
        for tap in 0..taps {
            let column = kernel.get(channel * c * taps..(channel + 1) * c * taps)?;
            let present = Wide::weighted(column.iter().skip(tap).step_by(taps), x)?;
            y = y.plus(present.optional())?;
        }
        cover(y.below_limit()?);
        for plane in (channel..images * o).step_by(*o) {
            for &bias in bias.get(plane * per_plane..(plane + 1) * per_plane)? {
                cover(y.plus(Interval::point(bias).into())?);
            }
        }
    }
    Some(hull.unwrap_or(Wide::ZERO))
}

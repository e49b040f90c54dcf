//! Conv: a stride-1 cross-correlation of `[C,H,W]` with `[O,C,KH,KW]`.

use super::full_product::convolve;
use super::{Operands, Taken, of, wide};
use crate::interpret_error::InterpretError;
use crate::interval::Wide;
use crate::quant_graph::{Interval, Linear, QuantGraph};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

pub(super) fn check(sizes: Sizes<'_>, linear: &Linear) -> Result<(), ValidateError> {
    let Linear::Conv { input, kernel, kernel_shape, dilation, pad_before, pad_after } = linear
    else {
        return sizes.malformed("it is no convolution");
    };
    let &[c, h, w] = sizes.shape(*input) else {
        return sizes.malformed("the input of its convolution is not [C,H,W]");
    };
    let kernel_len = kernel_shape.iter().try_fold(1_usize, |n, &extent| n.checked_mul(extent));
    sizes.equal("kernel", kernel_len, kernel.len())?;
    sizes.equal("kernel's channels", Some(c), kernel_shape[1])?;
    if kernel.is_empty() || dilation.contains(&0) {
        return sizes.malformed("its kernel is empty or its dilation 0");
    }
    let extent = |axis: usize, input: usize| {
        let taps = kernel_shape[axis + 2].checked_sub(1)?;
        let reach = taps.checked_mul(dilation[axis])?;
        let padded = input.checked_add(pad_before[axis])?.checked_add(pad_after[axis])?;
        padded.checked_sub(reach)
    };
    let expected = [Some(kernel_shape[0]), extent(0, h), extent(1, w)];
    let shape = &sizes.tensor.shape;
    if shape.len() != 3 || shape.iter().zip(expected).any(|(&got, e)| e != Some(got)) {
        return sizes.malformed("the shape of its convolution does not follow from its window");
    }
    Ok(())
}

/// The full product, and the input spread to its width.
pub(super) fn work(graph: &QuantGraph, linear: &Linear) -> Taken {
    let Linear::Conv { input, kernel, kernel_shape, dilation, .. } = linear else {
        return Taken::default();
    };
    let shape = graph.tensors.get(input.0).map_or(&[][..], |t| &t.shape);
    let extent = |axis: usize| shape.get(axis + 1).map_or(0, |&extent| wide(extent));
    let full = |axis: usize| {
        let taps = wide(kernel_shape[axis + 2]).saturating_sub(1);
        taps.saturating_mul(wide(dilation[axis])).saturating_add(extent(axis))
    };
    let [planes, channels] = [wide(kernel_shape[0]), wide(kernel_shape[1])];
    let product = planes.saturating_mul(full(0)).saturating_mul(full(1));
    let spread = channels.saturating_mul(extent(0)).saturating_mul(full(1));
    Taken {
        elements: product.saturating_add(spread),
        products: wide(kernel.len()).saturating_mul(extent(0)).saturating_mul(extent(1)),
    }
}

pub(super) fn accumulate(
    operands: Operands<'_>,
    linear: &Linear,
    shape: &[usize],
) -> Result<Vec<i128>, InterpretError> {
    let Linear::Conv { input, pad_before, .. } = linear else {
        return Err(operands.overflow());
    };
    let from = operands.shape(*input)?;
    let &[c, h, w] = from else { return Err(operands.size(3, from.len())) };
    let out = shape.try_into().map_err(|_| operands.size(3, shape.len()))?;
    let x = operands.get(*input, c * h * w)?;
    let sums = convolve(linear, x, [c, h, w], *pad_before, out);
    sums.ok_or_else(|| operands.overflow())
}

pub(super) fn interval(graph: &QuantGraph, linear: &Linear, bias: &[i64]) -> Option<Wide> {
    let Linear::Conv { input, kernel, kernel_shape: [o, c, kh, kw], .. } = linear else {
        return None;
    };
    let x = of(graph, *input)?;
    let taps = kh * kw;
    let mut hull: Option<Wide> = None;
    let mut cover = |y: Wide| hull = Some(hull.map_or(y, |hull| hull.hull(y)));
    for channel in 0..*o {
        let mut y = Wide::ZERO;
        for tap in 0..taps {
            let column = kernel.get(channel * c * taps..(channel + 1) * c * taps)?;
            let mut present = Wide::ZERO;
            for &weight in column.iter().skip(tap).step_by(taps) {
                present = present.plus(Wide::scaled(weight, x))?;
            }
            y = y.plus(present.optional())?;
        }
        cover(y.below_limit()?);
        // One bias per channel or per element: either way those of this channel.
        let per_channel = bias.len() / o.max(&1);
        for &bias in bias.get(channel * per_channel..(channel + 1) * per_channel)? {
            cover(y.plus(Interval::point(bias).into())?);
        }
    }
    Some(hull.unwrap_or(Wide::ZERO))
}

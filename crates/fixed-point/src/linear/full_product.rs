//! Convolutions: what the layer keeps of the full product, and all of it.

use super::images::Images;
use super::sums::narrow;
use crate::interpret_error::InterpretError;
use crate::quant_graph::{Linear, QuantGraph, TensorId};

/// Every coefficient of a convolution's full polynomial product, those that the layer drops included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullProduct {
    /// Output planes, those of every image; rows and columns: those of the input and of the dilated kernel, less one.
    pub shape: [usize; 3],
    /// Row and column of the first coefficient that the layer keeps.
    pub kept: [usize; 2],
    /// Row-major.
    pub coefficients: Vec<i64>,
}

impl FullProduct {
    /// The full product of the tensor `id`, without bias; `None` if it is no convolution.
    ///
    /// `values` holds the integers of every earlier tensor, by index.
    ///
    /// # Errors
    /// [`InterpretError`] if an operand is missing or of the wrong size, a sum exceeds `i64`, or the layer pads
    /// by more than its kernel reaches.
    pub fn of(
        graph: &QuantGraph,
        id: TensorId,
        values: &[Vec<i64>],
    ) -> Result<Option<Self>, InterpretError> {
        let tensor = graph.tensors.get(id.0).ok_or(InterpretError::NoTensor { index: id.0 })?;
        let linear = tensor.op.linear();
        let linear =
            linear.ok_or_else(|| InterpretError::NotRescaled { node: tensor.name.clone() })?;
        let Linear::Conv { input, kernel_shape, dilation, pad_before, .. } = linear else {
            return Ok(None);
        };
        let missing = || InterpretError::NoTensor { index: input.0 };
        let (source, x) =
            graph.tensors.get(input.0).zip(values.get(input.0)).ok_or_else(missing)?;
        let size = |got: usize, expected: usize| InterpretError::Size {
            node: tensor.name.clone(),
            expected,
            got,
        };
        let from = Images::of(&source.shape).ok_or_else(|| size(source.shape.len(), 3))?;
        let overflow = || InterpretError::Overflow { node: tensor.name.clone() };
        let reach = |axis: usize| {
            kernel_shape[axis + 2].checked_sub(1).and_then(|taps| taps.checked_mul(dilation[axis]))
        };
        let reach = [reach(0).ok_or_else(overflow)?, reach(1).ok_or_else(overflow)?];
        let kept = [0, 1].map(|axis| reach[axis].checked_sub(pad_before[axis]));
        let [Some(top), Some(left)] = kept else {
            return Err(size(pad_before[0].max(pad_before[1]), reach[0].max(reach[1])));
        };
        let full = Images {
            count: from.count,
            channels: kernel_shape[0],
            height: from.height + reach[0],
            width: from.width + reach[1],
        };
        let all = convolve(linear, x, from, reach, full);
        let coefficients = all.and_then(narrow).ok_or_else(overflow)?;
        let shape = [full.planes(), full.height, full.width];
        Ok(Some(FullProduct { shape, kept: [top, left], coefficients }))
    }
}

/// Stride-1 cross-correlation of every image; `None` where sizes disagree or a sum exceeds `i128`.
pub(super) fn convolve(
    linear: &Linear,
    x: &[i64],
    from: Images,
    pad_before: [usize; 2],
    out: Images,
) -> Option<Vec<i128>> {
    let image = |images: Images| [images.channels, images.height, images.width];
    let per_image: usize = image(from).iter().product();
    if from.count != out.count || per_image == 0 || x.len() != from.count * per_image {
        return None;
    }
    let mut all = Vec::with_capacity(out.planes() * out.height * out.width);
    for x in x.chunks(per_image) {
        all.extend(convolve_one(linear, x, image(from), pad_before, image(out))?);
    }
    Some(all)
}

fn convolve_one(
    linear: &Linear,
    x: &[i64],
    [c, h, w]: [usize; 3],
    pad_before: [usize; 2],
    [o, oh, ow]: [usize; 3],
) -> Option<Vec<i128>> {
    let Linear::Conv { kernel, kernel_shape, groups, dilation, .. } = linear else {
        return None;
    };
    let [ko, per_group, kh, kw] = *kernel_shape;
    let outputs = o.checked_div(*groups)?;
    if ko != o || per_group * groups != c || outputs * groups != o {
        return None;
    }
    if kernel.len() != o * per_group * kh * kw || x.len() != c * h * w {
        return None;
    }
    let mut out = vec![0_i128; o * oh * ow];
    for (tap, &weight) in kernel.iter().enumerate() {
        if weight == 0 {
            continue;
        }
        let (b, a) = (tap % kw, tap / kw % kh);
        let (of_group, plane) = (tap / (kw * kh) % per_group, tap / (kw * kh * per_group));
        let channel = plane / outputs * per_group + of_group;
        // Output places whose source `i + shift − pad` is inside the image.
        let inside = |axis: usize, shift: usize, source: usize, out: usize| {
            let first = pad_before[axis].saturating_sub(shift).min(out);
            first..(source + pad_before[axis]).saturating_sub(shift).min(out).max(first)
        };
        let (down, right) = (a * dilation[0], b * dilation[1]);
        let (rows, columns) = (inside(0, down, h, oh), inside(1, right, w, ow));
        if columns.is_empty() {
            continue;
        }
        for i in rows {
            let row = i + down - pad_before[0];
            let from = &x[(channel * h + row) * w + columns.start + right - pad_before[1]..]
                [..columns.len()];
            let to = &mut out[(plane * oh + i) * ow + columns.start..][..columns.len()];
            for (y, x) in to.iter_mut().zip(from) {
                *y = y.checked_add(i128::from(weight) * i128::from(*x))?;
            }
        }
    }
    Some(out)
}

//! `Conv`.

use std::ops::Range;

use super::precision::store;
use crate::{Tensor, Window};

/// Cross-correlation of every group; the inner loop runs along the width.
pub(super) fn conv(
    x: &Tensor,
    kernel: &Tensor,
    bias: Option<&Tensor>,
    window: &Window,
    groups: usize,
    shape: &[usize],
) -> Option<Vec<f32>> {
    let (&[_, channels, in_h, in_w], &[batch, outputs, out_h, out_w]) = (&*x.shape, shape) else {
        return None;
    };
    let [kernel_h, kernel_w] = window.kernel;
    let (per_group, outputs_per_group) = (channels / groups, outputs / groups);
    let mut out = Vec::with_capacity(batch * outputs * out_h * out_w);
    let mut plane = vec![0f64; out_h * out_w];
    for n in 0..batch {
        for o in 0..outputs {
            plane.fill(bias.map_or(0.0, |bias| f64::from(bias.data[o])));
            for c in 0..per_group {
                let channel = o / outputs_per_group * per_group + c;
                let source = &x.data[(n * channels + channel) * in_h * in_w..][..in_h * in_w];
                for tap in 0..kernel_h * kernel_w {
                    let weight =
                        f64::from(kernel.data[(o * per_group + c) * kernel_h * kernel_w + tap]);
                    let (kh, kw) = (tap / kernel_w, tap % kernel_w);
                    let columns = inside(window, 1, kw, in_w, out_w);
                    for h in inside(window, 0, kh, in_h, out_h) {
                        let row = &source[position(window, 0, kh, h) * in_w..][..in_w];
                        let target = &mut plane[h * out_w..][..out_w][columns.clone()];
                        let from = row.get(position(window, 1, kw, columns.start)..).unwrap_or(&[]);
                        for (sum, &value) in
                            target.iter_mut().zip(from.iter().step_by(window.stride[1]))
                        {
                            *sum += weight * f64::from(value);
                        }
                    }
                }
            }
            out.extend(plane.iter().copied().map(store));
        }
    }
    Some(out)
}

/// Output positions along `axis` for which the kernel's `tap` falls on the input, not on padding.
pub(super) fn inside(
    window: &Window,
    axis: usize,
    tap: usize,
    input: usize,
    output: usize,
) -> Range<usize> {
    let (stride, before) = (window.stride[axis], window.pad_before[axis]);
    let offset = tap * window.dilation[axis];
    let first = before.saturating_sub(offset).div_ceil(stride);
    let end = (input + before).saturating_sub(offset).div_ceil(stride).min(output);
    first.min(end)..end
}

/// The input position that `tap` reads for an output position that lies [`inside`].
pub(super) fn position(window: &Window, axis: usize, tap: usize, output: usize) -> usize {
    (output * window.stride[axis] + tap * window.dilation[axis])
        .saturating_sub(window.pad_before[axis])
}

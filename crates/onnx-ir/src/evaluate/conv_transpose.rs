//! `ConvTranspose`.

use super::conv::{inside, position};
use super::precision::store;
use crate::{Tensor, Window};

/// Scatters every input through the kernel: the adjoint of `Conv`, with input and output swapped.
pub(super) fn conv_transpose(
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
                let taps = kernel_h * kernel_w;
                let weights = &kernel.data
                    [(channel * outputs_per_group + o % outputs_per_group) * taps..][..taps];
                for (tap, &weight) in weights.iter().enumerate() {
                    let (kh, kw) = (tap / kernel_w, tap % kernel_w);
                    for h in inside(window, 0, kh, out_h, in_h) {
                        let row = position(window, 0, kh, h) * out_w;
                        for w in inside(window, 1, kw, out_w, in_w) {
                            let value = f64::from(source[h * in_w + w]);
                            plane[row + position(window, 1, kw, w)] += f64::from(weight) * value;
                        }
                    }
                }
            }
            out.extend(plane.iter().copied().map(store));
        }
    }
    Some(out)
}

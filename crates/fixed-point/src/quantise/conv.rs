//! Conv: groups become zeros of a dense kernel; a stride becomes phases of the input, one channel each.
//!
//! A batch is one form, whose weights all images share; a following function becomes part of its one rescale.

use super::affine::Affine;
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::mat_mul::batch_of;
use super::value::{ConvForm, Elements, Form, Pending, Value};
use crate::Images;
use provenn_onnx_ir::Window;

/// A dense kernel `[O,C,KH,KW]` with its bias.
pub(super) struct Kernel {
    pub(super) weights: Vec<f64>,
    pub(super) shape: [usize; 4],
    pub(super) bias: Vec<f64>,
}

impl Kernel {
    pub(super) fn at(&self, o: usize, c: usize, a: usize, b: usize) -> f64 {
        let [_, channels, kh, kw] = self.shape;
        self.weights[((o * channels + c) * kh + a) * kw + b]
    }
}

impl Lowering<'_> {
    pub(super) fn conv(
        &mut self,
        node: usize,
        window: &Window,
        groups: usize,
    ) -> Result<Value, QuantiseError> {
        let (x, k) = (self.operand(node, 0)?, self.operand(node, 1)?);
        let (&[count, c, h, w], &[o, per_group, kh, kw]) = (self.shape(x), self.shape(k)) else {
            return Err(self.unsupported(node, "its operands are not [N,C,H,W] and [O,C,KH,KW]"));
        };
        let &[_, _, oh, ow] = self.shape(node) else {
            return Err(self.unsupported(node, "its result is not [N,O,H,W]"));
        };
        let Some(weights) = self.constant(k) else {
            return Err(self.unsupported(
                node,
                "its kernel is not a constant; only constant kernels are supported",
            ));
        };
        let mut dense = vec![0.0; o * c * kh * kw];
        for out in 0..o {
            let first = out / (o / groups) * per_group;
            let taps = kh * kw;
            let from = &weights[out * per_group * taps..][..per_group * taps];
            dense[(out * c + first) * taps..][..per_group * taps].copy_from_slice(from);
        }
        let bias = self.channel_bias(node, o)?;
        let mut kernel = Kernel { weights: dense, shape: [o, c, kh, kw], bias };
        let padded = window.pad_before != [0, 0] || window.pad_after != [0, 0];
        let elements = self.conv_input(x, [c, h * w], padded, &mut kernel)?;
        let images = Images { count, channels: c, height: h, width: w };
        let pending = self.convolution(&elements, images, &kernel, window, [oh, ow], node)?;
        Ok(Value::Pending(pending))
    }

    /// The optional constant bias of a convolution, zeros without one.
    pub(super) fn channel_bias(
        &self,
        node: usize,
        channels: usize,
    ) -> Result<Vec<f64>, QuantiseError> {
        let Some(bias) = self.node(node).inputs.get(2) else { return Ok(vec![0.0; channels]) };
        let bias = self.constant(bias.0).map(<[f64]>::to_vec);
        bias.ok_or_else(|| {
            self.unsupported(node, "its bias is not a constant; only constant biases are supported")
        })
    }

    /// The input's elements, with constants that precede folded into the kernel where that is exact:
    /// a scale per channel always, a shift per channel where nothing is padded with zeros.
    fn conv_input(
        &mut self,
        operand: usize,
        [c, plane]: [usize; 2],
        padded: bool,
        kernel: &mut Kernel,
    ) -> Result<Elements, QuantiseError> {
        let (x, affine) = self.affine_elements(operand)?;
        let Some(Affine { scale, shift }) = affine else { return Ok(x) };
        let per_channel = |all: &[f64]| -> Option<Vec<f64>> {
            let value = |channel: usize| {
                let mut of_channel = all.chunks(plane).skip(channel).step_by(c).flatten();
                let first = *of_channel.next()?;
                of_channel.all(|&x| x == first).then_some(first)
            };
            (0..c).map(value).collect()
        };
        let (Some(scale), Some(shift)) = (per_channel(&scale), per_channel(&shift)) else {
            return self.elements(operand);
        };
        if padded && shift.iter().any(|&b| b != 0.0) {
            return self.elements(operand);
        }
        let taps = kernel.shape[2] * kernel.shape[3];
        for (row, bias) in kernel.weights.chunks_mut(c * taps).zip(&mut kernel.bias) {
            for (column, (a, b)) in row.chunks_mut(taps).zip(scale.iter().zip(&shift)) {
                *bias += column.iter().sum::<f64>() * b;
                column.iter_mut().for_each(|w| *w *= a);
            }
        }
        Ok(x)
    }

    /// The form of a convolution of images, whatever the window.
    pub(super) fn convolution(
        &mut self,
        x: &Elements,
        images: Images,
        kernel: &Kernel,
        window: &Window,
        out: [usize; 2],
        node: usize,
    ) -> Result<Pending, QuantiseError> {
        let [o, _, kh, kw] = kernel.shape;
        let Images { count, channels: c, height: h, width: w } = images;
        if out == [1, 1] {
            return self.whole_image(x, images, kernel, window, node);
        }
        // One per plane.
        let bias = kernel.bias.repeat(count);
        let extent = [(kh - 1) * window.dilation[0] + 1, (kw - 1) * window.dilation[1] + 1];
        let inside =
            (0..2).all(|i| window.pad_before[i] < extent[i] && window.pad_after[i] < extent[i]);
        if window.stride == [1, 1] {
            let (pad_before, pad_after) =
                if inside { (window.pad_before, window.pad_after) } else { ([0, 0], [0, 0]) };
            let input = if inside {
                self.tensor(x, Some(&images.shape()), node)?
            } else {
                // Wider than the kernel: zeros of the input rather than of the convolution.
                let rows = positions(out[0] + extent[0] - 1, 1, 0, window.pad_before[0], h);
                let columns = positions(out[1] + extent[1] - 1, 1, 0, window.pad_before[1], w);
                let padded = Images { height: rows.len(), width: columns.len(), ..images };
                let all = grid(x, [images.planes(), h, w], &rows, &columns);
                self.tensor(&all, Some(&padded.shape()), node)?
            };
            let form = Form::Conv(ConvForm {
                input,
                kernel: kernel.weights.clone(),
                kernel_shape: kernel.shape,
                dilation: window.dilation,
                pad_before,
                pad_after,
                bias,
                out,
            });
            return Ok(Pending::of(form, node));
        }
        // Tap a of an axis reads input row i·s + a·d − pad: phase (a·d) mod s, at i + (a·d)/s.
        let phase = |i: usize, tap: usize| tap * window.dilation[i] % window.stride[i];
        let place = |i: usize, tap: usize| tap * window.dilation[i] / window.stride[i];
        let mut phases: Vec<[usize; 2]> = (0..kh)
            .flat_map(|a| (0..kw).map(move |b| [a, b]))
            .map(|[a, b]| [phase(0, a), phase(1, b)])
            .collect();
        phases.sort_unstable();
        phases.dedup();
        let reach = [place(0, kh - 1) + 1, place(1, kw - 1) + 1];
        let size = [out[0] + reach[0] - 1, out[1] + reach[1] - 1];
        let mut input = Elements { map: vec![], ..x.clone() };
        for image in 0..count {
            let x = batch_of(x, image, c * h * w);
            for [p, q] in &phases {
                let rows = positions(size[0], window.stride[0], *p, window.pad_before[0], h);
                let columns = positions(size[1], window.stride[1], *q, window.pad_before[1], w);
                input.map.extend(grid(&x, [c, h, w], &rows, &columns).map);
            }
        }
        let channels = phases.len() * c;
        let mut weights = vec![0.0; o * channels * reach[0] * reach[1]];
        for out in 0..o {
            for channel in 0..c {
                for a in 0..kh {
                    for b in 0..kw {
                        let at = phases.binary_search(&[phase(0, a), phase(1, b)]).unwrap_or(0) * c
                            + channel;
                        let to = ((out * channels + at) * reach[0] + place(0, a)) * reach[1]
                            + place(1, b);
                        weights[to] = kernel.at(out, channel, a, b);
                    }
                }
            }
        }
        let phases = Images { count, channels, height: size[0], width: size[1] };
        let input = self.tensor(&input, Some(&phases.shape()), node)?;
        let form = Form::Conv(ConvForm {
            input,
            kernel: weights,
            kernel_shape: [o, channels, reach[0], reach[1]],
            dilation: [1, 1],
            pad_before: [0, 0],
            pad_after: [0, 0],
            bias,
            out,
        });
        Ok(Pending::of(form, node))
    }

    /// A convolution with one position is a Dense layer, and a matrix product of several images.
    fn whole_image(
        &mut self,
        x: &Elements,
        Images { count, channels: c, height: h, width: w }: Images,
        kernel: &Kernel,
        window: &Window,
        node: usize,
    ) -> Result<Pending, QuantiseError> {
        let [o, _, kh, kw] = kernel.shape;
        let mut weights = vec![0.0; o * c * h * w];
        let at = |tap: usize, i: usize, extent: usize| {
            (tap * window.dilation[i]).checked_sub(window.pad_before[i]).filter(|&p| p < extent)
        };
        for out in 0..o {
            for channel in 0..c {
                for (a, b) in (0..kh).flat_map(|a| (0..kw).map(move |b| (a, b))) {
                    if let (Some(row), Some(column)) = (at(a, 0, h), at(b, 1, w)) {
                        weights[((out * c + channel) * h + row) * w + column] =
                            kernel.at(out, channel, a, b);
                    }
                }
            }
        }
        self.rows_by_weights(x, (weights, kernel.bias.clone()), [count, c * h * w, o], node)
    }
}

/// For `count` positions of one axis, the input index `i·stride + phase − pad`; `None` outside.
pub(super) fn positions(
    count: usize,
    stride: usize,
    phase: usize,
    pad: usize,
    extent: usize,
) -> Vec<Option<usize>> {
    (0..count).map(|i| (i * stride + phase).checked_sub(pad).filter(|&p| p < extent)).collect()
}

/// `[C, rows, columns]` of an image; zero where an index is `None`.
pub(super) fn grid(
    x: &Elements,
    [c, h, w]: [usize; 3],
    rows: &[Option<usize>],
    columns: &[Option<usize>],
) -> Elements {
    let channel = |channel: usize| {
        rows.iter().flat_map(move |&row| {
            columns.iter().map(move |&column| Some((channel * h + row?) * w + column?))
        })
    };
    x.gather_or_zero((0..c).flat_map(channel))
}

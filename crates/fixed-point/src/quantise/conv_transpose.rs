//! ConvTranspose: zeros between the input's elements, then a convolution with the flipped kernel.

use super::conv::{Kernel, grid};
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::value::Value;
use crate::Images;
use provenn_onnx_ir::Window;

impl Lowering<'_> {
    pub(super) fn conv_transpose(
        &mut self,
        node: usize,
        window: &Window,
        groups: usize,
    ) -> Result<Value, QuantiseError> {
        let (x, k) = (self.operand(node, 0)?, self.operand(node, 1)?);
        let (&[count, c, h, w], &[_, per_group, kh, kw]) = (self.shape(x), self.shape(k)) else {
            return Err(self.unsupported(node, "its operands are not [N,C,H,W] and [C,O,KH,KW]"));
        };
        let &[_, o, oh, ow] = self.shape(node) else {
            return Err(self.unsupported(node, "its result is not [N,O,H,W]"));
        };
        let Some(given) = self.constant(k) else {
            return Err(self.unsupported(
                node,
                "its kernel is not a constant; only constant kernels are supported",
            ));
        };
        self.note_weights(given, node)?;
        // [C,O/G,KH,KW] to [O,C/G,KH,KW], planes flipped.
        let (channels, taps) = (c / groups, kh * kw);
        let mut weights = vec![0.0; o * channels * taps];
        for (at, plane) in given.chunks(taps.max(1)).enumerate() {
            let (channel, out) = (at / per_group, at % per_group);
            let out = channel / channels * per_group + out;
            let to = &mut weights[(out * channels + channel % channels) * taps..][..taps];
            to.iter_mut().zip(plane.iter().rev()).for_each(|(to, from)| *to = *from);
        }
        let (shape, bias) = ([o, channels, kh, kw], self.channel_bias(node, o)?);
        let kernel = Kernel { weights, shape, groups, bias, empty: vec![] };
        // Row i of the result reads rows i + a·d − ((K−1)·d − pad) of the spread image, whose row j·s is row j.
        let axis = |i: usize, extent: usize, out: usize| -> Vec<Option<usize>> {
            let reach = (kernel.shape[i + 2] - 1) * window.dilation[i];
            let source = |at: usize| {
                let spread = (at + window.pad_before[i]).checked_sub(reach)?;
                (spread % window.stride[i] == 0)
                    .then_some(spread / window.stride[i])
                    .filter(|&j| j < extent)
            };
            (0..out + reach).map(source).collect()
        };
        let (rows, columns) = (axis(0, h, oh), axis(1, w, ow));
        let plain = Window {
            kernel: window.kernel,
            stride: [1, 1],
            dilation: window.dilation,
            pad_before: [0, 0],
            pad_after: [0, 0],
        };
        let elements = self.elements(x)?;
        let images = Images { count, channels: c, height: rows.len(), width: columns.len() };
        let spread = grid(&elements, [count * c, h, w], &rows, &columns);
        let pending = self.convolution(&spread, images, &kernel, &plain, [oh, ow], node)?;
        Ok(Value::Pending(pending))
    }
}

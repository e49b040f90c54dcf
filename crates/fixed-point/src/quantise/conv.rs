//! Conv: a stride becomes phases of the input, one channel each, group by group.
//!
//! A batch is one form, whose weights all images share; a following function becomes part of its one rescale.

use super::affine::Affine;
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::value::{ConvForm, Elements, Form, Pending, Value};
use crate::Images;
use provenn_onnx_ir::Window;
use std::collections::BTreeSet;

/// A kernel `[O,C/G,KH,KW]` of G groups with its bias.
pub(super) struct Kernel {
    pub(super) weights: Vec<f64>,
    pub(super) shape: [usize; 4],
    pub(super) groups: usize,
    pub(super) bias: Vec<f64>,
    /// Places of an output's row, of its C/G·KH·KW, that no weight stands in, in order.
    pub(super) empty: Vec<usize>,
}

impl Kernel {
    /// The kernel with each of its planes, of one output and one channel, moved to `planes` others of `taps`: the tap
    /// [a, b] stands at `place` among their elements, or nowhere.
    fn moved(
        &self,
        planes: usize,
        taps: [usize; 2],
        place: impl Fn([usize; 2]) -> Option<usize>,
    ) -> Kernel {
        let [o, c, kh, kw] = self.shape;
        let each = planes * taps[0] * taps[1];
        let mut weights = vec![0.0; o * c * each];
        let moves: Vec<(usize, usize)> =
            (0..kh * kw).filter_map(|tap| Some((tap, place([tap / kw, tap % kw])?))).collect();
        let all = self.weights.chunks((kh * kw).max(1)).zip(weights.chunks_mut(each.max(1)));
        for (from, to) in all {
            moves.iter().for_each(|&(tap, at)| to[at] = from[tap]);
        }
        let shape = [o, c * planes, taps[0], taps[1]];
        let mut filled = vec![false; c * each];
        let own: BTreeSet<usize> = self.empty.iter().copied().collect();
        for (channel, filled) in filled.chunks_mut(each.max(1)).enumerate() {
            let weights = moves.iter().filter(|(tap, _)| !own.contains(&(channel * kh * kw + tap)));
            weights.for_each(|&(_, at)| filled[at] = true);
        }
        let empty = (0..filled.len()).filter(|&at| !filled[at]).collect();
        Kernel { weights, shape, groups: self.groups, bias: self.bias.clone(), empty }
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
        let Some(weights) = self.weights(k, node) else {
            return Err(self.unsupported(
                node,
                "its kernel is not a constant; only constant kernels are supported",
            ));
        };
        self.note_weights(&weights, node)?;
        let bias = self.channel_bias(node, o)?;
        let shape = [o, per_group, kh, kw];
        let mut kernel = Kernel { weights, shape, groups, bias, empty: vec![] };
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
        let [outputs, per_group, kh, kw] = kernel.shape;
        let (outputs, taps) = (outputs / kernel.groups, kh * kw);
        let rows = kernel.weights.chunks_mut(per_group * taps).zip(&mut kernel.bias);
        for (out, (row, bias)) in rows.enumerate() {
            let channels = out / outputs * per_group..;
            let folded = scale[channels.clone()].iter().zip(&shift[channels]);
            for (column, (a, b)) in row.chunks_mut(taps).zip(folded) {
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
        if out == [1, 1] {
            return self.whole_image(x, images, kernel, window, node);
        }
        self.windows(x, images, kernel, window, out, node)
    }

    /// A convolution of several positions.
    fn windows(
        &mut self,
        x: &Elements,
        images: Images,
        kernel: &Kernel,
        window: &Window,
        out: [usize; 2],
        node: usize,
    ) -> Result<Pending, QuantiseError> {
        let [_, _, kh, kw] = kernel.shape;
        let Images { count, channels: c, height: h, width: w } = images;
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
                kernel: kernel.weights.as_slice().into(),
                kernel_shape: kernel.shape,
                groups: kernel.groups,
                dilation: window.dilation,
                pad_before,
                pad_after,
                bias,
                out,
                learned: true,
                empty: kernel.empty.clone(),
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
        let at = |i: usize, phase: usize, extent: usize| {
            positions(size[i], window.stride[i], phase, window.pad_before[i], extent)
        };
        let at = phases.iter().map(|&[p, q]| [at(0, p, h), at(1, q, w)]).collect::<Vec<_>>();
        let planes = (0..count * c).flat_map(|plane| {
            at.iter().flat_map(move |[rows, columns]| cells(plane, [h, w], rows, columns))
        });
        let input = x.gather_or_zero(planes);
        let kernel = kernel.moved(phases.len(), reach, |[a, b]| {
            let of = phases.binary_search(&[phase(0, a), phase(1, b)]).ok()?;
            Some((of * reach[0] + place(0, a)) * reach[1] + place(1, b))
        });
        let phases = Images { count, channels: c * at.len(), height: size[0], width: size[1] };
        let input = self.tensor(&input, Some(&phases.shape()), node)?;
        let form = Form::Conv(ConvForm {
            input,
            kernel: kernel.weights.into(),
            kernel_shape: kernel.shape,
            groups: kernel.groups,
            dilation: [1, 1],
            pad_before: [0, 0],
            pad_after: [0, 0],
            bias,
            out,
            learned: true,
            empty: kernel.empty,
        });
        Ok(Pending::of(form, node))
    }

    /// A convolution with one position is a Dense layer, and a matrix product of several images. Of several groups it
    /// stays one, whose kernel is as large as the image: as a Dense layer, most of its weights would be zeros.
    fn whole_image(
        &mut self,
        x: &Elements,
        images: Images,
        kernel: &Kernel,
        window: &Window,
        node: usize,
    ) -> Result<Pending, QuantiseError> {
        let Images { count, channels: c, height: h, width: w } = images;
        let at = |tap: usize, i: usize, extent: usize| {
            (tap * window.dilation[i]).checked_sub(window.pad_before[i]).filter(|&p| p < extent)
        };
        let kernel = kernel.moved(1, [h, w], |[a, b]| Some(at(a, 0, h)? * w + at(b, 1, w)?));
        if kernel.groups == 1 && (kernel.empty.is_empty() || !self.commits()) {
            let extents = [count, c * h * w, kernel.shape[0]];
            return self.rows_by_weights(x, (kernel.weights.into(), kernel.bias), extents, node);
        }
        if kernel.groups == 1 {
            // A commitment would stand for weights of inputs that the window leaves out: they are left out here.
            let (outputs, each) = (kernel.shape[0], c * h * w);
            let read: Vec<usize> =
                (0..each).filter(|at| kernel.empty.binary_search(at).is_err()).collect();
            if read.is_empty() {
                return Err(self.unsupported(node, "its window holds nothing but padding"));
            }
            let rows = kernel.weights.chunks(each.max(1));
            let weights = rows.flat_map(|row| read.iter().map(|&at| row[at])).collect();
            let of_images =
                (0..count).flat_map(|image| read.iter().map(move |at| image * each + at));
            let x = x.gather(&of_images.collect::<Vec<_>>());
            let extents = [count, read.len(), outputs];
            return self.rows_by_weights(&x, (weights, kernel.bias), extents, node);
        }
        let whole = Window {
            kernel: [h, w],
            stride: [1, 1],
            dilation: [1, 1],
            pad_before: [0, 0],
            pad_after: [0, 0],
        };
        self.windows(x, images, &kernel, &whole, [1, 1], node)
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
    x.gather_or_zero((0..c).flat_map(|channel| cells(channel, [h, w], rows, columns)))
}

/// Where `[rows, columns]` of a plane stand among the elements of all planes.
fn cells<'a>(
    plane: usize,
    [h, w]: [usize; 2],
    rows: &'a [Option<usize>],
    columns: &'a [Option<usize>],
) -> impl Iterator<Item = Option<usize>> + 'a {
    rows.iter().flat_map(move |&row| {
        columns.iter().map(move |&column| Some((plane * h + row?) * w + column?))
    })
}

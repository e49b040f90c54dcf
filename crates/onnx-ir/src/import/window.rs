//! Spatial attributes and layouts that `Conv` and pooling share.

use tract_onnx::tract_core::ops::cnn::PoolSpec;
use tract_onnx::tract_core::ops::nn::DataFormat;

use super::importer::Importer;
use super::reason::Reason;
use super::volume::Outer;
use crate::{NodeId, Window};

/// Windows along one spatial axis.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) dilation: usize,
    pub(super) before: usize,
    pub(super) after: usize,
    /// Extent of the input, and places of windows.
    pub(super) from: usize,
    pub(super) to: usize,
    /// What `ceil_mode` adds to the padding.
    pub(super) overhang: usize,
}

/// Windows over all spatial axes of `shape`, which is `[N,C,...]`.
pub(super) fn axes(spec: &PoolSpec, shape: &[usize]) -> Result<Vec<Axis>, Reason> {
    let first = shape.len().checked_sub(spec.rank()).ok_or("no spatial axes")?;
    let spatial = shape.get(first..).ok_or("no spatial axes")?;
    let paddings = spec.computed_padding(spatial);
    let (strides, dilations) = (spec.strides(), spec.dilations());
    let mut axes = Vec::new();
    for (at, padding) in paddings.iter().enumerate() {
        let of = |values: &[usize]| values.get(at).copied().unwrap_or(1);
        let (kernel, stride, dilation) = (of(&spec.kernel_shape), of(&strides), of(&dilations));
        let from = of(spatial);
        if kernel == 0 || stride == 0 || dilation == 0 {
            return Err("kernel extents, strides and dilations must be positive".into());
        }
        let (before, after, to) = (padding.pad_before, padding.pad_after, padding.convoluted);
        let reach = to.saturating_sub(1).checked_mul(stride).and_then(|start: usize| {
            start.checked_add((kernel - 1).checked_mul(dilation)?)?.checked_add(1)
        });
        let reach = reach.ok_or("its windows are too large")?;
        let overhang = reach.saturating_sub(from + before + after);
        axes.push(Axis { kernel, stride, dilation, before, after, from, to, overhang });
    }
    Ok(axes)
}

/// The windows of the last two axes; of one axis, the height has one element. And those of the axes before.
pub(super) fn plane(axes: &[Axis]) -> Result<(&[Axis], Window), Reason> {
    let (outer, last) = axes.split_at(axes.len().saturating_sub(2));
    let one = Axis {
        kernel: 1,
        stride: 1,
        dilation: 1,
        before: 0,
        after: 0,
        from: 1,
        to: 1,
        overhang: 0,
    };
    let [height, width] = match *last {
        [width] => [one, width],
        [height, width] => [height, width],
        _ => return Err("it has no spatial axes".into()),
    };
    let window = Window {
        kernel: [height.kernel, width.kernel],
        stride: [height.stride, width.stride],
        dilation: [height.dilation, width.dilation],
        pad_before: [height.before, width.before],
        pad_after: [height.after, width.after],
    };
    Ok((outer, window))
}

impl Axis {
    /// An axis before the last two, whose taps become channels.
    pub(super) fn outer(&self) -> Outer {
        let source = |place: usize, tap: usize| {
            let at = (place * self.stride).checked_add(tap * self.dilation)?;
            at.checked_sub(self.before).filter(|&at| at < self.from)
        };
        let each = (0..self.to).flat_map(|place| (0..self.kernel).map(move |tap| (place, tap)));
        let sources = each.map(|(place, tap)| source(place, tap)).collect();
        Outer { places: self.to, taps: self.kernel, sources }
    }
}

/// Brings tract's layout to `[N,C,H,W]`, with more spatial axes where there are.
pub(super) fn enter(
    importer: &mut Importer,
    name: &str,
    x: NodeId,
    format: DataFormat,
) -> Result<NodeId, Reason> {
    let mut x = x;
    let mut shape = importer.builder.shape(x);
    if !format.has_n() {
        shape.insert(0, 1);
        x = importer.builder.reshape(&format!("{name}.batch"), x, &shape)?;
    }
    let rank = shape.len();
    if format.c_is_last() {
        let perm = [0, rank - 1].into_iter().chain(1..rank - 1).collect();
        x = importer.builder.transpose(&format!("{name}.channels_first"), x, perm)?;
        shape = importer.builder.shape(x);
    }
    if rank == 3 {
        shape.insert(2, 1);
        x = importer.builder.reshape(&format!("{name}.height"), x, &shape)?;
    }
    if shape.len() < 4 {
        return Err("it has no spatial axes".into());
    }
    Ok(x)
}

/// Brings `[N,C,H,W]` back to tract's layout and `shape`.
pub(super) fn leave(
    importer: &mut Importer,
    name: &str,
    x: NodeId,
    format: DataFormat,
    shape: &[usize],
) -> Result<NodeId, Reason> {
    let mut x = x;
    if format.c_is_last() {
        let rank = importer.builder.shape(x).len();
        let perm = [0].into_iter().chain(2..rank).chain([1]).collect();
        x = importer.builder.transpose(&format!("{name}.channels_last"), x, perm)?;
    }
    importer.builder.reshape(name, x, shape)
}

/// A kernel as one of two spatial axes: a single one gets a height of 1, and taps of earlier ones are channels.
pub(super) fn kernel_2d(
    importer: &mut Importer,
    name: &str,
    kernel: NodeId,
) -> Result<NodeId, Reason> {
    let shape = importer.builder.shape(kernel);
    let shape = match *shape.as_slice() {
        [o, i, width] => [o, i, 1, width],
        [o, i, ref outer @ .., height, width] => {
            [o, i * outer.iter().product::<usize>(), height, width]
        }
        _ => return Err("its kernel has too few axes".into()),
    };
    importer.builder.reshape(&format!("{name}.kernel"), kernel, &shape)
}

/// A convolution of x with a kernel, plus a bias: an operand of the operator where it is a constant, else added
/// to each channel afterwards (the optimiser takes the addition of a tensor of one position for a bias).
pub(super) fn biased(
    importer: &mut Importer,
    name: &str,
    op: crate::Op,
    [x, kernel]: [NodeId; 2],
    (addend, channels): (NodeId, usize),
) -> Result<NodeId, Reason> {
    let addend = bias(importer, name, addend, channels)?;
    match addend.filter(|&id| importer.builder.value(id).is_none()) {
        Some(addend) => {
            let product = importer.builder.push(&format!("{name}.product"), op, &[x, kernel])?;
            added(importer, name, product, addend)
        }
        None => {
            let inputs: Vec<NodeId> = [x, kernel].into_iter().chain(addend).collect();
            importer.builder.push(name, op, &inputs)
        }
    }
}

/// `[N,C,H,W]` plus a bias for each channel.
pub(super) fn plus(
    importer: &mut Importer,
    name: &str,
    x: NodeId,
    (addend, channels): (NodeId, usize),
) -> Result<NodeId, Reason> {
    match bias(importer, name, addend, channels)? {
        Some(addend) => added(importer, name, x, addend),
        None => Ok(x),
    }
}

fn added(importer: &mut Importer, name: &str, x: NodeId, addend: NodeId) -> Result<NodeId, Reason> {
    let channels = importer.builder.shape(addend).iter().product();
    let addend =
        importer.builder.reshape(&format!("{name}.addend"), addend, &[1, channels, 1, 1])?;
    importer.builder.push(name, crate::Op::Add, &[x, addend])
}

/// The bias as `[channels]`; `None` where it is zero throughout.
fn bias(
    importer: &mut Importer,
    name: &str,
    bias: NodeId,
    channels: usize,
) -> Result<Option<NodeId>, Reason> {
    if importer
        .builder
        .value(bias)
        .is_some_and(|value| value.data.iter().all(|&value| value == 0.0))
    {
        return Ok(None);
    }
    let name = format!("{name}.bias");
    let size: usize = importer.builder.shape(bias).iter().product();
    let flat = importer.builder.reshape(&name, bias, &[size])?;
    importer.builder.push_shaped(&name, crate::Op::Expand, &[flat], &[channels]).map(Some)
}

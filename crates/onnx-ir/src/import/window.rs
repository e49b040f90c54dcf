//! Spatial attributes and layouts that `Conv`, `ConvTranspose` and pooling share.

use tract_onnx::tract_core::ops::cnn::{PaddingSpec, PoolSpec};
use tract_onnx::tract_core::ops::nn::DataFormat;

use super::importer::Importer;
use super::reason::Reason;
use crate::{NodeId, Window};

/// A pair of spatial values from one or two; a missing height is `one`.
fn pair(values: &[usize], one: usize) -> Result<[usize; 2], Reason> {
    match *values {
        [width] => Ok([one, width]),
        [height, width] => Ok([height, width]),
        _ => Err(Reason(format!("{} spatial axes are not supported, only 1 or 2", values.len()))),
    }
}

/// Kernel, strides and dilations of a spec; no padding.
pub(super) fn bare(spec: &PoolSpec) -> Result<Window, Reason> {
    let window = Window {
        kernel: pair(&spec.kernel_shape, 1)?,
        stride: pair(&spec.strides(), 1)?,
        dilation: pair(&spec.dilations(), 1)?,
        pad_before: [0; 2],
        pad_after: [0; 2],
    };
    let parts = [window.kernel, window.stride, window.dilation];
    if parts.iter().flatten().any(|&value| value == 0) {
        return Err("kernel extents, strides and dilations must be positive".into());
    }
    Ok(window)
}

/// Where `input`, of `[N,C,H,W]`, is covered: the window with its padding, and what `ceil_mode` adds to it.
pub(super) fn resolve(spec: &PoolSpec, input: [usize; 2]) -> Result<(Window, [usize; 2]), Reason> {
    let mut window = bare(spec)?;
    let rank = spec.rank();
    let spatial = input.get(2 - rank..).ok_or("no spatial axes")?;
    let (mut before, mut after, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for axis in spec.computed_padding(spatial) {
        before.push(axis.pad_before);
        after.push(axis.pad_after);
        counts.push(axis.convoluted);
    }
    window.pad_before = pair(&before, 0)?;
    window.pad_after = pair(&after, 0)?;
    let counts = pair(&counts, 1)?;
    let mut overhang = [0; 2];
    for (axis, overhang) in overhang.iter_mut().enumerate() {
        let reach = (counts[axis].saturating_sub(1))
            .checked_mul(window.stride[axis])
            .and_then(|start| {
                start
                    .checked_add((window.kernel[axis] - 1).checked_mul(window.dilation[axis])?)?
                    .checked_add(1)
            })
            .ok_or("its windows are too large")?;
        *overhang =
            reach.saturating_sub(input[axis] + window.pad_before[axis] + window.pad_after[axis]);
    }
    Ok((window, overhang))
}

/// The padding of a transposed convolution.
pub(super) fn transposed(
    spec: &PoolSpec,
    input: [usize; 2],
    adjustments: &[usize],
) -> Result<Window, Reason> {
    let mut window = bare(spec)?;
    let spatial = input.get(2 - spec.rank()..).ok_or("no spatial axes")?;
    let padding: &PaddingSpec = &spec.padding;
    let axes = padding.compute_for_deconv(
        spatial,
        &spec.kernel_shape,
        &spec.dilations(),
        &spec.strides(),
        adjustments,
    )?;
    window.pad_before = pair(&axes.iter().map(|axis| axis.pad_before).collect::<Vec<_>>(), 0)?;
    window.pad_after = pair(&axes.iter().map(|axis| axis.pad_after).collect::<Vec<_>>(), 0)?;
    Ok(window)
}

/// Extra rows and columns of a transposed convolution, as a pair.
pub(super) fn output_padding(adjustments: &[usize]) -> Result<[usize; 2], Reason> {
    pair(adjustments, 0)
}

/// Brings tract's layout to `[N,C,H,W]`.
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
    match shape.len() {
        4 => Ok(x),
        rank => Err(Reason(format!(
            "{} spatial axes are not supported, only 1 or 2",
            rank.saturating_sub(2)
        ))),
    }
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
        x = importer.builder.transpose(&format!("{name}.channels_last"), x, vec![0, 2, 3, 1])?;
    }
    importer.builder.reshape(name, x, shape)
}

/// Height and width of `[N,C,H,W]`.
pub(super) fn spatial(importer: &Importer, x: NodeId) -> Result<[usize; 2], Reason> {
    match *importer.builder.shape(x) {
        [_, _, height, width] => Ok([height, width]),
        _ => Err("its input does not have two spatial axes".into()),
    }
}

/// A kernel of three axes gets height 1.
pub(super) fn kernel_2d(
    importer: &mut Importer,
    name: &str,
    kernel: NodeId,
) -> Result<NodeId, Reason> {
    match *importer.builder.shape(kernel) {
        [o, i, width] => {
            importer.builder.reshape(&format!("{name}.kernel"), kernel, &[o, i, 1, width])
        }
        [_, _, _, _] => Ok(kernel),
        _ => Err("only kernels of 1 or 2 spatial axes are supported".into()),
    }
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
    let Some(addend) = addend.filter(|&id| importer.builder.value(id).is_none()) else {
        let inputs: Vec<NodeId> = [x, kernel].into_iter().chain(addend).collect();
        return importer.builder.push(name, op, &inputs);
    };
    let product = importer.builder.push(&format!("{name}.product"), op, &[x, kernel])?;
    let addend =
        importer.builder.reshape(&format!("{name}.addend"), addend, &[1, channels, 1, 1])?;
    importer.builder.push(name, crate::Op::Add, &[product, addend])
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

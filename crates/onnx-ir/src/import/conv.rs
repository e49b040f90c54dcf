//! `Conv`.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::cnn::{Conv, KernelFormat};

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use super::volume::{self, Outer};
use super::window;
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<Conv>()?;
    Some(conv(importer, node, op))
}

fn conv(importer: &mut Importer, node: &TypedNode, op: &Conv) -> Result<NodeId, Reason> {
    if op.q_params.is_some() {
        return Err("quantised convolutions are not supported".into());
    }
    let (name, spec) = (node.name.as_str(), &op.pool_spec);
    let x = importer.input(node, 0)?;
    let x = window::enter(importer, name, x, spec.data_format)?;
    let kernel = importer.input(node, 1)?;
    let (kernel, factor) = without_factor(importer, kernel);
    let kernel = kernel_oihw(importer, name, kernel, op.kernel_fmt, op.group)?;
    let kernel = window::kernel_2d(importer, name, kernel)?;
    let bias = importer.input(node, 2)?;
    let axes = window::axes(spec, &importer.builder.shape(x))?;
    if axes.iter().any(|axis| axis.overhang != 0) {
        return Err("its windows reach beyond its padding".into());
    }
    let (outer, window) = window::plane(&axes)?;
    let outer: Vec<Outer> = outer.iter().map(window::Axis::outer).collect();
    let x = volume::unfold(&mut importer.builder, name, x, &outer)?;
    let conv = Op::Conv { window, groups: op.group };
    let bias = (bias, spec.output_channels);
    let y = match factor {
        Some(factor) => {
            let y = importer.builder.push(&format!("{name}.product"), conv, &[x, kernel])?;
            let flat = format!("{name}.factor");
            let factor = importer.builder.reshape(&flat, factor, &[1, 1, 1, 1])?;
            let y = importer.builder.push(&format!("{name}.scaled"), Op::Mul, &[y, factor])?;
            window::plus(importer, name, y, bias)?
        }
        None => window::biased(importer, name, conv, [x, kernel], bias)?,
    };
    let y = volume::fold(&mut importer.builder, name, y, &outer)?;
    let shape = importer.output_shape(node)?;
    window::leave(importer, name, y, spec.data_format, &shape)
}

/// A kernel, and the computed number that all of it is multiplied by: the optimiser moves a factor of the result there.
fn without_factor(importer: &Importer, kernel: NodeId) -> (NodeId, Option<NodeId>) {
    let builder = &importer.builder;
    let product = builder.node(kernel).filter(|node| matches!(node.op, Op::Mul));
    let Some(&[a, b]) = product.map(|node| node.inputs.as_slice()) else { return (kernel, None) };
    let single = |id: NodeId| builder.shape(id).iter().all(|&extent| extent == 1);
    let same = |id: NodeId| builder.shape(id) == builder.shape(kernel);
    let constant = |id: NodeId| builder.value(id).is_some();
    for (kernel, factor) in [(a, b), (b, a)] {
        if constant(kernel) && same(kernel) && !constant(factor) && single(factor) {
            return (kernel, Some(factor));
        }
    }
    (kernel, None)
}

/// Brings a kernel to `[O, I/groups, spatial...]`. In the other formats the group is part of I.
fn kernel_oihw(
    importer: &mut Importer,
    name: &str,
    kernel: NodeId,
    format: KernelFormat,
    groups: usize,
) -> Result<NodeId, Reason> {
    let shape = importer.builder.shape(kernel);
    let rank = shape.len();
    let input_axis = match format {
        KernelFormat::OIHW => return Ok(kernel),
        KernelFormat::HWIO => rank.checked_sub(2),
        KernelFormat::OHWI => rank.checked_sub(1),
    };
    let (Some(input_axis), true) = (input_axis, rank > 2) else {
        return Err("its kernel has too few axes".into());
    };
    let inputs = shape
        .get(input_axis)
        .and_then(|inputs| inputs.checked_div(groups))
        .ok_or("its groups do not divide its channels")?;
    let mut split = shape.clone();
    split.splice(input_axis..=input_axis, [groups, inputs]);
    let split = importer.builder.reshape(&format!("{name}.kernel.groups"), kernel, &split)?;
    let (output, spatial) = match format {
        KernelFormat::OHWI => (0, 1..rank - 1),
        _ => (rank, 0..rank - 2),
    };
    let perm = [input_axis, output, input_axis + 1].into_iter().chain(spatial).collect();
    let ordered = importer.builder.transpose(&format!("{name}.kernel.order"), split, perm)?;
    let mut merged = importer.builder.shape(ordered);
    let outputs = merged.iter().take(2).product();
    merged.splice(0..2, [outputs]);
    importer.builder.reshape(&format!("{name}.kernel.oihw"), ordered, &merged)
}

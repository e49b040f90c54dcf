//! `ConvTranspose`: tract's `Deconv`.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::cnn::{Deconv, KernelFormat};

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use super::window;
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<Deconv>()?;
    Some(conv_transpose(importer, node, op))
}

fn conv_transpose(
    importer: &mut Importer,
    node: &TypedNode,
    op: &Deconv,
) -> Result<NodeId, Reason> {
    let (name, spec) = (node.name.as_str(), &op.pool_spec);
    let x = importer.input(node, 0)?;
    let x = window::enter(importer, name, x, spec.data_format)?;
    let kernel = importer.input(node, 1)?;
    let kernel = kernel_onnx(importer, name, kernel, op)?;
    let bias = importer.input(node, 2)?;
    let window = window::transposed(spec, window::spatial(importer, x)?, &op.adjustments)?;
    let output_padding = window::output_padding(&op.adjustments)?;
    let conv = Op::ConvTranspose { window, groups: op.group, output_padding };
    let bias = (bias, spec.output_channels);
    let y = window::biased(importer, name, conv, [x, kernel], bias)?;
    let shape = importer.output_shape(node)?;
    window::leave(importer, name, y, spec.data_format, &shape)
}

/// tract stores `[groups·O', C/groups, ...]`; ONNX, and we, `[C, O', ...]`.
fn kernel_onnx(
    importer: &mut Importer,
    name: &str,
    kernel: NodeId,
    op: &Deconv,
) -> Result<NodeId, Reason> {
    if op.kernel_format != KernelFormat::OIHW {
        return Err("its kernel's layout is not supported".into());
    }
    let kernel = window::kernel_2d(importer, name, kernel)?;
    let &[outputs, inputs, height, width] = importer.builder.shape(kernel).as_slice() else {
        return Err("its kernel does not have four axes".into());
    };
    let groups = op.group;
    let per_group = outputs.checked_div(groups).ok_or("it has no groups")?;
    let split = importer.builder.reshape(
        &format!("{name}.kernel.groups"),
        kernel,
        &[groups, per_group, inputs, height, width],
    )?;
    let swapped =
        importer.builder.transpose(&format!("{name}.kernel.order"), split, vec![0, 2, 1, 3, 4])?;
    importer.builder.reshape(
        &format!("{name}.kernel.onnx"),
        swapped,
        &[groups * inputs, per_group, height, width],
    )
}

//! `Reshape`, `Flatten`, `Squeeze`, `Unsqueeze`, `Transpose`: tract's `AxisOp`.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::array::FiniteReshape;
use tract_onnx::tract_core::ops::change_axes::{AxisOp, IntoShape};

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use crate::NodeId;

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    match node.op_as::<AxisOp>() {
        Some(&AxisOp::Move(from, to)) => Some(transpose(importer, node, from, to)),
        Some(AxisOp::Add(_) | AxisOp::Rm(_) | AxisOp::Reshape(..)) => Some(reshape(importer, node)),
        None if node.op_is::<FiniteReshape>() => Some(reshape(importer, node)),
        None => {
            let op = node.op_as::<IntoShape>()?;
            Some(if is_row_major(op) {
                reshape(importer, node)
            } else {
                Err("its memory layout is not supported".into())
            })
        }
    }
}

fn transpose(
    importer: &mut Importer,
    node: &TypedNode,
    from: usize,
    to: usize,
) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let mut perm: Vec<usize> = (0..importer.builder.shape(x).len()).collect();
    if from.max(to) >= perm.len() {
        return Err("it moves an axis that does not exist".into());
    }
    let axis = perm.remove(from);
    perm.insert(to, axis);
    importer.builder.transpose(&node.name, x, perm)
}

fn reshape(importer: &mut Importer, node: &TypedNode) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let shape = importer.output_shape(node)?;
    importer.builder.reshape(&node.name, x, &shape)
}

/// Whether a reinterpretation of memory is a plain reshape.
fn is_row_major(op: &IntoShape) -> bool {
    let own = op.strides.iter().map(|&stride| usize::try_from(stride).ok());
    own.eq(crate::tensor::strides(&op.dims).into_iter().map(Some))
}

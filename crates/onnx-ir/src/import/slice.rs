//! `Slice` and `Split`: tract's `Slice` and, for steps that the analysis itself takes, `Downsample`.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::Downsample;
use tract_onnx::tract_core::ops::array::Slice;

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    if let Some(op) = node.op_as::<Slice>() {
        return Some(contiguous(importer, node, op));
    }
    let op = node.op_as::<Downsample>()?;
    Some(stepped(importer, node, op))
}

fn contiguous(importer: &mut Importer, node: &TypedNode, op: &Slice) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let start = Importer::number(&op.start)?;
    let shape = importer.output_shape(node)?;
    importer.builder.push_shaped(
        &node.name,
        Op::Slice { axis: op.axis, start, step: 1 },
        &[x],
        &shape,
    )
}

fn stepped(importer: &mut Importer, node: &TypedNode, op: &Downsample) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let shape = importer.output_shape(node)?;
    let extent = importer.builder.shape(x).get(op.axis).copied().unwrap_or(0);
    // A negative stride starts at the far end; tract allows no offset there.
    let start = if op.stride < 0 { extent.saturating_sub(1) } else { op.modulo };
    importer.builder.push_shaped(
        &node.name,
        Op::Slice { axis: op.axis, start, step: op.stride },
        &[x],
        &shape,
    )
}

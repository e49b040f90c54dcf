//! `Tile` and `Expand` (tract's `MultiBroadcastTo`).

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::array::{MultiBroadcastTo, Tile};

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<Tile>()?;
    Some(tile(importer, node, op))
}

fn tile(importer: &mut Importer, node: &TypedNode, op: &Tile) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let mut repeats = Vec::new();
    for multiplier in &op.multipliers {
        repeats.push(Importer::number(multiplier)?);
    }
    importer.builder.push(&node.name, Op::Tile { repeats }, &[x])
}

pub(super) fn translate_broadcast(importer: &mut Importer, node: &TypedNode) -> Outcome {
    node.op_as::<MultiBroadcastTo>()?;
    Some(expand(importer, node))
}

fn expand(importer: &mut Importer, node: &TypedNode) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let shape = importer.output_shape(node)?;
    importer.builder.push_shaped(&node.name, Op::Expand, &[x], &shape)
}

//! `Expand` (tract's `MultiBroadcastTo`).

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::array::MultiBroadcastTo;

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    node.op_as::<MultiBroadcastTo>()?;
    Some(expand(importer, node))
}

fn expand(importer: &mut Importer, node: &TypedNode) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let shape = importer.output_shape(node)?;
    importer.builder.push_shaped(&node.name, Op::Expand, &[x], &shape)
}

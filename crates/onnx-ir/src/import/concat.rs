//! `Concat`.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::array::TypedConcat;

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<TypedConcat>()?;
    let parts: Result<Vec<NodeId>, Reason> =
        (0..node.inputs.len()).map(|slot| importer.input(node, slot)).collect();
    Some(
        parts.and_then(|parts| {
            importer.builder.push(&node.name, Op::Concat { axis: op.axis }, &parts)
        }),
    )
}

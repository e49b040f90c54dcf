//! `Concat`.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::array::TypedConcat;

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<TypedConcat>()?;
    Some(concat(importer, node, op.axis))
}

/// Parts without elements add nothing.
fn concat(importer: &mut Importer, node: &TypedNode, axis: usize) -> Result<NodeId, Reason> {
    let mut parts = vec![];
    for (slot, &outlet) in node.inputs.iter().enumerate() {
        if !importer.shape(outlet)?.contains(&0) {
            parts.push(importer.input(node, slot)?);
        }
    }
    match parts.as_slice() {
        &[only] => Ok(only),
        parts => importer.builder.push(&node.name, Op::Concat { axis }, parts),
    }
}

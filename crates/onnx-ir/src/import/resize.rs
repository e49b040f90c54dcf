//! `Resize` that repeats pixels a whole number of times: reshape, expand, reshape.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::nn::NearestUpsample;

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<NearestUpsample>()?;
    Some(upsample(importer, node, op))
}

fn upsample(
    importer: &mut Importer,
    node: &TypedNode,
    op: &NearestUpsample,
) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let name = node.name.as_str();
    let (mut single, mut repeated) = (Vec::new(), Vec::new());
    for (extent, &scale) in importer.builder.shape(x).into_iter().zip(&op.scales) {
        single.extend([extent, 1]);
        repeated.extend([extent, scale]);
    }
    let split = importer.builder.reshape(&format!("{name}.split"), x, &single)?;
    let wide =
        importer.builder.push_shaped(&format!("{name}.repeat"), Op::Expand, &[split], &repeated)?;
    let shape = importer.output_shape(node)?;
    importer.builder.reshape(name, wide, &shape)
}

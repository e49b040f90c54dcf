//! x / √(mean x² + ε) and its parts, where the analysis has made one operator of them; and 1/√x.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::nn::RmsNorm;

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<RmsNorm>()?;
    Some(rms_norm(importer, node, op))
}

fn rms_norm(importer: &mut Importer, node: &TypedNode, op: &RmsNorm) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let epsilon = super::constant::tensor(&op.eps)?.uniform().ok_or("its epsilon is missing")?;
    let (name, axes) = (node.name.as_str(), vec![op.axis]);
    let builder = &mut importer.builder;
    let epsilon = builder.scalar(&format!("{name}.epsilon"), epsilon);
    let squares = builder.push(&format!("{name}.squares"), Op::Pow { exponent: 2 }, &[x])?;
    let mean = builder.push(&format!("{name}.mean"), Op::ReduceMean { axes }, &[squares])?;
    let moved = builder.push(&format!("{name}.moved"), Op::Add, &[mean, epsilon])?;
    let root = builder.push(&format!("{name}.root"), Op::Sqrt, &[moved])?;
    builder.push(name, Op::Div, &[x, root])
}

/// 1/√x; a product with it becomes a quotient by the root.
pub(super) fn reciprocal_root(
    importer: &mut Importer,
    name: &str,
    x: NodeId,
) -> Result<NodeId, Reason> {
    let root = importer.builder.push(&format!("{name}.root"), Op::Sqrt, &[x])?;
    let one = importer.builder.scalar(&format!("{name}.one"), 1.0);
    importer.builder.push(name, Op::Div, &[one, root])
}

//! Comparisons and logic: truth values are 0 and 1.

use tract_onnx::prelude::{DatumType, TypedNode};
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::element_wise::ElementWiseOp;
use tract_onnx::tract_core::ops::logic::{
    And, BitAnd, BitNot, BitOr, BitXor, CompEq, CompGT, CompGTE, CompLT, CompLTE, CompNE, Not, Or,
    Xor,
};

use super::builder::Builder;
use super::importer::Importer;
use super::reason::{Outcome, Reason};
use super::softmax;
use crate::{NodeId, Op, Tensor};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    if let Some(op) = node.op_as::<ElementWiseOp>() {
        let negates = op.0.is::<Not>() || (op.0.is::<BitNot>() && truth(importer, node));
        return negates.then(|| {
            let x = importer.input(node, 0)?;
            not(importer, &node.name, x)
        });
    }
    let op = node.op_as::<TypedBinOp>()?;
    let compared = if op.0.is::<CompLT>() {
        (Op::Less, [0, 1])
    } else if op.0.is::<CompGT>() {
        (Op::Less, [1, 0])
    } else if op.0.is::<CompLTE>() {
        (Op::LessOrEqual, [0, 1])
    } else if op.0.is::<CompGTE>() {
        (Op::LessOrEqual, [1, 0])
    } else if op.0.is::<CompEq>() {
        (Op::Equal, [0, 1])
    } else if op.0.is::<CompNE>() {
        return Some(differ(importer, node));
    } else if !truth(importer, node) {
        return None;
    } else if op.0.is::<And>() || op.0.is::<BitAnd>() {
        (Op::Min, [0, 1])
    } else if op.0.is::<Or>() || op.0.is::<BitOr>() {
        (Op::Max, [0, 1])
    } else if op.0.is::<Xor>() || op.0.is::<BitXor>() {
        return Some(exclusive(importer, node));
    } else {
        return None;
    };
    Some(binary(importer, node, &node.name, compared))
}

fn binary(
    importer: &mut Importer,
    node: &TypedNode,
    name: &str,
    (op, order): (Op, [usize; 2]),
) -> Result<NodeId, Reason> {
    let [a, b] = order;
    let operands = [importer.input(node, a)?, importer.input(node, b)?];
    if op == Op::Equal
        && let Some(x) = compared_with_infinity(&importer.builder, operands)
    {
        let shape = importer.output_shape(node)?;
        return softmax::is_left_out(&mut importer.builder, name, x, &shape);
    }
    importer.builder.push(name, op, &operands)
}

/// What is compared with minus infinity.
fn compared_with_infinity(builder: &Builder, [a, b]: [NodeId; 2]) -> Option<NodeId> {
    let infinite = |id| builder.value(id).and_then(Tensor::uniform) == Some(f32::NEG_INFINITY);
    match (infinite(a), infinite(b)) {
        (true, false) => Some(b),
        (false, true) => Some(a),
        _ => None,
    }
}

/// Whether a node gives truth values.
fn truth(importer: &Importer, node: &TypedNode) -> bool {
    importer.output_type(node).is_ok_and(|kind| kind == DatumType::Bool)
}

/// 1 − x
pub(super) fn not(importer: &mut Importer, name: &str, x: NodeId) -> Result<NodeId, Reason> {
    let one = importer.builder.scalar(&format!("{name}.one"), 1.0);
    importer.builder.push(name, Op::Sub, &[one, x])
}

fn differ(importer: &mut Importer, node: &TypedNode) -> Result<NodeId, Reason> {
    let name = node.name.as_str();
    let equal = binary(importer, node, &format!("{name}.equal"), (Op::Equal, [0, 1]))?;
    not(importer, name, equal)
}

/// |a − b|
fn exclusive(importer: &mut Importer, node: &TypedNode) -> Result<NodeId, Reason> {
    let name = node.name.as_str();
    let difference = binary(importer, node, &format!("{name}.difference"), (Op::Sub, [0, 1]))?;
    importer.builder.push(name, Op::Abs, &[difference])
}

/// Whether x is not zero.
pub(super) fn to_truth(importer: &mut Importer, name: &str, x: NodeId) -> Result<NodeId, Reason> {
    let zero = importer.builder.scalar(&format!("{name}.zero"), 0.0);
    let is_zero = importer.builder.push(&format!("{name}.is_zero"), Op::Equal, &[x, zero])?;
    not(importer, name, is_zero)
}

//! `Where`, tract's `Iff`; on the sign of its own operand it is `PRelu` or one of its kin.

use tract_onnx::prelude::{OutletId, TypedNode};
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::logic::{CompGT, CompGTE, CompLT, CompLTE, Iff};
use tract_onnx::tract_core::ops::math::Mul;

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    node.op_as::<Iff>()?;
    Some(select(importer, node))
}

fn select(importer: &mut Importer, node: &TypedNode) -> Result<NodeId, Reason> {
    let &[condition, yes, no] = node.inputs.as_slice() else {
        return Err("a selection has three inputs".into());
    };
    if let Some(rectified) = rectifier(importer, node, [condition, yes, no])? {
        return Ok(rectified);
    }
    let operands = [importer.wire(condition)?, importer.wire(yes)?, importer.wire(no)?];
    importer.builder.push(&node.name, Op::Where, &operands)
}

/// What is chosen by the sign of the value itself: the value, or zero or a multiple of it.
fn rectifier(
    importer: &mut Importer,
    node: &TypedNode,
    [condition, yes, no]: [OutletId; 3],
) -> Result<Option<NodeId>, Reason> {
    let Some((x, positive_if)) = sign_test(importer, condition) else { return Ok(None) };
    let (positive, negative) = if positive_if { (yes, no) } else { (no, yes) };
    if positive != x || importer.shape(x)? != importer.output_shape(node)? {
        return Ok(None);
    }
    let name = node.name.as_str();
    if zero(importer, negative) {
        let x = importer.wire(x)?;
        return importer.builder.push(name, Op::Relu, &[x]).map(Some);
    }
    let Some(slope) = slope(importer, x, negative) else { return Ok(None) };
    let (x, slope) = (importer.wire(x)?, importer.wire(slope)?);
    // A slope with axes of its own would spread over more than the value.
    let (shape, spread) = (importer.builder.shape(x), importer.builder.shape(slope));
    if crate::tensor::broadcast(&shape, &spread) != Some(shape) {
        return Ok(None);
    }
    let builder = &mut importer.builder;
    if builder.value(slope).is_some() {
        return builder.push(name, Op::PRelu, &[x, slope]).map(Some);
    }
    // Of a slope that is computed: what is above zero, less the slope times what is below.
    let negated = builder.push(&format!("{name}.negated"), Op::Neg, &[x])?;
    let below = builder.push(&format!("{name}.below"), Op::Relu, &[negated])?;
    let steep = builder.push(&format!("{name}.steep"), Op::Mul, &[below, slope])?;
    let above = builder.push(&format!("{name}.above"), Op::Relu, &[x])?;
    builder.push(name, Op::Sub, &[above, steep]).map(Some)
}

/// The value whose sign is tested, and whether the test holds for positive ones.
/// At zero both branches agree, so strict and weak comparisons are the same.
fn sign_test(importer: &Importer, condition: OutletId) -> Option<(OutletId, bool)> {
    let node = importer.model.node(condition.node);
    let op = &node.op_as::<TypedBinOp>()?.0;
    let greater = op.is::<CompGT>() || op.is::<CompGTE>();
    if !greater && !op.is::<CompLT>() && !op.is::<CompLTE>() {
        return None;
    }
    match *node.inputs.as_slice() {
        [a, b] if zero(importer, b) => Some((a, greater)),
        [a, b] if zero(importer, a) => Some((b, !greater)),
        _ => None,
    }
}

/// Whether a value is the constant zero.
fn zero(importer: &Importer, outlet: OutletId) -> bool {
    let fact = importer.model.outlet_fact(outlet).ok();
    let constant = fact.and_then(|fact| fact.konst.as_deref().or(fact.uniform.as_deref()));
    let tensor = constant.and_then(|constant| super::constant::tensor(constant).ok());
    tensor.is_some_and(|tensor| tensor.data.iter().all(|&value| value == 0.0))
}

/// The other factor, where `product` is x times something.
fn slope(importer: &Importer, x: OutletId, product: OutletId) -> Option<OutletId> {
    let node = importer.model.node(product.node);
    let is_product = node.op_as::<TypedBinOp>()?.0.is::<Mul>();
    match *node.inputs.as_slice() {
        [a, b] if is_product && a == x => Some(b),
        [a, b] if is_product && b == x => Some(a),
        _ => None,
    }
}

//! Elementwise operators of one input.

use tract_onnx::prelude::{DatumType, TypedNode};
use tract_onnx::tract_core::ops::element_wise::{ElementWiseMiniOp, ElementWiseOp};
use tract_onnx::tract_core::ops::identity::Identity;
use tract_onnx::tract_core::ops::math::PowConst;
use tract_onnx::tract_core::ops::nn::{GeluApproximate, LeakyRelu};

use super::builder::Builder;
use super::function::Whole;
use super::importer::Importer;
use super::reason::{Outcome, Reason};
use super::{integral, logistic, norm, power, softmax};
use crate::{Function, NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    if node.op_is::<Identity>() {
        return Some(importer.input(node, 0));
    }
    let op = node.op_as::<ElementWiseOp>()?;
    Some(unary(importer, node, op))
}

/// Of a whole number what its type has room for: the least one has no opposite.
fn wrapped(
    importer: &mut Importer,
    name: &str,
    op: Op,
    x: NodeId,
    kind: DatumType,
) -> Result<NodeId, Reason> {
    let id = importer.builder.push(name, op, &[x])?;
    if kind.is_integer() { integral::wrapped(importer, name, id, kind) } else { Ok(id) }
}

fn unary(importer: &mut Importer, node: &TypedNode, op: &ElementWiseOp) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let (name, mini) = (node.name.as_str(), &op.0);
    if let Some(op) = mini.downcast_ref::<LeakyRelu>() {
        return importer.builder.push(name, Op::LeakyRelu { alpha: op.alpha }, &[x]);
    }
    if let Some(function) = function(mini.as_ref()) {
        return importer.builder.push(name, Op::Function(function), &[x]);
    }
    if let Some(op) = mini.downcast_ref::<PowConst>() {
        let whole = importer.output_type(node)?.is_integer();
        return power::power(importer, name, x, (op.exponent, whole));
    }
    if let Some(op) = mini.downcast_ref::<GeluApproximate>() {
        // What the analysis calls the fast one has a square where the approximation has a cube.
        return if op.fast_impl {
            Err("its approximation has a square in place of the cube".into())
        } else {
            importer.builder.push(name, Op::Gelu { tanh: true }, &[x])
        };
    }
    let kind = importer.output_type(node)?;
    let builder = &mut importer.builder;
    match mini.name().as_str() {
        "Abs" => wrapped(importer, name, Op::Abs, x, kind),
        "Neg" => wrapped(importer, name, Op::Neg, x, kind),
        "Square" => wrapped(importer, name, Op::Pow { exponent: 2 }, x, kind),
        "Sigmoid" => builder.push(name, Op::Sigmoid, &[x]),
        "Tanh" => builder.push(name, Op::Tanh, &[x]),
        "Exp" => builder.push(name, Op::Exp, &[x]),
        "Ln" => softmax::log(importer, name, x),
        "Sqrt" => builder.push(name, Op::Sqrt, &[x]),
        "Rsqrt" => norm::reciprocal_root(importer, name, x),
        "IsNan" => softmax::is_nan(importer, name, x),
        "Erf" => builder.push(name, Op::Erf, &[x]),
        "GeluExact" => builder.push(name, Op::Gelu { tanh: false }, &[x]),
        "Recip" => {
            let one = builder.scalar(&format!("{name}.one"), 1.0);
            logistic::quotient(builder, name, one, x)
        }
        "Silu" => builder.push(name, Op::Function(Function::Swish { beta: 1.0 }), &[x]),
        "Sign" => sign(builder, name, x),
        "HardSwish" => {
            let scale = builder.scalar(&format!("{name}.scale"), 1.0 / 6.0);
            let shift = builder.scalar(&format!("{name}.shift"), 0.5);
            let scaled = builder.push(&format!("{name}.scaled"), Op::Mul, &[x, scale])?;
            let shifted = builder.push(&format!("{name}.shifted"), Op::Add, &[scaled, shift])?;
            let gate = builder.push(
                &format!("{name}.gate"),
                Op::Clip { min: 0.0, max: 1.0 },
                &[shifted],
            )?;
            builder.push(name, Op::Mul, &[x, gate])
        }
        other => Err(Reason(format!("no circuit for {other}"))),
    }
}

/// A function that is tabulated as it is.
fn function(op: &dyn ElementWiseMiniOp) -> Option<Function> {
    if let Some(Whole(function)) = op.downcast_ref::<Whole>() {
        return Some(*function);
    }
    Some(match op.name().as_str() {
        "Sin" => Function::Sin,
        "Cos" => Function::Cos,
        "Tan" => Function::Tan,
        "Asin" => Function::Asin,
        "Acos" => Function::Acos,
        "Atan" => Function::Atan,
        "Sinh" => Function::Sinh,
        "Cosh" => Function::Cosh,
        "Asinh" => Function::Asinh,
        "Acosh" => Function::Acosh,
        "Atanh" => Function::Atanh,
        _ => return None,
    })
}

/// Whether x is above zero, less whether it is below.
fn sign(builder: &mut Builder, name: &str, x: NodeId) -> Result<NodeId, Reason> {
    let zero = builder.scalar(&format!("{name}.zero"), 0.0);
    let above = builder.push(&format!("{name}.above"), Op::Less, &[zero, x])?;
    let below = builder.push(&format!("{name}.below"), Op::Less, &[x, zero])?;
    builder.push(name, Op::Sub, &[above, below])
}

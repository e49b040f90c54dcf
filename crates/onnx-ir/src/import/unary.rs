//! Elementwise operators of one input.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::element_wise::ElementWiseOp;
use tract_onnx::tract_core::ops::identity::Identity;
use tract_onnx::tract_core::ops::math::PowConst;
use tract_onnx::tract_core::ops::nn::{GeluApproximate, LeakyRelu};

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use super::{norm, softmax};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    if node.op_is::<Identity>() {
        return Some(importer.input(node, 0));
    }
    let op = node.op_as::<ElementWiseOp>()?;
    Some(unary(importer, node, op))
}

fn unary(importer: &mut Importer, node: &TypedNode, op: &ElementWiseOp) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let (name, mini) = (node.name.as_str(), &op.0);
    if let Some(op) = mini.downcast_ref::<LeakyRelu>() {
        return importer.builder.push(name, Op::LeakyRelu { alpha: op.alpha }, &[x]);
    }
    if let Some(op) = mini.downcast_ref::<PowConst>() {
        return power(importer, name, x, op.exponent);
    }
    if let Some(op) = mini.downcast_ref::<GeluApproximate>() {
        // What the analysis calls the fast one has a square where the approximation has a cube.
        return if op.fast_impl {
            Err("its approximation has a square in place of the cube".into())
        } else {
            importer.builder.push(name, Op::Gelu { tanh: true }, &[x])
        };
    }
    let whole = importer.output_type(node)?.is_integer();
    let builder = &mut importer.builder;
    match mini.name().as_str() {
        "Abs" => builder.push(name, Op::Abs, &[x]),
        "Neg" => builder.push(name, Op::Neg, &[x]),
        "Square" => builder.push(name, Op::Pow { exponent: 2 }, &[x]),
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
            builder.push(name, Op::Div, &[one, x])
        }
        "Silu" => {
            let sigmoid = builder.push(&format!("{name}.sigmoid"), Op::Sigmoid, &[x])?;
            builder.push(name, Op::Mul, &[x, sigmoid])
        }
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
        // Integers are whole already.
        "Floor" | "Ceil" | "Round" | "RoundHalfToEven" if whole => Ok(x),
        other => Err(Reason(format!("no circuit for {other}"))),
    }
}

/// x to a constant power: 1/2, 1 to 8, and their negatives as reciprocals.
pub(super) fn power(
    importer: &mut Importer,
    name: &str,
    x: NodeId,
    exponent: f32,
) -> Result<NodeId, Reason> {
    if exponent == 0.5 {
        return importer.builder.push(name, Op::Sqrt, &[x]);
    }
    if exponent == -0.5 {
        return norm::reciprocal_root(importer, name, x);
    }
    let size = (1u8..=8).find(|&candidate| f32::from(candidate) == exponent.abs());
    let refused = || {
        Reason(format!(
            "the power {exponent} is not supported, only 0.5, whole numbers from 1 to 8, and their negatives"
        ))
    };
    let exponent = (u32::from(size.ok_or_else(refused)?), exponent < 0.0);
    let power = match exponent.0 {
        1 => x,
        exponent => importer.builder.push(name, Op::Pow { exponent }, &[x])?,
    };
    if !exponent.1 {
        return Ok(power);
    }
    let one = importer.builder.scalar(&format!("{name}.one"), 1.0);
    importer.builder.push(name, Op::Div, &[one, power])
}

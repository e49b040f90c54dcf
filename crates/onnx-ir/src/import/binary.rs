//! `Add`, `Sub`, `Mul`, `Div`, `Max`, `Min` and `Pow`: tract's `TypedBinOp`.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::binary::TypedBinOp;

use super::division::Division;
use super::importer::Importer;
use super::power;
use super::reason::{Outcome, Reason};
use super::{integral, logistic, modulo, squares};
use crate::{NodeId, Op, Tensor};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<TypedBinOp>()?;
    Some(binary(importer, node, op.0.name()))
}

fn binary(importer: &mut Importer, node: &TypedNode, op: &str) -> Result<NodeId, Reason> {
    let (a, b) = (importer.input(node, 0)?, importer.input(node, 1)?);
    let (name, kind) = (node.name.as_str(), importer.output_type(node)?);
    let builder = &mut importer.builder;
    if !kind.is_integer() && matches!(op, "Mul" | "Div") {
        let operands = if builder.value(a).is_some() && op == "Mul" { [b, a] } else { [a, b] };
        if let Some(id) = squares::weighed(builder, name, operands, op == "Div")? {
            return Ok(id);
        }
    }
    let id = match op {
        "Add" => builder.push(name, Op::Add, &[a, b])?,
        "Sub" => builder.push(name, Op::Sub, &[a, b])?,
        "SubF" => builder.push(name, Op::Sub, &[b, a])?,
        "Mul" => builder.push(name, Op::Mul, &[a, b])?,
        "Max" => builder.push(name, Op::Max, &[a, b])?,
        "Min" => builder.push(name, Op::Min, &[a, b])?,
        "Div" if kind.is_integer() => divide(importer, name, a, b)?,
        "Div" => logistic::quotient(builder, name, a, b)?,
        "ShiftLeft" | "ShiftRight" => shift(importer, name, [a, b], op == "ShiftLeft")?,
        "Pow" => power::pow(importer, name, [a, b], kind.is_integer())?,
        other => return Err(Reason(format!("no circuit for {other}"))),
    };
    if kind.is_integer() {
        return integral::wrapped(importer, name, id, kind);
    }
    if matches!(op, "Add" | "Sub" | "SubF") {
        integral::note(&mut importer.builder, id);
    }
    Ok(id)
}

/// Division of integers truncates.
fn divide(importer: &mut Importer, name: &str, a: NodeId, b: NodeId) -> Result<NodeId, Reason> {
    let builder = &mut importer.builder;
    let Some((divisor, negative)) = modulo::one_sign(builder, b)? else {
        return Division { builder, name }.truncated(a, b);
    };
    let a = modulo::broadcast(builder, name, a, &divisor)?;
    if !negative {
        return integral::truncated(builder, name, a, b);
    }
    let data = divisor.data.iter().map(|b| -b).collect();
    let size = builder.constant(&format!("{name}.size"), Tensor { shape: divisor.shape, data });
    let quotient = integral::truncated(builder, &format!("{name}.negative"), a, size)?;
    builder.push(name, Op::Neg, &[quotient])
}

/// What the analysis makes of products with powers of two, and of quotients by them that have no sign.
fn shift(
    importer: &mut Importer,
    name: &str,
    [a, b]: [NodeId; 2],
    left: bool,
) -> Result<NodeId, Reason> {
    let builder = &mut importer.builder;
    let by = builder.value(b).ok_or("only shifts by constants are supported")?.clone();
    let data = by.data.iter().map(|shift| shift.exp2()).collect();
    let factor = Tensor { shape: by.shape.clone(), data };
    let factor = builder.constant(&format!("{name}.factor"), factor);
    if left {
        return builder.push(name, Op::Mul, &[a, factor]);
    }
    let a = modulo::broadcast(builder, name, a, &by)?;
    integral::floor(builder, name, a, factor, f32::NEG_INFINITY)
}

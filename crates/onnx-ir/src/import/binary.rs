//! `Add`, `Sub`, `Mul`, `Div`, `Max`, `Min` and `Pow`: tract's `TypedBinOp`.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::binary::TypedBinOp;

use super::importer::Importer;
use super::power;
use super::reason::{Outcome, Reason};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<TypedBinOp>()?;
    Some(binary(importer, node, op.0.name()))
}

fn binary(importer: &mut Importer, node: &TypedNode, op: &str) -> Result<NodeId, Reason> {
    let (a, b) = (importer.input(node, 0)?, importer.input(node, 1)?);
    let (name, whole) = (node.name.as_str(), importer.output_type(node)?.is_integer());
    let builder = &mut importer.builder;
    match op {
        "Add" => builder.push(name, Op::Add, &[a, b]),
        "Sub" => builder.push(name, Op::Sub, &[a, b]),
        "SubF" => builder.push(name, Op::Sub, &[b, a]),
        "Mul" => builder.push(name, Op::Mul, &[a, b]),
        "Max" => builder.push(name, Op::Max, &[a, b]),
        "Min" => builder.push(name, Op::Min, &[a, b]),
        "Div" => divide(importer, name, a, b, whole),
        "ShiftLeft" | "ShiftRight" => {
            let bits = builder
                .value(b)
                .and_then(|bits| bits.uniform())
                .ok_or("only shifts by one constant are supported")?;
            let factor = builder.scalar(&format!("{name}.factor"), bits.exp2());
            match op {
                "ShiftLeft" => builder.push(name, Op::Mul, &[a, factor]),
                _ => divide(importer, name, a, factor, whole),
            }
        }
        "Pow" => power::pow(importer, name, [a, b], whole),
        other => Err(Reason(format!("no circuit for {other}"))),
    }
}

/// Division of integers truncates.
fn divide(
    importer: &mut Importer,
    name: &str,
    a: NodeId,
    b: NodeId,
    whole: bool,
) -> Result<NodeId, Reason> {
    let quotient = importer.builder.push(name, Op::Div, &[a, b])?;
    if whole { importer.builder.push(name, Op::Trunc, &[quotient]) } else { Ok(quotient) }
}

//! `Cast`: numbers keep their value, except that floats lose their fraction on becoming integers, and integers the bits
//! that their new type has no room for.
//!
//! A float beyond its new type has no result that ONNX defines; here it is the nearest number of the type.

use tract_onnx::prelude::{DatumType, TypedNode};
use tract_onnx::tract_core::ops::cast::Cast;

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use super::{integral, logic};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<Cast>()?;
    Some(cast(importer, node, op.to))
}

fn cast(importer: &mut Importer, node: &TypedNode, to: DatumType) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let source = node.inputs.first().copied().ok_or("its input is missing")?;
    let from = importer.model.outlet_fact(source)?.datum_type;
    match to {
        DatumType::F16 | DatumType::F32 | DatumType::F64 => return Ok(x),
        DatumType::TDim if !from.is_float() => return Ok(x),
        // What the analysis makes of int64.
        DatumType::TDim => return saturated(importer, &node.name, x, DatumType::I64),
        DatumType::Bool if from == DatumType::Bool => return Ok(x),
        DatumType::Bool => return logic::to_truth(importer, &node.name, x),
        _ if to.is_integer() => {}
        _ => return Err(Reason(format!("casting {from:?} to {to:?} is not supported"))),
    }
    if !from.is_float() {
        return integral::wrapped(importer, &node.name, x, to);
    }
    saturated(importer, &node.name, x, to)
}

/// A float as the nearest whole number towards zero that the type has.
fn saturated(
    importer: &mut Importer,
    name: &str,
    x: NodeId,
    to: DatumType,
) -> Result<NodeId, Reason> {
    let known = integral::bounds(&importer.builder, x);
    let whole = match known {
        Some(_) => x,
        None => importer.builder.push(name, Op::Trunc, &[x])?,
    };
    let (min, max) = match to {
        DatumType::I8 => (-128.0, 127.0),
        DatumType::U8 => (0.0, 255.0),
        DatumType::I16 => (-32_768.0, 32_767.0),
        DatumType::U16 => (0.0, 65_535.0),
        DatumType::U32 | DatumType::U64 => (0.0, f32::INFINITY),
        // What takes more than 24 bits is refused when it is met.
        _ => return Ok(whole),
    };
    match known {
        Some((lo, hi)) if f64::from(min) <= lo && hi <= f64::from(max) => Ok(whole),
        _ => importer.builder.push(&format!("{name}.within"), Op::Clip { min, max }, &[whole]),
    }
}

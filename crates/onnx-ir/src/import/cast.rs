//! `Cast`: numbers keep their value, except that floats lose their fraction on becoming integers.

use tract_onnx::prelude::{DatumType, TypedNode};
use tract_onnx::tract_core::ops::cast::Cast;

use super::importer::Importer;
use super::logic;
use super::reason::{Outcome, Reason};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<Cast>()?;
    Some(cast(importer, node, op.to))
}

fn cast(importer: &mut Importer, node: &TypedNode, to: DatumType) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let source = node.inputs.first().copied().ok_or("its input is missing")?;
    let from = importer.model.outlet_fact(source)?.datum_type;
    let wide = matches!(to, DatumType::I32 | DatumType::I64 | DatumType::TDim);
    match (from.is_float(), to) {
        (_, DatumType::F16 | DatumType::F32 | DatumType::F64) => Ok(x),
        (_, DatumType::Bool) if from == DatumType::Bool => Ok(x),
        (_, DatumType::Bool) => logic::to_truth(importer, &node.name, x),
        (true, _) if wide => importer.builder.push(&node.name, Op::Trunc, &[x]),
        (false, _) if wide => Ok(x),
        _ => Err(Reason(format!(
            "casting {from:?} to {to:?} is not supported: cast to int32, int64, bool or float"
        ))),
    }
}

//! tract's constants as tensors of `f32`.

use tract_onnx::prelude::{DatumType, Tensor as TractTensor};

use super::importer::Reason;
use crate::{Graph, ImportError, Op, Tensor, Unsupported};

/// Largest integer up to which `f32` represents every integer.
const EXACT: i64 = 1 << 24;

/// Converts a constant; integers must survive exactly.
pub(super) fn tensor(source: &TractTensor) -> Result<Tensor, Reason> {
    let kind = source.datum_type();
    if !kind.is_number() && kind != DatumType::TDim && kind != DatumType::Bool {
        return Err(Reason(format!("constants of type {kind:?} are not supported")));
    }
    if kind.is_integer() || kind == DatumType::TDim {
        let exact = integers(source)?.iter().all(|value| value.abs() <= EXACT);
        if !exact {
            return Err("integer constants beyond 2^24 are not supported".into());
        }
    }
    let floats = source.cast_to::<f32>()?;
    let data = floats.try_as_plain_ram()?.as_slice::<f32>()?.to_vec();
    Tensor::new(source.shape().to_vec(), data)
        .ok_or_else(|| "a constant does not fill its shape".into())
}

/// The elements of an integer constant.
pub(super) fn integers(source: &TractTensor) -> Result<Vec<i64>, Reason> {
    let integers = source.cast_to::<i64>()?;
    Ok(integers.try_as_plain_ram()?.as_slice::<i64>()?.to_vec())
}

/// Refuses NaN and infinity among the weights that are left; as bounds of `Clip` they are gone by now.
pub(super) fn check_finite(graph: &Graph) -> Result<(), ImportError> {
    let broken = graph.nodes.iter().filter_map(|node| match &node.op {
        Op::Constant(tensor) => {
            let position = tensor.data.iter().position(|value| !value.is_finite())?;
            let reason = format!("it holds NaN or infinity, first at position {position}");
            Some(Unsupported { node: node.name.clone(), op: node.op.name().to_owned(), reason })
        }
        _ => None,
    });
    let operators: Vec<Unsupported> = broken.collect();
    if operators.is_empty() { Ok(()) } else { Err(ImportError::Unsupported { operators }) }
}

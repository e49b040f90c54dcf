//! tract's constants as tensors of `f32`.

use tract_onnx::prelude::{DatumType, Tensor as TractTensor};

use super::importer::Reason;
use crate::Tensor;

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

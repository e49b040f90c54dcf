//! tract's constants as tensors of `f32`.

use tract_onnx::prelude::{DatumType, Tensor as TractTensor};

use super::reason::Reason;
use crate::{Graph, ImportError, Op, Tensor, Unsupported};

/// Whether `f32` represents an integer: its significant bits must fit into 24.
fn exact(value: i64) -> bool {
    let size = value.unsigned_abs();
    size == 0 || 64 - size.leading_zeros() - size.trailing_zeros() <= 24
}

/// Converts a constant; integers must survive exactly.
pub(super) fn tensor(source: &TractTensor) -> Result<Tensor, Reason> {
    let kind = source.datum_type();
    if !kind.is_number() && kind != DatumType::TDim && kind != DatumType::Bool {
        return Err(Reason(format!("constants of type {kind:?} are not supported")));
    }
    if kind.is_integer() || kind == DatumType::TDim {
        let lost = integers(source)?.into_iter().find(|&value| !exact(value));
        if let Some(value) = lost {
            return Err(Reason(format!(
                "it holds {value}, a whole number beyond 2^24 that float32 cannot hold exactly"
            )));
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

/// Infinity that is only added or compared stands for "never chosen": the largest number says so as well.
pub(super) fn bound_infinite(graph: &mut Graph) {
    let mut replaceable = vec![true; graph.nodes.len()];
    for node in &graph.nodes {
        let harmless = matches!(
            node.op,
            Op::Add
                | Op::Sub
                | Op::Max
                | Op::Min
                | Op::Where
                | Op::Less
                | Op::LessOrEqual
                | Op::Equal
        );
        for input in node.inputs.iter().filter(|_| !harmless) {
            replaceable.get_mut(input.0).into_iter().for_each(|found| *found = false);
        }
    }
    for (node, _) in graph.nodes.iter_mut().zip(replaceable).filter(|(_, replaceable)| *replaceable)
    {
        if let Op::Constant(tensor) = &mut node.op {
            for value in tensor.data.iter_mut().filter(|value| value.is_infinite()) {
                *value = f32::MAX.copysign(*value);
            }
        }
    }
}

/// Refuses NaN and infinity among the weights that are left; as bounds of `Clip` they are gone by now.
pub(super) fn check_finite(graph: &Graph) -> Result<(), ImportError> {
    let broken = graph.nodes.iter().filter_map(|node| {
        let Op::Constant(tensor) = &node.op else { return None };
        let position = tensor.data.iter().position(|value| !value.is_finite())?;
        let reason = format!("it holds NaN or infinity, first at position {position}");
        Some(Unsupported { node: node.name.clone(), op: node.op.name().to_owned(), reason })
    });
    let operators: Vec<Unsupported> = broken.collect();
    if operators.is_empty() { Ok(()) } else { Err(ImportError::Unsupported { operators }) }
}

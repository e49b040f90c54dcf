//! Element types: floating-point numbers of every width become `f32`, and what else inputs hold is kept.
//!
//! Everything after this sees one floating-point type, so no operator needs to know of widths.

use std::collections::HashMap;

use tract_onnx::pb::type_proto::Value as TypeValue;
use tract_onnx::pb::{GraphProto, ModelProto, TensorProto, ValueInfoProto};

use super::stored::{each_tensor, floats, kind, volume};
use crate::{ElementType, ImportError};

/// The type of an element in our words; `None` for what is no number.
pub(super) fn element(data_type: i32) -> Option<ElementType> {
    let integer = |bits, signed| Some(ElementType::Integer { bits, signed });
    match data_type {
        kind::FLOAT | kind::FLOAT16 | kind::BFLOAT16 => Some(ElementType::Float),
        kind::DOUBLE => Some(ElementType::Double),
        kind::INT8 => integer(8, true),
        kind::INT16 => integer(16, true),
        kind::INT32 => integer(32, true),
        kind::INT64 => integer(64, true),
        kind::UINT8 => integer(8, false),
        kind::UINT16 => integer(16, false),
        kind::UINT32 => integer(32, false),
        kind::UINT64 => integer(64, false),
        kind::BOOL => Some(ElementType::Boolean),
        _ => None,
    }
}

/// The element types of the graph's inputs, by name.
pub(super) fn of_inputs(graph: &GraphProto) -> HashMap<String, ElementType> {
    let typed = graph.input.iter().filter_map(|input| {
        let TypeValue::TensorType(tensor) = input.r#type.as_ref()?.value.as_ref()?;
        Some((input.name.clone(), element(tensor.elem_type)?))
    });
    typed.collect()
}

fn is_other_float(data_type: i32) -> bool {
    matches!(data_type, kind::FLOAT16 | kind::BFLOAT16 | kind::DOUBLE)
}

/// Turns doubles and short floats into `f32` everywhere: constants, inputs, and what operators name as a type.
pub(super) fn narrow(model: &mut ModelProto) -> Result<(), ImportError> {
    each_tensor(model, &mut narrow_tensor)?;
    model.graph.iter_mut().for_each(narrow_graph);
    Ok(())
}

fn narrow_graph(graph: &mut GraphProto) {
    let values = graph.input.iter_mut().chain(&mut graph.output).chain(&mut graph.value_info);
    values.for_each(narrow_value);
    for attribute in graph.node.iter_mut().flat_map(|node| &mut node.attribute) {
        // `Cast` has `to`, operators that make tensors have `dtype`, normalisations have `stash_type`.
        if matches!(attribute.name.as_str(), "to" | "dtype" | "stash_type")
            && i32::try_from(attribute.i).is_ok_and(is_other_float)
        {
            attribute.i = i64::from(kind::FLOAT);
        }
        attribute.g.iter_mut().chain(&mut attribute.graphs).for_each(narrow_graph);
    }
}

fn narrow_value(value: &mut ValueInfoProto) {
    if let Some(TypeValue::TensorType(tensor)) =
        value.r#type.as_mut().and_then(|kind| kind.value.as_mut())
        && is_other_float(tensor.elem_type)
    {
        tensor.elem_type = kind::FLOAT;
    }
}

fn narrow_tensor(tensor: &mut TensorProto) -> Result<(), ImportError> {
    if !is_other_float(tensor.data_type) {
        return Ok(());
    }
    let values = floats(tensor).unwrap_or_default();
    if Some(values.len()) != volume(&tensor.dims) {
        let (name, dims) = (&tensor.name, &tensor.dims);
        let reason = format!("tensor {name} of shape {dims:?} does not hold its elements");
        return Err(ImportError::Malformed { reason });
    }
    let mut narrowed = Vec::with_capacity(values.len() * 4);
    for value in values {
        let short = narrow_number(value).ok_or_else(|| ImportError::Inexact {
            tensor: tensor.name.clone(),
            value: value.to_string(),
        })?;
        narrowed.extend(short.to_le_bytes());
    }
    *tensor = TensorProto {
        name: std::mem::take(&mut tensor.name),
        dims: std::mem::take(&mut tensor.dims),
        data_type: kind::FLOAT,
        raw_data: narrowed,
        ..TensorProto::default()
    };
    Ok(())
}

/// A double as `f32`: rounded, but not where it counts something, that is where it is a whole number that
/// doubles hold exactly. The largest double stands for "no bound", and becomes the largest `f32`.
#[expect(clippy::cast_possible_truncation, reason = "rounding is what this is for")]
fn narrow_number(value: f64) -> Option<f32> {
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    let short = value as f32;
    if value.is_finite() && short.is_infinite() {
        return (value.abs() == f64::MAX).then_some(f32::MAX.copysign(short));
    }
    let counts = value.abs() < WHOLE && value.fract() == 0.0;
    (!counts || f64::from(short) == value).then_some(short)
}

//! Inputs that have a value from the start: they become constants of the model.

use std::collections::BTreeMap;

use tract_onnx::pb::tensor_shape_proto::dimension::Value as Extent;
use tract_onnx::pb::type_proto::Value as TypeValue;
use tract_onnx::pb::{ModelProto, TensorProto, ValueInfoProto};

use super::elements;
use super::model::ELEMENT_LIMIT;
use super::stored::kind;
use crate::{ElementType, ImportError};

/// Turns the inputs named in `fixed` into constants, once all extents are numbers. One number fills a whole input.
pub(super) fn fix(
    model: &mut ModelProto,
    fixed: &BTreeMap<String, Vec<f64>>,
) -> Result<(), ImportError> {
    let Some(graph) = model.graph.as_mut().filter(|_| !fixed.is_empty()) else { return Ok(()) };
    let is_stored = |name: &str| graph.initializer.iter().any(|tensor| tensor.name == name);
    let free: Vec<String> = graph.input.iter().map(|input| input.name.clone()).collect();
    let free: Vec<String> = free.into_iter().filter(|name| !is_stored(name)).collect();
    for (name, values) in fixed {
        let input = graph.input.iter().find(|input| input.name == *name && free.contains(name));
        let Some(input) = input else {
            return Err(ImportError::UnknownFixed { name: name.clone(), known: free });
        };
        let tensor = tensor(input, values)
            .map_err(|reason| ImportError::FixedValue { input: name.clone(), reason })?;
        graph.input.retain(|input| input.name != *name);
        graph.initializer.push(tensor);
    }
    if free.iter().all(|name| fixed.contains_key(name)) {
        return Err(ImportError::FixedValue {
            input: free.join(", "),
            reason: "nothing is left that the model is a function of: leave an input open"
                .to_owned(),
        });
    }
    Ok(())
}

/// The input's value, in the input's type and shape.
fn tensor(input: &ValueInfoProto, values: &[f64]) -> Result<TensorProto, String> {
    let kind_of = input.r#type.as_ref().and_then(|kind| kind.value.as_ref());
    let Some(TypeValue::TensorType(declared)) = kind_of else {
        return Err("the input is no tensor".to_owned());
    };
    let extents = declared.shape.iter().flat_map(|shape| &shape.dim).map(|dim| match dim.value {
        Some(Extent::DimValue(extent)) => Some(extent),
        _ => None,
    });
    let dims: Option<Vec<i64>> = extents.collect();
    let dims = dims.ok_or("the input's shape is not known")?;
    let count = super::stored::volume(&dims).filter(|&count| count <= ELEMENT_LIMIT);
    let count = count.ok_or("the input has too many elements")?;
    let values = match values {
        [one] => vec![*one; count],
        values if values.len() == count => values.to_vec(),
        values => {
            let got = values.len();
            return Err(format!(
                "it has {got} values where shape {dims:?} takes {count}, or 1 for all"
            ));
        }
    };
    let element =
        elements::element(declared.elem_type).ok_or("the type of its elements is not supported")?;
    let bad = values
        .iter()
        .find(|&&value| !value.is_finite() || !element.holds(value) || !whole(element, value));
    if let Some(bad) = bad {
        return Err(format!("{bad} is no value of its type, {}", word(element)));
    }
    Ok(store(input.name.clone(), dims, declared.elem_type, element, &values))
}

fn whole(element: ElementType, value: f64) -> bool {
    match element {
        ElementType::Integer { .. } | ElementType::Boolean => value.fract() == 0.0,
        ElementType::Float | ElementType::Double => true,
    }
}

fn word(element: ElementType) -> String {
    match element {
        ElementType::Float | ElementType::Double => "floating point".to_owned(),
        ElementType::Integer { bits, signed: true } => format!("int{bits}"),
        ElementType::Integer { bits, signed: false } => format!("uint{bits}"),
        ElementType::Boolean => "bool".to_owned(),
    }
}

/// Values that the type holds; floats of every width are stored as doubles, and narrowed later with all others.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the type holds them")]
fn store(
    name: String,
    dims: Vec<i64>,
    data_type: i32,
    element: ElementType,
    values: &[f64],
) -> TensorProto {
    let tensor = TensorProto { name, dims, data_type, ..TensorProto::default() };
    match element {
        ElementType::Float | ElementType::Double => {
            TensorProto { data_type: kind::DOUBLE, double_data: values.to_vec(), ..tensor }
        }
        ElementType::Integer { bits: 64, signed: true } => {
            TensorProto { int64_data: values.iter().map(|&value| value as i64).collect(), ..tensor }
        }
        ElementType::Integer { bits: 32 | 64, signed: false } => TensorProto {
            uint64_data: values.iter().map(|&value| value as u64).collect(),
            ..tensor
        },
        ElementType::Integer { .. } | ElementType::Boolean => {
            TensorProto { int32_data: values.iter().map(|&value| value as i32).collect(), ..tensor }
        }
    }
}

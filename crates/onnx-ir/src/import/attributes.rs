//! Attributes of nodes that the import writes, and those that it reads.

use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{AttributeProto, NodeProto, TensorProto};

use super::stored::attribute;

/// A whole number, or what it is where it is not given.
pub(super) fn integer_of(node: &NodeProto, name: &str, default: i64) -> i64 {
    attribute(node, name).map_or(default, |found| found.i)
}

/// A number, or what it is where it is not given.
pub(super) fn number_of(node: &NodeProto, name: &str, default: f32) -> f32 {
    attribute(node, name).map_or(default, |found| found.f)
}

/// A word, or what it is where it is not given.
pub(super) fn word_of<'n>(node: &'n NodeProto, name: &str, default: &'n str) -> &'n str {
    let given = attribute(node, name);
    given.and_then(|found| std::str::from_utf8(&found.s).ok()).unwrap_or(default)
}

/// A whole number as an attribute.
pub(super) fn whole(name: &str, i: i64) -> AttributeProto {
    let r#type = AttributeType::Int.into();
    AttributeProto { name: name.to_owned(), r#type, i, ..AttributeProto::default() }
}

/// Whole numbers as an attribute.
pub(super) fn wholes(name: &str, ints: Vec<i64>) -> AttributeProto {
    let r#type = AttributeType::Ints.into();
    AttributeProto { name: name.to_owned(), r#type, ints, ..AttributeProto::default() }
}

/// A number as an attribute.
pub(super) fn number(name: &str, f: f32) -> AttributeProto {
    let r#type = AttributeType::Float.into();
    AttributeProto { name: name.to_owned(), r#type, f, ..AttributeProto::default() }
}

/// A tensor as an attribute.
pub(super) fn tensor_of(name: &str, tensor: TensorProto) -> AttributeProto {
    let (r#type, t) = (AttributeType::Tensor.into(), Some(tensor));
    AttributeProto { name: name.to_owned(), r#type, t, ..AttributeProto::default() }
}

/// A word as an attribute.
pub(super) fn word(name: &str, s: &str) -> AttributeProto {
    let (r#type, s) = (AttributeType::String.into(), s.as_bytes().to_vec());
    AttributeProto { name: name.to_owned(), r#type, s, ..AttributeProto::default() }
}

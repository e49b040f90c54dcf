//! Tensors as the file stores them: walking over all of them, sizes, and reading their numbers.

use tract_onnx::pb::tensor_shape_proto::Dimension;
use tract_onnx::pb::type_proto::{Tensor, Value};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, TensorShapeProto, TypeProto,
    ValueInfoProto,
};
use tract_onnx::prelude::DatumType;

/// ONNX's numbers for element types.
pub(super) mod kind {
    pub(in crate::import) const FLOAT: i32 = 1;
    pub(in crate::import) const UINT8: i32 = 2;
    pub(in crate::import) const INT8: i32 = 3;
    pub(in crate::import) const UINT16: i32 = 4;
    pub(in crate::import) const INT16: i32 = 5;
    pub(in crate::import) const INT32: i32 = 6;
    pub(in crate::import) const INT64: i32 = 7;
    pub(in crate::import) const BOOL: i32 = 9;
    pub(in crate::import) const FLOAT16: i32 = 10;
    pub(in crate::import) const DOUBLE: i32 = 11;
    pub(in crate::import) const UINT32: i32 = 12;
    pub(in crate::import) const UINT64: i32 = 13;
    pub(in crate::import) const BFLOAT16: i32 = 16;
    pub(in crate::import) const UINT4: i32 = 21;
    pub(in crate::import) const INT4: i32 = 22;
}

/// The type of whole numbers that a number stands for.
pub(super) fn whole_type(data_type: i32) -> Option<DatumType> {
    match data_type {
        kind::UINT8 => Some(DatumType::U8),
        kind::INT8 => Some(DatumType::I8),
        kind::UINT16 => Some(DatumType::U16),
        kind::INT16 => Some(DatumType::I16),
        kind::UINT32 => Some(DatumType::U32),
        kind::INT32 => Some(DatumType::I32),
        kind::UINT64 => Some(DatumType::U64),
        kind::INT64 => Some(DatumType::I64),
        _ => None,
    }
}

/// Bytes of one element; `None` for types that are not plain numbers.
pub(super) fn item_size(data_type: i32) -> Option<usize> {
    match data_type {
        kind::UINT8 | kind::INT8 | kind::BOOL => Some(1),
        kind::UINT16 | kind::INT16 | kind::FLOAT16 | kind::BFLOAT16 => Some(2),
        kind::FLOAT | kind::INT32 | kind::UINT32 => Some(4),
        kind::INT64 | kind::DOUBLE | kind::UINT64 => Some(8),
        _ => None,
    }
}

/// What a file says of a value: its name, the number of its element type, its extents.
pub(super) fn declared(name: &str, elem_type: i32, dim: Vec<Dimension>) -> ValueInfoProto {
    let tensor = Tensor { elem_type, shape: Some(TensorShapeProto { dim }) };
    let r#type = TypeProto { value: Some(Value::TensorType(tensor)), ..TypeProto::default() };
    ValueInfoProto { name: name.to_owned(), r#type: Some(r#type), ..ValueInfoProto::default() }
}

/// Number of elements; `None` for negative extents and on overflow.
pub(super) fn volume(dims: &[i64]) -> Option<usize> {
    let shape: Option<Vec<usize>> =
        dims.iter().map(|&extent| usize::try_from(extent).ok()).collect();
    crate::tensor::volume(&shape?)
}

/// Visits every dense tensor of the model: initializers and attributes, subgraphs' included.
pub(super) fn each_tensor<E>(
    model: &mut ModelProto,
    visit: &mut impl FnMut(&mut TensorProto) -> Result<(), E>,
) -> Result<(), E> {
    model.graph.as_mut().map_or(Ok(()), |graph| in_graph(graph, visit))
}

fn in_graph<E>(
    graph: &mut GraphProto,
    visit: &mut impl FnMut(&mut TensorProto) -> Result<(), E>,
) -> Result<(), E> {
    graph.initializer.iter_mut().try_for_each(&mut *visit)?;
    for attribute in graph.node.iter_mut().flat_map(|node| &mut node.attribute) {
        attribute.t.iter_mut().chain(&mut attribute.tensors).try_for_each(&mut *visit)?;
        for inner in attribute.g.iter_mut().chain(&mut attribute.graphs) {
            in_graph(inner, visit)?;
        }
    }
    Ok(())
}

/// A node's attribute.
pub(super) fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
    node.attribute.iter().find(|attribute| attribute.name == name)
}

/// The tensor that a name stands for, where that is an initializer or a `Constant` node with a tensor.
pub(super) fn constant<'a>(graph: &'a GraphProto, name: &str) -> Option<&'a TensorProto> {
    let stored = graph.initializer.iter().find(|tensor| tensor.name == name);
    stored.or_else(|| {
        let produces = |node: &&NodeProto| {
            node.op_type == "Constant" && node.output.iter().any(|output| output == name)
        };
        attribute(graph.node.iter().find(produces)?, "value")?.t.as_ref()
    })
}

/// The pads of a `Pad` node, where they are constant.
pub(super) fn pads(graph: &GraphProto, node: &NodeProto) -> Option<Vec<i64>> {
    match attribute(node, "pads") {
        Some(pads) => Some(pads.ints.clone()),
        None => integers(constant(graph, node.input.get(1)?)?),
    }
}

/// The elements of a tensor of integers or truth values; `None` for other types and damaged tensors.
pub(super) fn integers(tensor: &TensorProto) -> Option<Vec<i64>> {
    let count = volume(&tensor.dims)?;
    let raw = &tensor.raw_data;
    let values: Vec<i64> = match (tensor.data_type, raw.is_empty()) {
        (kind::INT64, false) => words(raw, i64::from_le_bytes),
        (kind::INT32, false) => words(raw, |word| i64::from(i32::from_le_bytes(word))),
        (kind::BOOL | kind::UINT8, false) => raw.iter().map(|&byte| i64::from(byte)).collect(),
        (kind::INT8, false) => words(raw, |word| i64::from(i8::from_le_bytes(word))),
        (kind::INT16, false) => words(raw, |word| i64::from(i16::from_le_bytes(word))),
        (kind::UINT16, false) => words(raw, |word| i64::from(u16::from_le_bytes(word))),
        (kind::INT64, true) => tensor.int64_data.clone(),
        (
            kind::INT32
            | kind::BOOL
            | kind::UINT8
            | kind::INT8
            | kind::INT16
            | kind::UINT16
            | kind::INT4
            | kind::UINT4,
            true,
        ) => tensor.int32_data.iter().map(|&value| i64::from(value)).collect(),
        _ => return None,
    };
    (values.len() == count).then_some(values)
}

/// The elements of a tensor of floating-point numbers of any width; `None` for other types.
pub(super) fn floats(tensor: &TensorProto) -> Option<Vec<f64>> {
    let raw = &tensor.raw_data;
    let bits = || tensor.int32_data.iter().map(|&bits| u16::try_from(bits & 0xffff).unwrap_or(0));
    let values: Vec<f64> = match (tensor.data_type, raw.is_empty()) {
        (kind::FLOAT, false) => words(raw, |word| f64::from(f32::from_le_bytes(word))),
        (kind::FLOAT, true) => tensor.float_data.iter().map(|&value| f64::from(value)).collect(),
        (kind::DOUBLE, false) => words(raw, f64::from_le_bytes),
        (kind::DOUBLE, true) => tensor.double_data.clone(),
        (kind::FLOAT16, false) => words(raw, |word| half(u16::from_le_bytes(word))),
        (kind::FLOAT16, true) => bits().map(half).collect(),
        (kind::BFLOAT16, false) => words(raw, |word| brain(u16::from_le_bytes(word))),
        (kind::BFLOAT16, true) => bits().map(brain).collect(),
        _ => return None,
    };
    Some(values)
}

fn words<const N: usize, T>(raw: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    raw.chunks_exact(N).filter_map(|bytes| bytes.try_into().ok()).map(read).collect()
}

/// A number of 16 bits: one for the sign, five for the exponent, ten for the fraction.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let exponent = i32::from((bits >> 10) & 0x1f);
    let size = match exponent {
        0 => fraction * 2f64.powi(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -size } else { size }
}

/// The upper half of a number of 32 bits.
fn brain(bits: u16) -> f64 {
    f64::from(f32::from_bits(u32::from(bits) << 16))
}

#[cfg(test)]
mod tests {
    use super::{brain, half};

    #[test]
    #[allow(clippy::float_cmp)] // exact by definition
    fn short_floats_are_widened_exactly() {
        let halves = [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (0x0001, 2f64.powi(-24))];
        for (bits, value) in halves {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7c01).is_nan() && half(0xfc00) == f64::NEG_INFINITY);
        assert_eq!((brain(0x3f80), brain(0xc040)), (1.0, -3.0));
    }
}

//! Sparse tensors, made dense: initializers and the values of `Constant` nodes.

use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{GraphProto, SparseTensorProto, TensorProto};

use super::stored::{integers, item_size, kind, volume};
use crate::ImportError;

/// Replaces every sparse tensor of `graph` and its subgraphs; `limit` bounds the elements of each.
pub(super) fn make_dense(graph: &mut GraphProto, limit: usize) -> Result<(), ImportError> {
    for sparse in std::mem::take(&mut graph.sparse_initializer) {
        graph.initializer.push(dense(&sparse, None, limit)?);
    }
    for node in &mut graph.node {
        let name = super::operators::name(node);
        for attribute in &mut node.attribute {
            if let Some(sparse) = attribute.sparse_tensor.take() {
                attribute.t = Some(dense(&sparse, Some(&name), limit)?);
                attribute.name = "value".to_owned();
                attribute.r#type = AttributeType::Tensor.into();
            }
            for inner in attribute.g.iter_mut().chain(&mut attribute.graphs) {
                make_dense(inner, limit)?;
            }
        }
    }
    Ok(())
}

fn dense(
    sparse: &SparseTensorProto,
    node: Option<&str>,
    limit: usize,
) -> Result<TensorProto, ImportError> {
    let values = sparse.values.as_ref();
    let name = node.or(values.map(|values| values.name.as_str())).unwrap_or("without a name");
    let refused = |reason: &str| ImportError::Malformed {
        reason: format!("the sparse tensor {name} {reason}"),
    };
    let values = values.ok_or_else(|| refused("has no values"))?;
    let indices = sparse.indices.as_ref().ok_or_else(|| refused("has no indices"))?;
    let size = volume(&sparse.dims)
        .filter(|&size| size <= limit)
        .ok_or_else(|| refused(&format!("of shape {:?} has too many elements", sparse.dims)))?;
    let item = item_size(values.data_type).ok_or_else(|| refused("does not hold numbers"))?;
    let bytes = raw(values).ok_or_else(|| refused("does not hold numbers"))?;
    let count = bytes.len() / item;
    let positions = positions(sparse, indices, count)
        .ok_or_else(|| refused("has indices that do not fit its values and its shape"))?;
    let mut raw_data = vec![0; size * item];
    for (value, position) in bytes.chunks_exact(item).zip(positions) {
        let place = position.checked_mul(item).and_then(|start| raw_data.get_mut(start..));
        let place = place.and_then(|rest| rest.get_mut(..item));
        place.ok_or_else(|| refused("has an index outside its shape"))?.copy_from_slice(value);
    }
    Ok(TensorProto {
        name: values.name.clone(),
        dims: sparse.dims.clone(),
        data_type: values.data_type,
        raw_data,
        ..TensorProto::default()
    })
}

/// Flat positions of the values: given as such, or as one index per axis.
fn positions(
    sparse: &SparseTensorProto,
    indices: &TensorProto,
    count: usize,
) -> Option<Vec<usize>> {
    let given = integers(indices).filter(|_| indices.data_type == kind::INT64)?;
    let given: Option<Vec<usize>> =
        given.into_iter().map(|index| usize::try_from(index).ok()).collect();
    let given = given?;
    if indices.dims.len() < 2 {
        return (given.len() == count).then_some(given);
    }
    let shape: Option<Vec<usize>> =
        sparse.dims.iter().map(|&extent| usize::try_from(extent).ok()).collect();
    let shape = shape?;
    let rank = shape.len();
    if rank == 0 || given.len() != count.checked_mul(rank)? {
        return None;
    }
    let flat = |index: &[usize]| {
        index.iter().zip(&shape).try_fold(0usize, |flat, (&at, &extent)| {
            (at < extent).then(|| flat.checked_mul(extent)?.checked_add(at)).flatten()
        })
    };
    given.chunks_exact(rank).map(flat).collect()
}

/// The values as bytes, as `raw_data` would hold them.
fn raw(values: &TensorProto) -> Option<Vec<u8>> {
    if !values.raw_data.is_empty() {
        return Some(values.raw_data.clone());
    }
    let bytes = match values.data_type {
        kind::FLOAT => values.float_data.iter().flat_map(|x| x.to_le_bytes()).collect(),
        kind::DOUBLE => values.double_data.iter().flat_map(|x| x.to_le_bytes()).collect(),
        kind::INT64 => values.int64_data.iter().flat_map(|x| x.to_le_bytes()).collect(),
        kind::UINT64 => values.uint64_data.iter().flat_map(|x| x.to_le_bytes()).collect(),
        kind::INT32 => values.int32_data.iter().flat_map(|x| x.to_le_bytes()).collect(),
        _ => return None,
    };
    Some(bytes)
}

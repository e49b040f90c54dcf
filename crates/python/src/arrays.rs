//! Tensors as Python hands them over: a name, extents, and bytes of little-endian doubles in row-major order.

use crate::errors::exception;
use provenn::{NamedValues, Tensor};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Name, extents, values.
pub(crate) type Array<'py> = (String, Vec<usize>, Bound<'py, PyBytes>);

/// Arrays from Python.
pub(crate) fn received(py: Python<'_>, arrays: &[Array<'_>]) -> PyResult<Vec<NamedValues>> {
    arrays.iter().map(|array| one(py, array)).collect()
}

fn one(py: Python<'_>, (name, shape, bytes): &Array<'_>) -> PyResult<NamedValues> {
    let values = doubles(bytes.as_bytes());
    let expected = shape.iter().try_fold(1_usize, |count, &extent| count.checked_mul(extent));
    if expected != Some(values.len()) || !bytes.as_bytes().len().is_multiple_of(8) {
        let text = format!(
            "array `{name}` of shape {shape:?} has {} bytes; give doubles",
            bytes.as_bytes().len()
        );
        return Err(exception(py, "DataError", text));
    }
    Ok(NamedValues {
        name: name.clone(),
        shape: shape.clone(),
        values,
        digest: None,
        committed: false,
    })
}

/// Numbers from their bytes.
pub(crate) fn doubles(bytes: &[u8]) -> Vec<f64> {
    bytes.as_chunks().0.iter().map(|chunk| f64::from_le_bytes(*chunk)).collect()
}

/// A tensor for Python.
pub(crate) fn sent<'py>(py: Python<'py>, named: &NamedValues) -> PyResult<Array<'py>> {
    let bytes = sent_values(py, named.values.iter().copied(), named.values.len())?;
    Ok((named.name.clone(), named.shape.clone(), bytes))
}

/// A float tensor for Python.
pub(crate) fn sent_tensor<'py>(
    py: Python<'py>,
    name: &str,
    tensor: &Tensor,
) -> PyResult<Array<'py>> {
    let values = tensor.data.iter().map(|&value| f64::from(value));
    Ok((name.to_owned(), tensor.shape.clone(), sent_values(py, values, tensor.data.len())?))
}

fn sent_values<'py>(
    py: Python<'py>,
    values: impl Iterator<Item = f64>,
    count: usize,
) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, count * 8, |bytes| {
        for (chunk, value) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(values) {
            *chunk = value.to_le_bytes();
        }
        Ok(())
    })
}

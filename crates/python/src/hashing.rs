//! Digests of tensors and of field elements.

use crate::errors;
use crate::work;
use provenn::hashing::NamedDigest;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Names of tensors, and their digests.
pub(crate) type Digests = Vec<(String, String)>;

/// As Python has them.
pub(crate) fn named(digests: Vec<NamedDigest>) -> Digests {
    digests.into_iter().map(|of| (of.name, of.digest)).collect()
}

/// The digest of elements of 32 bytes each, one behind the other.
#[pyfunction]
pub(crate) fn hash_elements(py: Python<'_>, elements: &Bound<'_, PyBytes>) -> PyResult<[u8; 32]> {
    let (elements, rest) = elements.as_bytes().as_chunks::<32>();
    if !rest.is_empty() {
        return Err(errors::internal(py, "elements are not of 32 bytes"));
    }
    let elements = elements.to_vec();
    work::run(py, move || provenn::hashing::hash_elements(&elements))
}

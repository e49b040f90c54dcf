//! Keys.

use crate::data::Data;
use crate::hashing::{Digests, named};
use crate::work;
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// A proving key.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct ProvingKey {
    pub(crate) inner: Arc<provenn::ProvingKey>,
}

impl ProvingKey {
    pub(crate) fn new(inner: provenn::ProvingKey) -> Self {
        ProvingKey { inner: Arc::new(inner) }
    }
}

#[pymethods]
impl ProvingKey {
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::run(py, move || Ok(provenn::ProvingKey::read(&path)?)).map(ProvingKey::new)
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let key = Arc::clone(&self.inner);
        work::run(py, move || Ok(key.write(&path)?))
    }

    fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey { inner: Arc::new(self.inner.verifying_key().clone()) }
    }
}

/// A verifying key.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct VerifyingKey {
    pub(crate) inner: Arc<provenn::VerifyingKey>,
}

#[pymethods]
impl VerifyingKey {
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let inner = work::run(py, move || Ok(provenn::VerifyingKey::read(&path)?))?;
        Ok(VerifyingKey { inner: Arc::new(inner) })
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        work::brief(py, || Ok(self.inner.write(&path)?))
    }

    #[getter]
    fn digest(&self) -> [u8; 32] {
        self.inner.digest()
    }

    #[getter]
    fn srs_digest(&self) -> [u8; 32] {
        self.inner.srs_digest()
    }

    #[getter]
    fn k(&self) -> u32 {
        self.inner.statement().params.k
    }

    /// Names and shapes of the inputs that the key lists.
    #[getter]
    fn inputs(&self) -> Vec<(String, Vec<usize>)> {
        let inputs = &self.inner.statement().inputs;
        inputs.iter().map(|input| (input.name.clone(), input.shape.clone())).collect()
    }

    /// Names and digests of every observation's inputs.
    fn hash(&self, py: Python<'_>, data: &Data) -> PyResult<Vec<Digests>> {
        let (key, data) = (Arc::clone(&self.inner), Arc::clone(&data.inner));
        let observations = work::run(py, move || provenn::hashing::hash_data(&key, &data))?;
        Ok(observations.into_iter().map(named).collect())
    }
}

//! Commitments to weights, and to inputs or outputs, and what opens them.

use crate::work;
use provenn::CommitmentFile;
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// A commitment, of which nothing is known before it is checked.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct Commitment {
    pub(crate) inner: Arc<CommitmentFile>,
}

impl Commitment {
    pub(crate) fn new(inner: CommitmentFile) -> Self {
        Commitment { inner: Arc::new(inner) }
    }
}

#[pymethods]
impl Commitment {
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::run(py, move || Ok(CommitmentFile::read(&path)?)).map(Commitment::new)
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let commitment = Arc::clone(&self.inner);
        work::run(py, move || Ok(commitment.write(&path)?))
    }

    #[getter]
    fn digest(&self) -> [u8; 32] {
        self.inner.digest()
    }
}

/// What proofs take of a commitment: a secret.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct Opening {
    pub(crate) inner: Arc<provenn::Opening>,
}

impl Opening {
    pub(crate) fn new(inner: provenn::Opening) -> Self {
        Opening { inner: Arc::new(inner) }
    }
}

#[pymethods]
impl Opening {
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::run(py, move || Ok(provenn::Opening::read(&path)?)).map(Opening::new)
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let opening = Arc::clone(&self.inner);
        work::run(py, move || Ok(opening.write(&path)?))
    }

    /// Digest of the commitment that it opens.
    #[getter]
    fn digest(&self) -> [u8; 32] {
        self.inner.commitment_digest()
    }
}

/// A commitment to inputs or outputs.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct TensorCommitment {
    pub(crate) inner: Arc<provenn::TensorCommitment>,
}

impl TensorCommitment {
    fn new(inner: provenn::TensorCommitment) -> Self {
        TensorCommitment { inner: Arc::new(inner) }
    }
}

#[pymethods]
impl TensorCommitment {
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::run(py, move || Ok(provenn::TensorCommitment::read(&path)?))
            .map(TensorCommitment::new)
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let commitment = Arc::clone(&self.inner);
        work::run(py, move || Ok(commitment.write(&path)?))
    }

    #[getter]
    fn digest(&self) -> [u8; 32] {
        self.inner.digest()
    }
}

/// What proofs take of a commitment to inputs or outputs: a secret.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct TensorOpening {
    pub(crate) inner: Arc<provenn::TensorOpening>,
}

impl TensorOpening {
    pub(crate) fn new(inner: provenn::TensorOpening) -> Self {
        TensorOpening { inner: Arc::new(inner) }
    }
}

#[pymethods]
impl TensorOpening {
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::run(py, move || Ok(provenn::TensorOpening::read(&path)?)).map(TensorOpening::new)
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let opening = Arc::clone(&self.inner);
        work::run(py, move || Ok(opening.write(&path)?))
    }

    /// What it opens.
    fn commitment(&self) -> TensorCommitment {
        TensorCommitment::new(self.inner.commitment().clone())
    }

    /// Digest of the commitment that it opens.
    #[getter]
    fn digest(&self) -> [u8; 32] {
        self.inner.commitment().digest()
    }
}

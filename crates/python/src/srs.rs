//! The structured reference string.

use crate::work;
use provenn::rand_core::OsRng;
use provenn::{Mark, Origin};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// A prover's SRS.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct Srs {
    pub(crate) inner: Arc<provenn::Srs>,
}

impl Srs {
    fn new(inner: provenn::Srs) -> Self {
        Srs { inner: Arc::new(inner) }
    }
}

#[pymethods]
impl Srs {
    #[staticmethod]
    fn draw_insecure(py: Python<'_>, k: u32) -> PyResult<Self> {
        work::run(py, move || Ok(provenn::Srs::draw_insecure(k, OsRng)?)).map(Srs::new)
    }

    /// A file, cut to 2^k powers if k is given.
    #[staticmethod]
    #[pyo3(signature = (path, k=None))]
    fn read(py: Python<'_>, path: PathBuf, k: Option<u32>) -> PyResult<Self> {
        let read = move || {
            Ok(match k {
                Some(k) => provenn::Srs::read_for(&path, k)?,
                None => provenn::Srs::read(&path)?,
            })
        };
        work::run(py, read).map(Srs::new)
    }

    /// One of the cache, or none.
    #[staticmethod]
    fn cached(py: Python<'_>, folder: PathBuf, k: u32) -> PyResult<Option<Self>> {
        let found = work::run(py, move || Ok(provenn::Srs::cached(&folder, k)?))?;
        Ok(found.map(Srs::new))
    }

    /// Of a ceremony, downloaded into the folder of cached ones; from a mirror if one is given.
    #[cfg(feature = "download")]
    #[staticmethod]
    #[pyo3(signature = (folder, k, mirror=None, progress=None))]
    fn download(
        py: Python<'_>,
        folder: PathBuf,
        k: u32,
        mirror: Option<String>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        use provenn::ceremony::{Event, Fetch};
        let fetch = move |progress: work::Progress<'_>| {
            let fetch = Fetch::serving(k, mirror.as_deref())?;
            provenn::download_srs(&fetch, k, &folder, |event| {
                if let Event::Bytes { done, total } = event {
                    let bytes = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
                    progress(bytes(done), bytes(total.unwrap_or(0)));
                }
            })
        };
        work::run_with(py, progress, fetch).map(Srs::new)
    }

    /// Where this system keeps caches.
    #[cfg(feature = "download")]
    #[staticmethod]
    fn default_folder(py: Python<'_>) -> PyResult<PathBuf> {
        work::brief(py, || Ok(provenn::ceremony::default_folder()?))
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let srs = Arc::clone(&self.inner);
        work::run(py, move || Ok(srs.write(&path)?))
    }

    /// Puts it into a folder of cached ones.
    fn store(&self, py: Python<'_>, folder: PathBuf) -> PyResult<PathBuf> {
        let srs = Arc::clone(&self.inner);
        work::run(py, move || Ok(srs.store(&folder)?))
    }

    /// Cut to 2^k powers.
    fn truncated(&self, py: Python<'_>, k: u32) -> PyResult<Self> {
        let srs = Arc::clone(&self.inner);
        work::run(py, move || Ok(provenn::Srs::clone(&srs).truncated(k)?)).map(Srs::new)
    }

    #[getter]
    fn k(&self) -> u32 {
        self.inner.k()
    }

    fn verifier(&self) -> VerifierSrs {
        VerifierSrs { inner: *self.inner.verifier() }
    }
}

/// A verifier's part of an SRS.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct VerifierSrs {
    pub(crate) inner: provenn::VerifierSrs,
}

#[pymethods]
impl VerifierSrs {
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let inner = work::brief(py, || Ok(provenn::VerifierSrs::read(&path)?))?;
        Ok(VerifierSrs { inner })
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        work::brief(py, || Ok(self.inner.write(&path)?))
    }

    #[getter]
    fn digest(&self) -> [u8; 32] {
        self.inner.digest()
    }

    /// The ceremony's name, if it is of one that is known.
    #[getter]
    fn ceremony(&self) -> Option<&'static str> {
        match self.inner.origin() {
            Origin::Ceremony(ceremony) => Some(ceremony.name),
            Origin::Unknown => None,
        }
    }

    /// Whether its file says that it was drawn locally.
    #[getter]
    fn drawn(&self) -> bool {
        self.inner.mark() == Mark::Drawn
    }
}

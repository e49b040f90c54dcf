//! Settings.

use crate::errors::raised;
use crate::work;
use provenn::SettingsProblem;
use provenn::run::{read_settings, write_settings};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// What, with the model, determines the circuit.
#[pyclass(frozen, eq, module = "provenn._native")]
#[derive(PartialEq)]
pub(crate) struct Settings {
    pub(crate) inner: Arc<provenn::Settings>,
}

impl Settings {
    pub(crate) fn new(inner: provenn::Settings) -> Self {
        Settings { inner: Arc::new(inner) }
    }
}

#[pymethods]
impl Settings {
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::brief(py, || read_settings(&path)).map(Settings::new)
    }

    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        let settings = provenn::Settings::from_json(text)
            .map_err(|error| raised(py, &SettingsProblem::from(error).of("settings")))?;
        Ok(Settings::new(settings))
    }

    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        self.inner
            .to_json()
            .map_err(|error| raised(py, &SettingsProblem::from(error).of("settings")))
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        work::brief(py, || write_settings(&self.inner, &path))
    }

    /// Rows of the circuit are 2^k, where that is known.
    #[getter]
    fn k(&self) -> Option<u32> {
        self.inner.run_args.logrows.or(self.inner.k)
    }
}

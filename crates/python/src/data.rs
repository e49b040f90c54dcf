//! Observations.

use crate::arrays::{Array, doubles, received};
use crate::json::report;
use crate::work;
use provenn::InputData;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::PathBuf;
use std::sync::Arc;

/// Observations for a model.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct Data {
    pub(crate) inner: Arc<InputData>,
}

impl Data {
    pub(crate) fn new(inner: InputData) -> Self {
        Data { inner: Arc::new(inner) }
    }
}

#[pymethods]
impl Data {
    /// From one array per model input.
    #[staticmethod]
    fn of_arrays(py: Python<'_>, arrays: Vec<Array<'_>>) -> PyResult<Self> {
        let arrays = received(py, &arrays)?;
        work::brief(py, || InputData::of_arrays(arrays)).map(Data::new)
    }

    /// From a file.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::run(py, move || InputData::read(&path)).map(Data::new)
    }

    /// From the text of a JSON file.
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        work::brief(py, || InputData::from_json("the data given", text)).map(Data::new)
    }

    /// The same with labels.
    fn labelled(&self, labels: &Bound<'_, PyBytes>) -> Self {
        let labels = Some(doubles(labels.as_bytes()));
        Data::new(InputData { labels, ..InputData::clone(&self.inner) })
    }

    /// The text of a JSON file with them.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        report(py, &*self.inner)
    }
}

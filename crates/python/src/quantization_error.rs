//! The comparison with the float model.

use crate::json::report;
use pyo3::prelude::*;

/// How far the quantised model is from the float model.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct QuantizationError {
    inner: provenn::QuantizationError,
}

impl QuantizationError {
    pub(crate) fn new(inner: provenn::QuantizationError) -> Self {
        QuantizationError { inner }
    }
}

#[pymethods]
impl QuantizationError {
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        report(py, &self.inner)
    }

    fn text(&self) -> String {
        self.inner.to_string()
    }

    fn html(&self, title: &str) -> String {
        self.inner.html(title)
    }
}

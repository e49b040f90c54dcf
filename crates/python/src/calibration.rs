//! What calibration found.

use crate::circuit::Circuit;
use crate::data::Data;
use crate::json::report;
use crate::quantization_error::QuantizationError;
use crate::settings::Settings;
use crate::work;
use provenn::calibration::pareto;
use provenn::{CalibrationOptions, OnnxModel};
use pyo3::prelude::*;
use std::sync::Arc;

/// What calibration found.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct Calibration {
    model: Arc<OnnxModel>,
    inner: Arc<provenn::calibration::Calibration>,
    options: CalibrationOptions,
}

impl Calibration {
    pub(crate) fn new(
        model: Arc<OnnxModel>,
        inner: provenn::calibration::Calibration,
        options: CalibrationOptions,
    ) -> Self {
        Calibration { model, inner: Arc::new(inner), options }
    }
}

#[pymethods]
impl Calibration {
    #[getter]
    fn settings(&self) -> Settings {
        Settings::new(self.inner.chosen.settings.clone())
    }

    /// The chosen point in numbers, as JSON.
    #[getter]
    fn chosen(&self, py: Python<'_>) -> PyResult<String> {
        report(py, &pareto::point(&self.inner.chosen))
    }

    /// How many candidates were tried.
    #[getter]
    fn tried(&self) -> usize {
        self.inner.tried.len()
    }

    /// Outputs that are lost, a line each.
    #[getter]
    fn imprecise(&self) -> Vec<String> {
        self.inner.imprecise.iter().map(ToString::to_string).collect()
    }

    fn compile(&self, py: Python<'_>) -> PyResult<Circuit> {
        let found = Arc::clone(&self.inner);
        work::run(py, move || found.compile_circuit()).map(Circuit::new)
    }

    #[pyo3(signature = (data, progress=None))]
    fn quantization_error(
        &self,
        py: Python<'_>,
        data: &Data,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<QuantizationError> {
        let (model, found) = (Arc::clone(&self.model), Arc::clone(&self.inner));
        let data = Arc::clone(&data.inner);
        let found = work::run_with(py, progress, move |progress| {
            found.quantization_error(&model, &data, progress)
        })?;
        Ok(QuantizationError::new(found))
    }

    #[pyo3(signature = (data, progress=None))]
    fn frontier(
        &self,
        py: Python<'_>,
        data: &Data,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Frontier> {
        let (model, found) = (Arc::clone(&self.model), Arc::clone(&self.inner));
        let (data, options) = (Arc::clone(&data.inner), self.options.clone());
        let inner = work::run_with(py, progress, move |progress| {
            provenn::calibration::frontier(&model, &found, &data, &options, progress)
        })?;
        Ok(Frontier { inner })
    }
}

/// Error against cost.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct Frontier {
    inner: provenn::calibration::Frontier,
}

#[pymethods]
impl Frontier {
    /// The points in numbers, as JSON.
    #[getter]
    fn points(&self, py: Python<'_>) -> PyResult<String> {
        let points: Vec<_> = self.inner.points.iter().map(pareto::point).collect();
        report(py, &points)
    }

    /// Settings of each point.
    #[getter]
    fn settings(&self) -> Vec<Settings> {
        self.inner.points.iter().map(|point| Settings::new(point.settings.clone())).collect()
    }

    #[getter]
    fn chosen(&self) -> usize {
        self.inner.chosen
    }

    fn table(&self) -> String {
        pareto::table(&self.inner)
    }

    fn svg(&self, model: &str) -> String {
        pareto::draw(&self.inner, model)
    }
}

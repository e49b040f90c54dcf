//! An imported model.

use crate::arrays::{Array, sent_tensor};
use crate::calibration::Calibration;
use crate::circuit::Circuit;
use crate::data::Data;
use crate::json::options;
use crate::quantization_error::QuantizationError;
use crate::settings::Settings;
use crate::work;
use provenn::{CalibrationOptions, InputData, OnnxModel, RunArgs};
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Name, extents, element type.
type Slot = (String, Vec<usize>, String);

/// An imported model.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct Model {
    inner: Arc<OnnxModel>,
}

#[pymethods]
impl Model {
    #[staticmethod]
    fn load(
        py: Python<'_>,
        path: PathBuf,
        variables: BTreeMap<String, usize>,
        fixed: BTreeMap<String, Vec<f64>>,
    ) -> PyResult<Self> {
        let model = work::run(py, move || OnnxModel::load_fixed(&path, &variables, &fixed))?;
        Ok(Model { inner: Arc::new(model) })
    }

    /// With the extents that settings record; `named` is what errors call them.
    #[staticmethod]
    fn load_for(
        py: Python<'_>,
        path: PathBuf,
        settings: &Settings,
        named: PathBuf,
    ) -> PyResult<Self> {
        let settings = Arc::clone(&settings.inner);
        let model = work::run(py, move || OnnxModel::load_for(&path, &settings, &named))?;
        Ok(Model { inner: Arc::new(model) })
    }

    #[getter]
    fn digest(&self) -> &str {
        self.inner.digest()
    }

    #[getter]
    fn notes(&self) -> Vec<String> {
        self.inner.notes()
    }

    #[getter]
    fn inputs(&self) -> Vec<Slot> {
        let graph = self.inner.graph();
        let slot = |id: &provenn::NodeId| -> Option<Slot> {
            let node = graph.nodes.get(id.0)?;
            Some((node.name.clone(), node.shape.clone(), graph.element(*id).to_string()))
        };
        graph.inputs.iter().filter_map(slot).collect()
    }

    #[getter]
    fn outputs(&self) -> Vec<Slot> {
        let graph = self.inner.graph();
        let slot = |(position, id): (usize, &provenn::NodeId)| -> Option<Slot> {
            let node = graph.nodes.get(id.0)?;
            let name = graph.output_name(position).unwrap_or_default().to_owned();
            Some((name, node.shape.clone(), graph.element(*id).to_string()))
        };
        graph.outputs.iter().enumerate().filter_map(slot).collect()
    }

    fn table(&self) -> String {
        self.inner.graph().to_string()
    }

    /// Outputs of the float model, observation by observation.
    fn run<'py>(&self, py: Python<'py>, data: &Data) -> PyResult<Vec<Vec<Array<'py>>>> {
        let (model, data) = (Arc::clone(&self.inner), Arc::clone(&data.inner));
        let outputs = work::run(py, move || {
            let observations = data.observations(model.graph())?;
            let run = |inputs: &Vec<_>| Ok(model.graph().run(inputs)?);
            observations.iter().map(run).collect::<Result<Vec<_>, provenn::Error>>()
        })?;
        let graph = self.inner.graph();
        let name = |i| graph.output_name(i).unwrap_or_default();
        let of_one = |outputs: &Vec<provenn::Tensor>| {
            outputs.iter().enumerate().map(|(i, t)| sent_tensor(py, name(i), t)).collect()
        };
        outputs.iter().map(of_one).collect()
    }

    fn random(&self, observations: usize, seed: u64, low: f64, high: f64) -> Data {
        Data::new(InputData::random_within(self.inner.graph(), observations, seed, (low, high)))
    }

    /// Settings from run arguments alone.
    fn gen_settings(&self, py: Python<'_>, run_args: &str) -> PyResult<Settings> {
        let args: RunArgs = options(py, "run arguments", run_args)?;
        let model = Arc::clone(&self.inner);
        work::run(py, move || provenn::gen_settings(&model, &args)).map(Settings::new)
    }

    /// What calibration starts from, of which nothing is kept.
    fn bare_settings(&self, py: Python<'_>, run_args: &str) -> PyResult<Settings> {
        let args: RunArgs = options(py, "run arguments", run_args)?;
        let model = Arc::clone(&self.inner);
        work::run(py, move || provenn::bare_settings(&model, &args)).map(Settings::new)
    }

    #[pyo3(signature = (settings, data, calibration, progress=None))]
    fn calibrate(
        &self,
        py: Python<'_>,
        settings: &Settings,
        data: &Data,
        calibration: &str,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Calibration> {
        let options: CalibrationOptions = options(py, "calibration", calibration)?;
        let model = Arc::clone(&self.inner);
        let (settings, data) = (Arc::clone(&settings.inner), Arc::clone(&data.inner));
        let asked = options.clone();
        let found = work::run_with(py, progress, move |progress| {
            provenn::calibration::calibrate(&model, &settings, &data, &options, progress)
        })?;
        Ok(Calibration::new(Arc::clone(&self.inner), found, asked))
    }

    fn compile(&self, py: Python<'_>, settings: &Settings) -> PyResult<Circuit> {
        let (model, settings) = (Arc::clone(&self.inner), Arc::clone(&settings.inner));
        work::run(py, move || provenn::compile_circuit(&model, &settings)).map(Circuit::new)
    }

    /// Outputs that settings leave too little of, a line each.
    fn coarse_outputs(&self, settings: &Settings) -> Vec<String> {
        let coarse = provenn::coarse_outputs(&self.inner, &settings.inner);
        coarse.iter().map(ToString::to_string).collect()
    }

    #[pyo3(signature = (settings, data, progress=None))]
    fn quantization_error(
        &self,
        py: Python<'_>,
        settings: &Settings,
        data: &Data,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<QuantizationError> {
        let model = Arc::clone(&self.inner);
        let (settings, data) = (Arc::clone(&settings.inner), Arc::clone(&data.inner));
        let found = work::run_with(py, progress, move |progress| {
            provenn::quantization_error(&model, &settings, &data, progress)
        })?;
        Ok(QuantizationError::new(found))
    }
}

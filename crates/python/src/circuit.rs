//! A compiled circuit.

use crate::arrays::{Array, sent};
use crate::commitment::{Commitment, Opening, TensorOpening};
use crate::data::Data;
use crate::errors::exception;
use crate::json::report;
use crate::key::ProvingKey;
use crate::proof::Proof;
use crate::srs::Srs;
use crate::witness::Witness;
use crate::work;
use provenn::{CompiledCircuit, Error, NamedValues, Openings, ProveOptions, ProverKind, plural};
use pyo3::prelude::*;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Outputs of each observation, and names of nodes.
type Run<'py> = (Vec<Vec<Array<'py>>>, BTreeSet<String>);

/// A proof, a warning if its quotient is not blinded, and the seconds of each step.
type Proved = (Proof, Option<&'static str>, Vec<(&'static str, f64)>);

/// A compiled circuit.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct Circuit {
    pub(crate) inner: Arc<CompiledCircuit>,
}

impl Circuit {
    pub(crate) fn new(inner: CompiledCircuit) -> Self {
        Circuit { inner: Arc::new(inner) }
    }
}

#[pymethods]
impl Circuit {
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::run(py, move || provenn::read_compiled(&path)).map(Circuit::new)
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let circuit = Arc::clone(&self.inner);
        work::run(py, move || provenn::write_compiled(&circuit, &path))
    }

    #[getter]
    fn k(&self) -> u32 {
        self.inner.params().k
    }

    /// Name and extents of each input.
    #[getter]
    fn inputs(&self) -> Vec<(String, Vec<usize>)> {
        let graph = self.inner.graph();
        let slot = |id: &provenn::TensorId| {
            graph.tensors.get(id.0).map(|tensor| (tensor.name.clone(), tensor.shape.clone()))
        };
        graph.inputs.iter().filter_map(slot).collect()
    }

    /// Cells per node, as JSON.
    fn inspection(&self, py: Python<'_>) -> PyResult<String> {
        report(py, &self.inner.inspect())
    }

    fn table(&self) -> String {
        self.inner.inspect().to_string()
    }

    fn svg(&self) -> String {
        self.inner.draw()
    }

    /// The quantised model on one observation.
    fn witness(&self, py: Python<'_>, data: &Data, index: usize) -> PyResult<Witness> {
        let (circuit, data) = (Arc::clone(&self.inner), Arc::clone(&data.inner));
        let found = work::run(py, move || {
            let mut observations = data.observations_of(circuit.graph())?;
            if index >= observations.len() {
                return Ok(Err(observations.len()));
            }
            let observation = observations.swap_remove(index);
            let inputs = provenn::quantise_inputs(&circuit, &observation)?;
            let witness = provenn::gen_witness(&circuit, &inputs.values)?;
            let saturation = provenn::saturation(&circuit, &observation, &witness)?;
            Ok::<_, Error>(Ok((witness, saturation, observations.len() + 1)))
        })?;
        let (witness, saturation, count) = found.map_err(|count| {
            let got = plural(count, "observation");
            exception(py, "DataError", format!("the data have {got}, index {index} is none"))
        })?;
        Ok(Witness::new(Arc::clone(&self.inner), witness, saturation, count))
    }

    /// Outputs of the quantised model, observation by observation, and the nodes that were clamped.
    #[pyo3(signature = (data, progress=None))]
    fn run<'py>(
        &self,
        py: Python<'py>,
        data: &Data,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Run<'py>> {
        let (circuit, data) = (Arc::clone(&self.inner), Arc::clone(&data.inner));
        let (outputs, clamped) = work::run_with(py, progress, move |progress| {
            let observations = data.observations_of(circuit.graph())?;
            let (mut outputs, mut clamped) = (vec![], BTreeSet::new());
            for (index, observation) in observations.iter().enumerate() {
                progress(index, observations.len());
                let inputs = provenn::quantise_inputs(&circuit, observation)?;
                let witness = provenn::gen_witness(&circuit, &inputs.values)?;
                let saturation = provenn::saturation(&circuit, observation, &witness)?;
                clamped.extend(saturation.into_iter().map(|node| node.node));
                outputs.push(provenn::witness_outputs(&circuit, &witness));
            }
            progress(observations.len(), observations.len());
            Ok((outputs, clamped))
        })?;
        let of_one = |outputs: &Vec<NamedValues>| -> PyResult<Vec<_>> {
            outputs.iter().map(|output| sent(py, output)).collect()
        };
        Ok((outputs.iter().map(of_one).collect::<PyResult<_>>()?, clamped))
    }

    /// The witness of a file.
    #[pyo3(signature = (path, key=None))]
    fn read_witness(
        &self,
        py: Python<'_>,
        path: PathBuf,
        key: Option<&ProvingKey>,
    ) -> PyResult<Witness> {
        let circuit = Arc::clone(&self.inner);
        let key = key.map(|key| Arc::clone(&key.inner));
        let witness = work::run(py, move || {
            let file = provenn::WitnessFile::read(&path)?;
            provenn::read_witness(&circuit, &file, key.as_deref())
        })?;
        Ok(Witness::new(Arc::clone(&self.inner), witness, vec![], 1))
    }

    fn mock(&self, py: Python<'_>, witness: &Witness) -> PyResult<()> {
        let (circuit, witness) = (Arc::clone(&self.inner), Arc::clone(&witness.inner));
        work::run(py, move || provenn::mock(&circuit, &witness))
    }

    /// Keys, for an SRS of exactly as many powers as rows.
    fn setup(&self, py: Python<'_>, srs: &Srs) -> PyResult<ProvingKey> {
        let (circuit, srs) = (Arc::clone(&self.inner), Arc::clone(&srs.inner));
        work::run(py, move || provenn::setup(&circuit, &srs)).map(ProvingKey::new)
    }

    /// Commits to its weights.
    fn commit(
        &self,
        py: Python<'_>,
        key: &ProvingKey,
        srs: &Srs,
    ) -> PyResult<(Commitment, Opening)> {
        let (circuit, key) = (Arc::clone(&self.inner), Arc::clone(&key.inner));
        let srs = Arc::clone(&srs.inner);
        let made = work::run_drawing(py, move |rng| provenn::commit(&circuit, &key, &srs, rng))?;
        Ok((Commitment::new(made.0), Opening::new(made.1)))
    }

    /// Proves, with openings of weights, inputs and outputs, of those that are committed.
    #[allow(clippy::too_many_arguments)] // what a proof is made of
    #[pyo3(signature = (key, srs, witness, max_memory=None, stock=false, opening=None, inputs=None, outputs=None))]
    fn prove(
        &self,
        py: Python<'_>,
        key: &ProvingKey,
        srs: &Srs,
        witness: &Witness,
        max_memory: Option<u64>,
        stock: bool,
        opening: Option<&Opening>,
        inputs: Option<&TensorOpening>,
        outputs: Option<&TensorOpening>,
    ) -> PyResult<Proved> {
        let prover = if stock { ProverKind::Stock } else { ProverKind::Own };
        let options = ProveOptions { prover, max_memory };
        let (circuit, key) = (Arc::clone(&self.inner), Arc::clone(&key.inner));
        let (srs, witness) = (Arc::clone(&srs.inner), Arc::clone(&witness.inner));
        let weights = opening.map(|opening| Arc::clone(&opening.inner));
        let [inputs, outputs] =
            [inputs, outputs].map(|opening| opening.map(|opening| Arc::clone(&opening.inner)));
        let proved = work::run_drawing(py, move |rng| {
            let openings = Openings {
                weights: weights.as_deref(),
                inputs: inputs.as_deref(),
                outputs: outputs.as_deref(),
            };
            provenn::prove_committed(&circuit, &key, &srs, openings, &witness, options, rng)
        })?;
        let warning = provenn::blinding_warning(prover, proved.file.quotient_blinded);
        Ok((Proof::new(proved.file), warning, proved.seconds))
    }
}

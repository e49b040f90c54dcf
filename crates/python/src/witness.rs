//! A witness.

use crate::arrays::{Array, sent};
use crate::commitment::TensorOpening;
use crate::hashing::{Digests, named};
use crate::srs::Srs;
use crate::work;
use provenn::hashing::witness_digests;
use provenn::{CompiledCircuit, Saturation};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// All values of the quantised model on one observation.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct Witness {
    circuit: Arc<CompiledCircuit>,
    pub(crate) inner: Arc<provenn::Witness>,
    saturation: Vec<Saturation>,
    observations: usize,
}

impl Witness {
    pub(crate) fn new(
        circuit: Arc<CompiledCircuit>,
        witness: provenn::Witness,
        saturation: Vec<Saturation>,
        observations: usize,
    ) -> Self {
        Witness { circuit, inner: Arc::new(witness), saturation, observations }
    }
}

#[pymethods]
impl Witness {
    /// How many observations the data had.
    #[getter]
    fn observations(&self) -> usize {
        self.observations
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        work::brief(py, || Ok(provenn::witness_file(&self.circuit, &self.inner)?.write(&path)?))
    }

    /// The quantised outputs as reals.
    fn outputs<'py>(&self, py: Python<'py>) -> PyResult<Vec<Array<'py>>> {
        let outputs = provenn::witness_outputs(&self.circuit, &self.inner);
        outputs.iter().map(|output| sent(py, output)).collect()
    }

    /// The integers of inputs and outputs.
    fn integers(&self) -> (Vec<Vec<i64>>, Vec<Vec<i64>>) {
        (self.inner.inputs().to_vec(), self.inner.outputs().to_vec())
    }

    /// Names and digests of hashed inputs, and of hashed outputs.
    fn digests(&self, py: Python<'_>) -> PyResult<(Digests, Digests)> {
        let (circuit, witness) = (Arc::clone(&self.circuit), Arc::clone(&self.inner));
        let [inputs, outputs] =
            work::run(py, move || witness_digests(&circuit, &witness))?.map(named);
        Ok((inputs, outputs))
    }

    /// Commits to its inputs, or its outputs, for circuits of as many rows as the SRS has.
    fn commit(&self, py: Python<'_>, srs: &Srs, outputs: bool) -> PyResult<TensorOpening> {
        let (witness, srs) = (Arc::clone(&self.inner), Arc::clone(&srs.inner));
        let opening = work::run_drawing(py, move |rng| {
            let tensors = if outputs { witness.outputs() } else { witness.inputs() };
            provenn::commit_tensors(tensors, &srs, rng)
        })?;
        Ok(TensorOpening::new(opening))
    }

    /// Nodes that were clamped, a line each.
    #[getter]
    fn saturation(&self) -> Vec<String> {
        self.saturation.iter().map(ToString::to_string).collect()
    }
}

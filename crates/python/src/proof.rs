//! Proofs, and verifying them.

use crate::arrays::{Array, sent};
use crate::commitment::{Commitment, TensorCommitment};
use crate::json::report;
use crate::key::VerifyingKey;
use crate::srs::VerifierSrs;
use crate::work;
use provenn::{CommitmentPaths, Commitments, NamedValues, ProofFile, Verified, VerifyOptions};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::Arc;

/// A proof and what it proves.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct Proof {
    inner: Arc<ProofFile>,
}

impl Proof {
    pub(crate) fn new(inner: ProofFile) -> Self {
        Proof { inner: Arc::new(inner) }
    }
}

#[pymethods]
impl Proof {
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        work::brief(py, || Ok(ProofFile::read(&path)?)).map(Proof::new)
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        work::brief(py, || Ok(self.inner.write(&path)?))
    }

    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        report(py, &*self.inner)
    }
}

/// Public tensors, and names and digests of those that are hashed.
type Shown<'py> = (Vec<Array<'py>>, Vec<(String, String)>);

/// Digests of the commitments to weights, inputs and outputs.
type Committed = (Option<String>, Option<String>, Option<String>);

/// What is known once a proof was verified: digests of key and SRS, the SRS' origin, digests of the model and of
/// commitments, public inputs and outputs, all of it as text.
type Known<'py> = (String, String, String, String, Committed, Shown<'py>, Shown<'py>, String);

fn known<'py>(py: Python<'py>, verified: &Verified) -> PyResult<Known<'py>> {
    let tensors = |all: &[NamedValues]| -> PyResult<Shown<'py>> {
        let public = all.iter().filter(|one| one.digest.is_none() && !one.committed);
        let digests = all.iter().filter_map(|one| Some((one.name.clone(), one.digest.clone()?)));
        Ok((public.map(|one| sent(py, one)).collect::<PyResult<_>>()?, digests.collect()))
    };
    Ok((
        verified.vk_digest.clone(),
        verified.srs_digest.clone(),
        verified.srs_origin.clone(),
        verified.model_digest.clone(),
        (
            verified.commitment_digest.clone(),
            verified.inputs_commitment_digest.clone(),
            verified.outputs_commitment_digest.clone(),
        ),
        tensors(&verified.inputs)?,
        tensors(&verified.outputs)?,
        verified.to_string(),
    ))
}

/// Verifies.
#[pyfunction]
#[pyo3(signature = (proof, key, srs, allow_insecure_srs, trusted_srs=None, commitment=None, inputs=None, outputs=None))]
#[allow(clippy::too_many_arguments)] // what is verified, and how
pub(crate) fn verify<'py>(
    py: Python<'py>,
    proof: &Proof,
    key: &VerifyingKey,
    srs: &VerifierSrs,
    allow_insecure_srs: bool,
    trusted_srs: Option<[u8; 32]>,
    commitment: Option<&Commitment>,
    inputs: Option<&TensorCommitment>,
    outputs: Option<&TensorCommitment>,
) -> PyResult<Known<'py>> {
    let options = VerifyOptions { allow_insecure_srs, trusted_srs, checked_commitment: None };
    let (proof, key) = (Arc::clone(&proof.inner), Arc::clone(&key.inner));
    let srs = srs.inner;
    let weights = commitment.map(|commitment| Arc::clone(&commitment.inner));
    let [inputs, outputs] = [inputs, outputs]
        .map(|commitment| commitment.map(|commitment| Arc::clone(&commitment.inner)));
    let verified = work::run(py, move || {
        let weights = weights.map(|weights| weights.check(&key, &srs, options)).transpose()?;
        let commitments = Commitments {
            weights: weights.as_ref(),
            inputs: inputs.as_deref(),
            outputs: outputs.as_deref(),
        };
        provenn::verify_committed_proof(&proof, &key, &srs, commitments, options)
    })?;
    known(py, &verified)
}

/// Verifies from files, with settings to compare with the key.
#[pyfunction]
#[pyo3(signature = (proof, settings, key, srs, allow_insecure_srs, trusted_srs=None, commitment=None, inputs=None, outputs=None))]
#[allow(clippy::too_many_arguments)] // files, and how they are taken
pub(crate) fn verify_files<'py>(
    py: Python<'py>,
    proof: PathBuf,
    settings: Option<PathBuf>,
    key: PathBuf,
    srs: PathBuf,
    allow_insecure_srs: bool,
    trusted_srs: Option<[u8; 32]>,
    commitment: Option<PathBuf>,
    inputs: Option<PathBuf>,
    outputs: Option<PathBuf>,
) -> PyResult<Known<'py>> {
    let options = VerifyOptions { allow_insecure_srs, trusted_srs, checked_commitment: None };
    let verified = work::run(py, move || {
        let commitments = CommitmentPaths { weights: commitment, inputs, outputs };
        provenn::run::verify_files(&proof, settings.as_deref(), &key, &srs, &commitments, options)
    })?;
    known(py, &verified)
}

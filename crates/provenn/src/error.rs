//! The facade's error: whatever stage failed, with its own message.

mod data;
mod kind;
mod observation;
mod settings;
mod unmet;

pub use data::DataProblem;
pub use kind::ErrorKind;
pub use observation::{ObservationProblem, ValuesProblem};
pub use settings::SettingsProblem;
pub use unmet::Unmet;

use crate::plural;
use provenn_fixed_point::limits::LOGROWS;
use provenn_fixed_point::{CalibrateError, InputError, InterpretError, QuantiseError};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a step of the workflow failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The model cannot be read.
    #[error("{}", import(path, source))]
    Import {
        /// The model file.
        path: PathBuf,
        /// Why.
        source: Box<provenn_onnx_ir::ImportError>,
    },
    /// A file cannot be read or written.
    #[error("{path}: {source}; {advice}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
        /// What to do.
        advice: &'static str,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] provenn_artefact::ArtefactError),
    /// Labels that cannot be counted.
    #[error("labels cannot be counted: {reason}")]
    Counting {
        /// Why.
        reason: String,
    },
    /// A claim that does not say what its proofs do.
    #[error("the claim is false: {reason}")]
    Claim {
        /// Why.
        reason: String,
    },
    /// There is no digest of that.
    #[error("no digest of {what}: {reason}")]
    Hash {
        /// Of what.
        what: String,
        /// Why.
        reason: &'static str,
    },
    /// Labels and observations differ in number.
    #[error("{} for {}; give one each", plural(*got, "label"), plural(*expected, "observation"))]
    Labels {
        /// Observations.
        expected: usize,
        /// Labels.
        got: usize,
    },
    /// A data file is not what it should be.
    #[error("{path}: {source}")]
    Data {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: DataProblem,
    },
    /// An observation does not fit the model.
    #[error("observation {index}: {source}")]
    Observation {
        /// Its number, from 0.
        index: usize,
        /// What is wrong.
        source: Box<ObservationProblem>,
    },
    /// Settings cannot be made or used.
    #[error("{what}: {source}")]
    Settings {
        /// The file, or the step.
        what: String,
        /// What is wrong.
        source: Box<SettingsProblem>,
    },
    /// No settings keep the limits given to calibration.
    #[error("calibration: {0}")]
    Calibrate(#[from] Unmet),
    /// Public values have a row each, and there are not so many.
    #[error(
        "node `{node}`, of shape {shape:?}: with it there are {total} public values, a circuit of 2^{k} rows has room for {rows}; hide inputs or outputs (hashed, committed; inputs private too), publish less, or use a smaller batch{}", longer(*k)
    )]
    Room {
        /// The input or output with which they are too many.
        node: String,
        /// Its shape.
        shape: Vec<usize>,
        /// Public values up to and with it.
        total: usize,
        /// The largest k that may be used.
        k: u32,
        /// Rows of that k.
        rows: usize,
    },
    /// The model cannot be quantised.
    #[error("quantising: {0}")]
    Quantise(#[from] QuantiseError),
    /// Settings and model do not describe a quantised one.
    #[error("quantising: {0}")]
    Describe(#[source] CalibrateError),
    /// Data that are no inputs of the model.
    #[error("quantising: {0}")]
    Input(#[from] InputError),
    /// The quantised model has no result on these inputs.
    #[error("quantising: {0}")]
    Interpret(#[from] InterpretError),
    /// The quantised model cannot be laid out.
    #[error("compiling: {0}")]
    Compile(#[from] provenn_circuit::CompileError),
    /// The witness does not fit.
    #[error("witness: {0}")]
    Assign(#[from] provenn_circuit::AssignError),
    /// The float model cannot be run.
    #[error("float model: {0}")]
    Evaluate(#[from] provenn_onnx_ir::EvaluateError),
    /// The compiled circuit's file.
    #[error(transparent)]
    CompiledFile(#[from] provenn_proof::CompiledFileError),
    /// A JSON file: a proof, a witness.
    #[error(transparent)]
    Json(#[from] provenn_artefact::json::JsonError),
    /// A ceremony's file cannot be fetched.
    #[cfg(feature = "download")]
    #[error(transparent)]
    Fetch(#[from] provenn_ceremony::FetchError),
    /// The structured reference string.
    #[error(transparent)]
    Srs(#[from] provenn_kzg_srs::SrsError),
    /// The file of a structured reference string.
    #[error(transparent)]
    SrsFile(#[from] provenn_verifier::SrsFileError),
    /// Key generation.
    #[error("setup: {0}")]
    Setup(#[from] provenn_proof::SetupError),
    /// A key file.
    #[error(transparent)]
    Key(#[from] provenn_verifier::KeyError),
    /// A commitment to weights.
    #[error(transparent)]
    Commitment(Box<provenn_verifier::CommitmentError>),
    /// The opening of one.
    #[error(transparent)]
    Opening(Box<provenn_proof::OpeningError>),
    /// [`commit`](crate::commit()).
    #[error("commit: {0}")]
    CommitWeights(provenn_proof::ProveError),
    /// [`commit_tensors`](crate::commit_tensors).
    #[error("commit: {0}")]
    Commit(#[from] provenn_proof::CommitTensorsError),
    /// Proving.
    #[error("prove: {0}")]
    Prove(#[from] provenn_proof::ProveError),
    /// The proof is not accepted.
    #[error("verify: {0}")]
    Verify(#[from] provenn_verifier::ProofFileError),
    /// Settings say another thing than the key of the proof: what they show was not proved.
    #[error(
        "{settings}: its {field} is not that of {key}; use the settings the circuit was compiled with, or leave -S out"
    )]
    OtherStatement {
        /// The settings file.
        settings: PathBuf,
        /// The first field that differs.
        field: String,
        /// The key file.
        key: PathBuf,
    },
    /// A file that nothing is known of.
    #[error("{path}: is no artefact of provenn and no ONNX model")]
    Unknown {
        /// The file.
        path: PathBuf,
    },
    /// A key was made with another SRS.
    #[error(
        "{srs}: its digest is {got}, {key} was made with {expected}; give the srs that setup used"
    )]
    OtherSrs {
        /// The key file.
        key: PathBuf,
        /// The SRS file.
        srs: PathBuf,
        /// Digest that the key names.
        expected: String,
        /// Digest of the SRS.
        got: String,
    },
    /// A key was made from another circuit.
    #[error(
        "{key}: says another thing of the {field} than {circuit}; give the key that was made from this circuit"
    )]
    OtherKey {
        /// The compiled circuit's file.
        circuit: PathBuf,
        /// The key file.
        key: PathBuf,
        /// The first part of the statement that differs.
        field: &'static str,
    },
    /// The mock prover found a violated constraint.
    #[error("mock: {} not hold, the first is {first}", match count { 1 => "1 constraint does".to_owned(), _ => format!("{count} constraints do") })]
    Mock {
        /// How many.
        count: usize,
        /// The first.
        first: String,
    },
    /// A witness or key belongs to another circuit.
    #[error(
        "{what} belongs to circuit {got}, this is circuit {expected}; make it again with this compiled model"
    )]
    OtherCircuit {
        /// Which artefact.
        what: &'static str,
        /// Digest of this circuit.
        expected: String,
        /// Digest it was made for.
        got: String,
    },
}

impl From<provenn_verifier::CommitmentError> for Error {
    fn from(error: provenn_verifier::CommitmentError) -> Self {
        Error::Commitment(Box::new(error))
    }
}

impl From<provenn_proof::OpeningError> for Error {
    fn from(error: provenn_proof::OpeningError) -> Self {
        Error::Opening(Box::new(error))
    }
}

impl Error {
    /// Whether it is about what was given beside a model's file, and not about the file.
    #[must_use]
    pub fn is_of_given(&self) -> bool {
        let Error::Import { source, .. } = self else { return false };
        matches!(
            **source,
            provenn_onnx_ir::ImportError::UnknownVariable { .. }
                | provenn_onnx_ir::ImportError::UnknownFixed { .. }
                | provenn_onnx_ir::ImportError::FixedValue { .. }
        )
    }

    /// Of settings that the model cannot be quantised with.
    pub(crate) fn describing(error: CalibrateError) -> Self {
        match error {
            CalibrateError::Quantise(error) => Error::Quantise(error),
            other => Error::Describe(other),
        }
    }
}

/// What else helps where k is not the largest there is.
fn longer(k: u32) -> &'static str {
    if k < *LOGROWS.end() { ", or give a larger --logrows" } else { "" }
}

/// An import error with its file, unless it names the file itself.
fn import(path: &Path, source: &provenn_onnx_ir::ImportError) -> String {
    match source {
        provenn_onnx_ir::ImportError::Read { .. } => {
            format!("{source}; give the ONNX file with -M")
        }
        _ => format!("{}: {source}", path.display()),
    }
}

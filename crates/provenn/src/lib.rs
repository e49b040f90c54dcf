//! Prove in zero knowledge that an output came from an ONNX model.
//!
//! ```no_run
//! use provenn::rand_core::OsRng;
//! use provenn::{InputData, OnnxModel, RunArgs, Srs, Target, VerifyOptions};
//! use std::path::Path;
//!
//! # fn main() -> Result<(), provenn::Error> {
//! let model = OnnxModel::load(Path::new("network.onnx"), &Default::default())?;
//! let data = InputData::read(Path::new("input.json"))?;
//! let settings = provenn::gen_settings(&model, &RunArgs::default())?;
//! let found = provenn::calibrate(&model, &settings, &data, Target::Resources)?;
//! let compiled = found.compile_circuit()?;
//! let srs = Srs::draw_insecure(compiled.params().k, OsRng)?; // a test SRS
//! let key = provenn::setup(&compiled, &srs)?;
//! let inputs = provenn::quantise_inputs(&compiled, &data.observations(model.graph())?[0])?;
//! let witness = provenn::gen_witness(&compiled, &inputs.values)?;
//! let proof = provenn::prove(&compiled, &key, &srs, &witness, OsRng)?;
//! proof.verify(key.verifying_key(), srs.verifier(), VerifyOptions::allowing_insecure_srs())?;
//! # Ok(())
//! # }
//! ```
//!
//! | module | holds |
//! |---|---|
//! | `onnx_model` | the imported model and its digest |
//! | `workflow` | the stages above |
//! | `data` | input files |
//! | [`quantization_error`](mod@quantization_error) | how far the quantised model is from the float model |
//! | [`calibration`] | ranges from data; S, t and bits by cost and error |
//! | [`hashing`] | digests of data, as proofs show them |
//! | [`claim`](mod@claim) | how many labels of a data set are right |
//! | [`audit`](mod@audit) | a report for those who decide whether to rely on a circuit or key |
//! | [`run`](mod@run) | all stages at once, with progress and a report |
//! | `plot` | axes of pictures |
//! | `plural` | counts in messages |
//! | [`verify`](mod@verify) | verifying from files, what is then known |
//! | `verifier_settings` | the verifier's copy of the settings, settings against a key |
//! | [`digest`](mod@digest) | digests of artefacts |
//! | `plan_options` | what settings say to the planner |
//! | `blinding` | a warning to provers |
//! | `binding` | what settings put into a circuit's statement |
//! | `hex`, `named_values` | digests and tensors for people |
//! | `room` | whether public values fit any circuit |
//! | `settings_file` | `settings.json` |
//! | `download` | an SRS from a ceremony's server, with the feature `download` |
//! | [`crash`] | what to tell of a panic |
//! | `error` | [`Error`], and its kinds |

pub mod audit;
mod binding;
mod blinding;
pub mod calibration;
pub mod claim;
mod commitment_files;
pub mod crash;
mod data;
pub mod digest;
#[cfg(feature = "download")]
mod download;
mod error;
pub mod hashing;
mod named_values;
mod onnx_model;
mod plan_options;
mod plot;
mod plural;
pub mod quantization_error;
mod room;
pub mod run;
mod settings_file;
mod verifier_settings;
pub mod verify;
mod workflow;

pub use binding::settings_digest;
pub use blinding::blinding_warning;
pub use commitment_files::CommitmentPaths;
pub use data::{DataSource, InputData};
#[cfg(feature = "download")]
pub use download::download_srs;
pub use error::{
    DataProblem, Error, ErrorKind, ObservationProblem, SettingsProblem, Unmet, ValuesProblem,
};
pub use named_values::NamedValues;
pub use onnx_model::OnnxModel;
pub use plural::plural;
pub use quantization_error::{QuantizationError, quantization_error};
pub use workflow::{
    bare_settings, calibrate, calibrate_settings, commit, commit_tensors, compile_circuit,
    compile_circuit_of, gen_settings, gen_witness, mock, prove, prove_committed, prove_with,
    quantise_inputs, read_compiled, read_compiled_of, read_witness, saturation, setup,
    witness_file, witness_outputs, write_compiled,
};

pub use calibration::{CalibrationOptions, Imprecision, Metric, Target, coarse_outputs};
pub use provenn_artefact::json::JsonError;
pub use provenn_artefact::{self as artefact, ArtefactError, temporary, write_atomically};
/// Files of ceremonies: which there are, and fetching them.
#[cfg(feature = "download")]
pub use provenn_ceremony as ceremony;
pub use provenn_circuit::{CompiledCircuit, Cost, Inspection, PlanOptions, Witness};
pub use provenn_fixed_point::limits;
pub use provenn_fixed_point::{
    Part, QuantGraph, QuantisedInputs, RunArgs, Saturation, Settings, TensorId, Visibility,
};
/// What gadgets of one's own implement, and the set that is used unless told otherwise.
pub use provenn_gadgets::{GadgetSet, Standard};
pub use provenn_kzg_srs::{Srs, SrsError};
pub use provenn_onnx_ir::{Graph, ImportError, NodeId, Tensor};
pub use provenn_proof::{
    CommitTensorsError, CompiledFileError, Opening, OpeningError, Openings, ProveError,
    ProveOptions, Proved, ProverKind, ProvingKey, SetupError, TensorOpening, WitnessFile,
};
pub use provenn_verifier::{
    CEREMONIES, Ceremony, CircuitParams, Commitment, CommitmentError, CommitmentFile, Commitments,
    Grid, KeyError, MAX_K, Mark, Origin, ProofFile, ProofFileError, PublicTensor, SrsFileError,
    Statement, TensorCommitment, VerifierSrs, VerifyError, VerifyOptions, VerifyingKey,
};
/// Whose traits the generators given to [`prove`] and [`Srs::draw_insecure`] implement.
pub use rand_core;
pub use verifier_settings::VerifierSettings;
pub use verify::{Verified, export_verifier, verify_committed_proof, verify_proof};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

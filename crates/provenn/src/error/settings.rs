//! What is wrong with settings.

use super::Error;
use provenn_artefact::codec::CodecError;
use provenn_fixed_point::{CalibrateError, SettingsError};
use thiserror::Error as ThisError;

/// Why settings cannot be made or used.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum SettingsProblem {
    /// Their content, or whose they are.
    #[error(transparent)]
    Content(#[from] SettingsError),
    /// Model and arguments give none.
    #[error(transparent)]
    Describe(#[from] CalibrateError),
    /// The model cannot be imported with them.
    #[error(transparent)]
    Model(Box<Error>),
    /// The file cannot be read.
    #[error("{0}; make it with gen-settings")]
    Read(#[from] std::io::Error),
    /// The file holds something else.
    #[error("is no JSON object; make it with gen-settings")]
    NotAnObject,
    /// A verifier's copy in place of the settings.
    #[error(
        "is a verifier's copy of the settings, without the ranges of the model; give the settings that gen-settings made"
    )]
    VerifiersCopy,
    /// Something else in place of a verifier's copy.
    #[error("is no verifier's copy of settings ({0}); make it with export-verifier")]
    NotVerifiersCopy(#[source] serde_json::Error),
    /// Numbers that are none.
    #[error("holds numbers that JSON has no form for")]
    NoForm,
    /// Weights are to be committed of a model with an operator that is made of constants itself.
    #[error(
        "cannot be committed: the model has the operator {operator}, of which it is not known which constants are weights; leave it fixed"
    )]
    Committed {
        /// The operator.
        operator: String,
    },
    /// What has no encoding.
    #[error("it cannot be encoded: {0}; this is a bug, report it")]
    Encoding(#[source] CodecError),
    /// Weights are committed, and the settings do not say how large they may be.
    #[error(
        "magnitudes are missing, which say how large committed weights may be; make the settings again with gen-settings or calibrate-settings"
    )]
    Magnitudes,
    /// A damaged digest.
    #[error("model_digest is not 64 hex digits; make the settings again with gen-settings")]
    ModelDigest,
    /// A choice that was edited in one of its two places.
    #[error(
        "run_args.{field} is {asked}, but {field} is {got}: ranges and search depend on it, so set it with gen-settings --{} and run calibrate-settings again", field.replace('_', "-")
    )]
    Knob {
        /// Which.
        field: &'static str,
        /// In the run arguments.
        asked: u32,
        /// In the settings.
        got: u32,
    },
    /// A description of inputs or outputs that quantisation does not give.
    #[error(
        "{field} is not what quantisation with these settings gives; if you edited input_scale, output_scale, bits or a range, run calibrate-settings again"
    )]
    Description {
        /// Its place.
        field: String,
    },
    /// A bound on errors that is none.
    #[error("max-error is {got}, expected a number that is not negative")]
    MaxError {
        /// The bound.
        got: f64,
    },
    /// A bound on memory that is none.
    #[error("max-memory is {got}, expected a positive number of GiB")]
    MaxMemory {
        /// The bound.
        got: f64,
    },
    /// k is fixed beyond its own limit.
    #[error("logrows is {got} but max-logrows is {most}; drop one of them")]
    Logrows {
        /// The fixed k.
        got: u32,
        /// The limit.
        most: u32,
    },
}

impl SettingsProblem {
    /// The error of a file or a step.
    #[must_use]
    pub fn of(self, what: impl Into<String>) -> Error {
        Error::Settings { what: what.into(), source: Box::new(self) }
    }
}

//! Why settings could not be made.

use crate::quantise::QuantiseError;
use crate::settings::SettingsError;
use provenn_onnx_ir::EvaluateError;

/// Why settings could not be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CalibrateError {
    /// The settings are wrong, or of another model.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// An observation does not fit the model.
    #[error("observation {index}: {source}")]
    Observation {
        /// Position among the observations.
        index: usize,
        /// What is wrong with it.
        source: EvaluateError,
    },
    /// No data.
    #[error("there are no observations; calibrate with at least one input")]
    Empty,
    /// A node's value left the finite floats.
    #[error("observation {index}: node `{node}` is not finite; leave this observation out")]
    NotFinite {
        /// Position among the observations.
        index: usize,
        /// The node.
        node: String,
    },
    /// The model cannot be quantised with these ranges.
    #[error(transparent)]
    Quantise(#[from] QuantiseError),
}

//! What the user chooses.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who may see a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Part of the statement.
    Public,
    /// Its digest is part of the statement.
    Hashed,
    /// Known to the prover only.
    Private,
    /// Part of the verifying key.
    Fixed,
    /// In a commitment that hides them, the same for many proofs.
    Committed,
}

/// Choices that shape the circuit; `None` leaves one to the planner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunArgs {
    /// Graph inputs are multiples of 2^-input_scale. `None`: 13, or fewer for inputs beyond ±4.
    pub input_scale: Option<i32>,
    /// Graph outputs are multiples of 2^-output_scale. `None`: as fine as `bits` allows.
    pub output_scale: Option<i32>,
    /// S: bits dropped by every rescale, 1..=30; weights are rounded to about 2^-S.
    pub shift: Option<u32>,
    /// t: bits of an activation table's low part, 1..=16.
    pub low_bits: Option<u32>,
    /// Bits of an activation over its calibrated range, sign included, 4..=24.
    pub bits: Option<u32>,
    /// Who sees the inputs.
    pub input_visibility: Visibility,
    /// Who sees the outputs.
    pub output_visibility: Visibility,
    /// Who sees the weights: `fixed` or `committed`.
    pub param_visibility: Visibility,
    /// Values for symbolic extents, such as a batch size.
    #[serde(deserialize_with = "crate::strict::unique")]
    pub variables: BTreeMap<String, usize>,
    /// Values of inputs that are constants of the circuit: an element each, or one number for all.
    #[serde(
        deserialize_with = "crate::strict::unique",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub fixed: BTreeMap<String, Vec<f64>>,
    /// Exactly this k, rather than the cheapest.
    pub logrows: Option<u32>,
    /// At most this k: calibration's limit, which compiling keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_logrows: Option<u32>,
    /// Two challenge phases at most, as halo2's own prover needs: what convolutions drop then stands among
    /// the activations.
    pub two_phases: bool,
    /// Inputs are assumed to lie in ±this until they are calibrated.
    pub assumed_input_range: f64,
}

impl Default for RunArgs {
    fn default() -> Self {
        RunArgs {
            input_scale: None,
            output_scale: None,
            shift: None,
            low_bits: None,
            bits: None,
            input_visibility: Visibility::Public,
            output_visibility: Visibility::Public,
            param_visibility: Visibility::Fixed,
            variables: BTreeMap::new(),
            fixed: BTreeMap::new(),
            logrows: None,
            max_logrows: None,
            two_phases: false,
            assumed_input_range: 4.0,
        }
    }
}

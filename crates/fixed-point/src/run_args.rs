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

/// What of a model has a visibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All inputs.
    Inputs,
    /// All outputs.
    Outputs,
    /// All weights.
    Weights,
}

impl Visibility {
    /// Every visibility.
    pub const ALL: [Visibility; 5] = [
        Visibility::Public,
        Visibility::Hashed,
        Visibility::Private,
        Visibility::Fixed,
        Visibility::Committed,
    ];

    /// As settings and arguments name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Visibility::Public => "public",
            Visibility::Hashed => "hashed",
            Visibility::Private => "private",
            Visibility::Fixed => "fixed",
            Visibility::Committed => "committed",
        }
    }

    /// Why a part of a model cannot have this visibility, and what to choose; `None` if it can. No other part matters:
    /// what is refused says nothing beside any of them.
    #[must_use]
    pub fn refused_for(self, part: Part) -> Option<&'static str> {
        match (part, self) {
            (Part::Inputs, Visibility::Fixed) => Some(
                "single inputs are fixed, with their values (--fix NAME=VALUE, `fixed` in Python and in settings); of the others choose public, hashed, committed or private",
            ),
            (Part::Outputs, Visibility::Fixed) => Some(
                "the key would say what the model is yet to give; choose public, hashed or committed",
            ),
            // Beside public inputs too: every model has a result on them.
            (Part::Outputs, Visibility::Private) => Some(
                "a proof would say that the inputs have some result, as they have in any model; choose committed or hashed if nobody may see the outputs, else public",
            ),
            (Part::Weights, Visibility::Public) => Some(
                "whoever knows the model can make the key of fixed weights from it, and compare; choose fixed, or committed if nobody may see them",
            ),
            (Part::Weights, Visibility::Hashed) => Some(
                "a hash of all of them would be in every proof; choose committed, which binds and hides them, or fixed",
            ),
            (Part::Weights, Visibility::Private) => Some(
                "a proof would say that some weights give the output, and some always do; choose committed, which hides them, or fixed",
            ),
            (Part::Inputs | Part::Outputs | Part::Weights, _) => None,
        }
    }
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
    /// Where the weights stand: `fixed` or `committed`.
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

//! The verifier's copy of the settings, and the comparison of settings with a key.

use crate::binding::{difference, settings_digest};
use crate::plan_options::said;
use crate::{Settings, SettingsProblem, Visibility};
use provenn_fixed_point::{Format, TensorInfo};
use provenn_gadgets::{ActivationBanks, CircuitParams, PublicTensor, Statement, TensorVisibility};
use provenn_verifier::VerifyingKey;
use serde::{Deserialize, Serialize};

/// A verifier's copy of the settings: all that the key's statement says, nothing else of the model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifierSettings {
    /// Digest of the verifying key that it describes.
    pub vk_digest: String,
    /// Digest of the model; where weights are committed, of its architecture.
    pub model_digest: String,
    /// Digest of the whole settings.
    pub settings_digest: String,
    /// Rows are 2^logrows.
    pub logrows: u32,
    /// Bits that rescales drop, and low bits of their tables: of each kind of rescale that the circuit has.
    pub formats: Vec<Format>,
    /// Who sees the inputs.
    pub input_visibility: Visibility,
    /// Who sees the outputs.
    pub output_visibility: Visibility,
    /// Who sees the weights: the key commits to them.
    pub param_visibility: Visibility,
    /// Inputs that are public, hashed or committed.
    pub inputs: Vec<PublicTensor>,
    /// Outputs that are public, hashed or committed.
    pub outputs: Vec<PublicTensor>,
}

impl VerifierSettings {
    /// What this key's statement says.
    #[must_use]
    pub fn of(key: &VerifyingKey) -> Self {
        let statement = key.statement();
        VerifierSettings {
            vk_digest: hex::encode(key.digest()),
            model_digest: hex::encode(statement.model),
            settings_digest: hex::encode(statement.settings),
            logrows: statement.params.k,
            formats: formats(&statement.params).collect(),
            input_visibility: said(statement.input_visibility),
            output_visibility: said(statement.output_visibility),
            param_visibility: parameters(statement),
            inputs: statement.inputs.clone(),
            outputs: statement.outputs.clone(),
        }
    }
}

fn formats(params: &CircuitParams) -> impl Iterator<Item = Format> {
    let of =
        |&ActivationBanks { shift, low_bits, .. }: &ActivationBanks| Format { shift, low_bits };
    params.formats.iter().map(of)
}

fn parameters(statement: &Statement) -> Visibility {
    if statement.params.commits_weights() { Visibility::Committed } else { Visibility::Fixed }
}

/// The first field of a settings file that says another thing than the key.
pub(crate) fn describe_difference(
    text: &str,
    key: &VerifyingKey,
) -> Result<Option<String>, SettingsProblem> {
    if let Ok(copy) = serde_json::from_str::<VerifierSettings>(text) {
        let expected = VerifierSettings::of(key);
        let [expected, copy] = [expected, copy].map(serde_json::to_value);
        let (Ok(expected), Ok(copy)) = (expected, copy) else {
            return Err(SettingsProblem::NoForm);
        };
        let differs = |(name, value): (&String, &serde_json::Value)| {
            (copy.get(name) != Some(value)).then(|| name.clone())
        };
        return Ok(expected.as_object().and_then(|fields| fields.iter().find_map(differs)));
    }
    let settings = Settings::from_json(text)?;
    let digest =
        settings_digest(&settings).map_err(|error| SettingsProblem::Model(Box::new(error)))?;
    Ok(field_of(&settings, key.statement(), digest))
}

fn field_of(settings: &Settings, statement: &Statement, digest: [u8; 32]) -> Option<String> {
    let (args, params) = (&settings.run_args, &statement.params);
    let stated = settings.formats();
    let fields = [
        ("model_digest", settings.model_digest == hex::encode(statement.model)),
        // With 0 nothing is dropped: such a rescale was divided through.
        (
            "shift",
            formats(params).all(|of| of.shift == 0 || stated.iter().any(|s| s.shift == of.shift)),
        ),
        ("low_bits", formats(params).all(|of| stated.iter().any(|s| s.low_bits == of.low_bits))),
        ("run_args.input_visibility", args.input_visibility == said(statement.input_visibility)),
        ("run_args.output_visibility", args.output_visibility == said(statement.output_visibility)),
        ("run_args.param_visibility", args.param_visibility == parameters(statement)),
    ];
    if let Some((field, _)) = fields.into_iter().find(|(_, equal)| !equal) {
        return Some(field.into());
    }
    for (what, visibility, infos, public) in [
        ("inputs", statement.input_visibility, &settings.inputs, &statement.inputs),
        ("outputs", statement.output_visibility, &settings.outputs, &statement.outputs),
    ] {
        if visibility == TensorVisibility::Private {
            continue;
        }
        let expected: Vec<TensorInfo> = public.iter().map(described).collect();
        if infos.len() != public.len() {
            return Some(format!("number of {what}"));
        }
        // The key knows no nodes; the digest of the settings does.
        let shown: Vec<_> =
            infos.iter().map(|info| TensorInfo { node: None, ..info.clone() }).collect();
        if let Some(field) = difference(&shown, &expected) {
            return Some(format!("{what}{field}"));
        }
    }
    // All else that settings say: ranges, bits, scales.
    (digest != statement.settings).then(|| "contents (their digest)".into())
}

/// The settings' description as the key has it.
fn described(public: &PublicTensor) -> TensorInfo {
    let provenn_gadgets::Grid { steps, offsets, inner } = public.grid.clone();
    let grid = provenn_fixed_point::Grid { steps, offsets, inner };
    TensorInfo::new(public.name.clone(), public.shape.clone(), grid)
}

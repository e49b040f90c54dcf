//! What settings put into a circuit's statement, and whether they still say what they were made with.

use crate::{Error, SettingsProblem};
use provenn_artefact as artefact;
use provenn_circuit::{Binding, Named};
use provenn_fixed_point::{Settings, TensorInfo};

/// Digest of settings: of their text as this program writes it.
///
/// # Errors
/// [`Error::Settings`] for a number that JSON has no form for.
pub fn settings_digest(settings: &Settings) -> Result<[u8; 32], Error> {
    let json = settings.to_json().map_err(|error| failed(error.into()))?;
    Ok(artefact::digest(b"provenn settings", json.as_bytes()))
}

/// Model, settings, names and full shapes.
pub(crate) fn binding(settings: &Settings) -> Result<Binding, Error> {
    let named = |infos: &[TensorInfo]| {
        infos.iter().map(|t| Named { name: t.name.clone(), shape: t.shape.clone() }).collect()
    };
    let model =
        bytes(&settings.model_digest).ok_or_else(|| failed(SettingsProblem::ModelDigest))?;
    Ok(Binding {
        model,
        settings: settings_digest(settings)?,
        inputs: named(&settings.inputs),
        outputs: named(&settings.outputs),
    })
}

/// Checks that every knob has one value: an edited copy of it would be ignored, or fail only at the verifier's.
/// `described` are the same settings with inputs and outputs as quantisation gives them.
pub(crate) fn check_settings(settings: &Settings, described: &Settings) -> Result<(), Error> {
    let args = &settings.run_args;
    let knobs = [
        ("bits", args.bits, settings.bits),
        ("shift", args.shift, settings.shift),
        ("low_bits", args.low_bits, settings.low_bits),
    ];
    for (field, asked, got) in knobs {
        if let Some(asked) = asked.filter(|asked| *asked != got) {
            return Err(failed(SettingsProblem::Knob { field, asked, got }));
        }
    }
    for (what, got, expected) in [
        ("inputs", &settings.inputs, &described.inputs),
        ("outputs", &settings.outputs, &described.outputs),
    ] {
        if let Some(field) = difference(got, expected) {
            return Err(failed(SettingsProblem::Description { field: format!("{what}{field}") }));
        }
    }
    Ok(())
}

/// Place and name of the first field that differs.
pub(crate) fn difference(got: &[TensorInfo], expected: &[TensorInfo]) -> Option<String> {
    if got.len() != expected.len() {
        return Some(format!(" (their number: {}, not {})", got.len(), expected.len()));
    }
    got.iter().zip(expected).enumerate().find_map(|(index, (got, expected))| {
        let fields = [
            ("name", got.name == expected.name),
            ("node", got.node == expected.node),
            ("shape", got.shape == expected.shape),
            ("step", got.step == expected.step),
            ("scale", got.scale == expected.scale),
            ("grid", got.grid == expected.grid),
            ("description", got == expected),
        ];
        let field = fields.into_iter().find(|(_, equal)| !equal)?.0;
        Some(format!("[{index}].{field}"))
    })
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    if hex.len() != 64 || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let byte = |i: usize| u8::from_str_radix(hex.get(2 * i..2 * i + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
    bytes?.try_into().ok()
}

fn failed(problem: SettingsProblem) -> Error {
    problem.of("settings")
}

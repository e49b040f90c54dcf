//! A claim from a classifier and a data set, in one call.

use super::{calibration_data, counting_model, prove_claim, taken};
use crate::calibration::{self, CalibrationOptions, Target};
use crate::run::{Folder, OF_WEIGHTS, write_settings};
use crate::{DataSource, Error, OnnxModel, workflow};
use provenn_fixed_point::{RunArgs, Visibility};
use provenn_kzg_srs::Srs;
use rand_core::{CryptoRng, RngCore};
use std::fs;
use std::path::PathBuf;

/// What to claim, and where results go.
#[derive(Clone, Debug)]
pub struct ClaimOptions {
    /// The classifier, an ONNX file.
    pub model: PathBuf,
    /// Its output that says the class, where it has several.
    pub output: Option<String>,
    /// Observations and their labels.
    pub data: DataSource,
    /// The SRS; a test SRS is drawn if there is none.
    pub srs: Option<PathBuf>,
    /// Folder for the files: made or filled when all of them are complete.
    pub out: PathBuf,
    /// Run arguments; `batch_size` of their variables says how many observations a proof is about. Inputs are hashed and
    /// outputs public: others than the default are refused.
    pub run_args: RunArgs,
}

/// What a claim leaves in its folder.
pub const ARTEFACTS: [&str; 7] =
    ["claim.onnx", "settings.json", "model.compiled", "kzg.srs", "vk.key", "pk.key", "claim.json"];

/// Makes the counting model, calibrates it on the data, sets up and proves; `progress` is told of proofs done and of all.
///
/// # Errors
/// The error of the first step that fails.
pub fn claim(
    options: &ClaimOptions,
    mut rng: impl RngCore + CryptoRng + Send,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<super::Claim, Error> {
    let RunArgs { input_visibility, output_visibility, .. } = &options.run_args;
    if [*input_visibility, *output_visibility] != [Visibility::Public; 2] {
        return Err(Error::Counting {
            reason: "a claim's inputs are hashed and its counts are public; leave visibilities of inputs and outputs out".into(),
        });
    }
    let folder = Folder::new(&options.out)?;
    let out = |name: &str| folder.path().join(name);
    let bytes = counting_model(&options.model, options.output.as_deref())?;
    let failed = |source| Error::File {
        path: options.out.join("claim.onnx"),
        source,
        advice: "choose another folder with --out",
    };
    fs::write(out("claim.onnx"), bytes).map_err(failed)?;
    let run_args = RunArgs {
        input_visibility: Visibility::Hashed,
        output_visibility: Visibility::Public,
        ..options.run_args.clone()
    };
    let model = OnnxModel::load(&out("claim.onnx"), &run_args.variables)?;
    let data = options.data.read()?;
    let (per_proof, elements) = taken(&model)?;
    let blame = |error| options.data.blame(error);
    let calibrated = calibration_data(&data, per_proof, elements).map_err(blame)?;
    let settings = workflow::bare_settings(&model, &run_args)?;
    let aim = CalibrationOptions::aiming_at(Target::Resources);
    let found = calibration::calibrate(&model, &settings, &calibrated, &aim, &mut |_, _| {})
        .map_err(blame)?;
    folder
        .written("settings.json", write_settings(&found.chosen.settings, &out("settings.json")))?;
    let compiled = found.compile_circuit()?;
    let name = "model.compiled";
    folder.written(name, workflow::write_compiled(&compiled, &out(name)))?;
    let k = compiled.params().k;
    let srs = match &options.srs {
        Some(path) => Srs::read(path)?.truncated(k)?,
        None => Srs::draw_insecure(k, &mut rng)?,
    };
    folder.written("kzg.srs", srs.write(&out("kzg.srs")))?;
    let key = workflow::setup(&compiled, &srs)?;
    folder.written("pk.key", key.write(&out("pk.key")))?;
    folder.written("vk.key", key.verifying_key().write(&out("vk.key")))?;
    let mut made = ARTEFACTS.to_vec();
    let mut opening = None;
    if compiled.params().commits_weights() {
        let [opening_name, commitment_name] = OF_WEIGHTS;
        let (commitment, opens) = workflow::commit(&compiled, &key, &srs, &mut rng)?;
        folder.written(opening_name, opens.write(&out(opening_name)))?;
        folder.written(commitment_name, commitment.write(&out(commitment_name)))?;
        made.extend(OF_WEIGHTS);
        opening = Some(opens);
    }
    let opening = opening.as_ref();
    let claim = prove_claim(&compiled, &key, &srs, opening, &data, rng, progress).map_err(blame)?;
    folder.written("claim.json", claim.write(&out("claim.json")))?;
    folder.publish(&made)?;
    Ok(claim)
}

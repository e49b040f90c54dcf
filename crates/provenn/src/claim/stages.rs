//! A claim from a classifier and a data set, in one call.

use super::{DataSecret, Secrets, calibration_data, counting_model, prove_claim, refused, taken};
use crate::calibration::{self, CalibrationOptions, Target};
use crate::run::{Folder, OF_WEIGHTS, write_settings};
use crate::{DataSource, Error, OnnxModel, workflow};
use provenn_artefact::write_atomically;
use provenn_fixed_point::{RunArgs, Visibility};
use provenn_kzg_srs::Srs;
use rand_core::{CryptoRng, RngCore};
use std::io::Write;
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
    /// Run arguments; `batch_size` of their variables says how many observations a proof is about. Inputs are hashed, unless
    /// they are to be committed, and outputs public.
    pub run_args: RunArgs,
    /// What commitments to the data are drawn from, where they are committed; a new secret is drawn if there is none.
    pub data_secret: Option<PathBuf>,
}

/// What a claim leaves in its folder.
pub const ARTEFACTS: [&str; 7] =
    ["claim.onnx", "settings.json", "model.compiled", "kzg.srs", "vk.key", "pk.key", "claim.json"];

/// What commitments to data were drawn from, where `claim` has drawn it.
pub const DATA_SECRET: &str = "data.secret";

impl ClaimOptions {
    fn commits_data(&self) -> bool {
        self.run_args.input_visibility == Visibility::Committed
    }
}

/// What a claim with these options leaves in its folder.
#[must_use]
pub fn artefacts(options: &ClaimOptions) -> Vec<&'static str> {
    let weights = options.run_args.param_visibility == Visibility::Committed;
    let draws = options.commits_data() && options.data_secret.is_none();
    let of_weights = weights.then_some(OF_WEIGHTS).into_iter().flatten();
    ARTEFACTS.into_iter().chain(of_weights).chain(draws.then_some(DATA_SECRET)).collect()
}

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
    let of_data = match input_visibility {
        // Nobody asked for it: public is what arguments begin with.
        Visibility::Public | Visibility::Hashed => Visibility::Hashed,
        Visibility::Committed => Visibility::Committed,
        Visibility::Private | Visibility::Fixed => {
            return Err(refused("a claim's data are hashed or committed: others have no name"));
        }
    };
    if *output_visibility != Visibility::Public {
        return Err(refused("a claim's counts are public; leave the visibility of outputs out"));
    }
    if options.data_secret.is_some() && !options.commits_data() {
        return Err(refused("hashed data take no secret; leave it out, or commit to the data"));
    }
    let folder = Folder::new(&options.out)?;
    let out = |name: &str| folder.path().join(name);
    let bytes = counting_model(&options.model, options.output.as_deref())?;
    let written = write_atomically(&out("claim.onnx"), |file| file.write_all(&bytes));
    folder.written("claim.onnx", written)?;
    let run_args = RunArgs {
        input_visibility: of_data,
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
    let mut opening = None;
    if compiled.params().commits_weights() {
        let [opening_name, commitment_name] = OF_WEIGHTS;
        let (commitment, opens) = workflow::commit(&compiled, &key, &srs, &mut rng)?;
        folder.written(opening_name, opens.write(&out(opening_name)))?;
        folder.written(commitment_name, commitment.write(&out(commitment_name)))?;
        opening = Some(opens);
    }
    let secret = match &options.data_secret {
        _ if !options.commits_data() => None,
        Some(path) => Some(DataSecret::read(path)?),
        None => {
            let secret = DataSecret::draw(&mut rng);
            folder.written(DATA_SECRET, secret.write(&out(DATA_SECRET)))?;
            Some(secret)
        }
    };
    let secrets = Secrets { weights: opening.as_ref(), data: secret.as_ref() };
    let claim = prove_claim(&compiled, &key, &srs, secrets, &data, rng, progress).map_err(blame)?;
    folder.written("claim.json", claim.write(&out("claim.json")))?;
    folder.publish(&artefacts(options))?;
    Ok(claim)
}

//! Every stage in one call, with progress and a report.

mod committing;
mod folder;

use crate::calibration::{self, CalibrationOptions, Imprecision, Target};
use crate::commitment_files::{
    CommitmentPaths, INPUTS_COMMITMENT, OUTPUTS_COMMITMENT, WEIGHTS_COMMITMENT,
};
use crate::onnx_model::OnnxModel;
use crate::quantization_error::QuantizationError;
pub use crate::settings_file::{read_settings, write_settings};
pub use crate::verify::verify_files;
use crate::workflow;
use crate::{DataSource, Error};
use committing::commit;
pub(crate) use folder::Folder;
use provenn_fixed_point::{RunArgs, Saturation, Visibility};
use provenn_kzg_srs::Srs;
use provenn_proof::ProveOptions;
use provenn_verifier::VerifyOptions;
use rand_core::{CryptoRng, RngCore};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What to run, and where results go.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The ONNX file.
    pub model: PathBuf,
    /// The observation to prove (the first of the file).
    pub data: DataSource,
    /// Observations to calibrate on; the proven one if absent.
    pub calibration: Option<DataSource>,
    /// Folder for the artefacts: made or filled when all of them are complete.
    pub out: PathBuf,
    /// Run arguments.
    pub run_args: RunArgs,
    /// What calibration aims at.
    pub target: Target,
    /// How to prove.
    pub prove: ProveOptions,
}

/// Told of every stage as it begins and ends.
pub trait Observer {
    /// A stage begins.
    fn begin(&mut self, stage: &'static str);
    /// It has ended, after so many seconds.
    fn end(&mut self, stage: &'static str, seconds: f64);
    /// So much of it is done; nothing is told of stages that are one step.
    fn progress(&mut self, stage: &'static str, done: usize, total: usize) {
        let _ = (stage, done, total);
    }
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Whether every stage succeeded.
    pub ok: bool,
    /// Whether the proof was verified from its file.
    pub verified: bool,
    /// What the import took to be meant ([`OnnxModel::notes`]).
    pub notes: Vec<String>,
    /// Whether the quotient's pieces are blinded, which the proof's bytes do not tell.
    pub quotient_blinded: bool,
    /// Rows are 2^k.
    pub k: u32,
    /// 2^k.
    pub rows: usize,
    /// Advice columns of both phases.
    pub advice_columns: usize,
    /// Fixed columns.
    pub fixed_columns: usize,
    /// Wall seconds per stage.
    pub seconds: BTreeMap<&'static str, f64>,
    /// Wall seconds of the prover's steps, in order.
    pub prove_steps: Vec<(&'static str, f64)>,
    /// CPU seconds per stage, all threads.
    pub cpu_seconds: BTreeMap<&'static str, f64>,
    /// Largest resident set of the process so far.
    pub peak_rss_bytes: u64,
    /// Size per artefact.
    pub bytes: BTreeMap<&'static str, u64>,
    /// Quantised outputs as reals.
    pub outputs: Vec<Vec<f64>>,
    /// Outputs of the float model.
    pub float_outputs: Vec<Vec<f64>>,
    /// Largest difference between the two.
    pub max_abs_error: f64,
    /// Mean difference.
    pub mean_abs_error: f64,
    /// Nodes whose values left their calibrated ranges and were clamped, the inputs first.
    pub saturation: Vec<Saturation>,
    /// Outputs that quantisation leaves too little of on the calibration data.
    pub imprecise: Vec<Imprecision>,
    /// The comparison over all observations, where the data hold several.
    pub quantization_error: Option<QuantizationError>,
}

/// What a run leaves in its folder.
pub const ARTEFACTS: [&str; 7] = [
    "settings.json",
    "model.compiled",
    "kzg.srs",
    "vk.key",
    "pk.key",
    "witness.json",
    "proof.json",
];

/// What it leaves beside these where weights are committed: opening and commitment.
pub const OF_WEIGHTS: [&str; 2] = ["opening.secret", WEIGHTS_COMMITMENT];
/// Where inputs are.
pub const OF_INPUTS: [&str; 2] = ["inputs.secret", INPUTS_COMMITMENT];
/// Where outputs are.
pub const OF_OUTPUTS: [&str; 2] = ["outputs.secret", OUTPUTS_COMMITMENT];

/// What a run with these arguments leaves in its folder.
#[must_use]
pub fn artefacts(args: &RunArgs) -> Vec<&'static str> {
    ARTEFACTS.into_iter().chain(committed(args).into_iter().flatten().flatten()).collect()
}

/// Where it leaves commitments.
#[must_use]
pub fn commitment_paths(args: &RunArgs, folder: &Path) -> CommitmentPaths {
    let [weights, inputs, outputs] =
        committed(args).map(|names| names.map(|[_, commitment]| folder.join(commitment)));
    CommitmentPaths { weights, inputs, outputs }
}

/// Openings and commitments of weights, inputs and outputs, as far as they are committed.
fn committed(args: &RunArgs) -> [Option<[&'static str; 2]>; 3] {
    let RunArgs { param_visibility, input_visibility, output_visibility, .. } = args;
    [(param_visibility, OF_WEIGHTS), (input_visibility, OF_INPUTS), (output_visibility, OF_OUTPUTS)]
        .map(|(of, names)| (*of == Visibility::Committed).then_some(names))
}

/// Whether anything is committed, so that `commit` is a stage.
#[must_use]
pub fn commits(args: &RunArgs) -> bool {
    committed(args).iter().any(Option::is_some)
}

/// The stages in order; `commit` is one where something is committed.
pub const STAGES: [&str; 9] =
    ["import", "calibrate", "compile", "srs", "setup", "witness", "commit", "prove", "verify"];

struct Clock<'o> {
    observer: &'o mut dyn Observer,
    seconds: BTreeMap<&'static str, f64>,
    cpu_seconds: BTreeMap<&'static str, f64>,
}

impl Clock<'_> {
    fn stage<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.stage_in_steps(name, |_| work())
    }

    /// A stage that says how far it is.
    fn stage_in_steps<T>(
        &mut self,
        name: &'static str,
        work: impl FnOnce(calibration::Progress<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.observer.begin(name);
        let (wall, cpu) = (Instant::now(), cpu_seconds());
        let result = work(&mut |done, total| self.observer.progress(name, done, total));
        let seconds = wall.elapsed().as_secs_f64();
        self.seconds.insert(name, seconds);
        self.cpu_seconds.insert(name, cpu_seconds() - cpu);
        self.observer.end(name, seconds);
        result
    }
}

/// Imports, calibrates, compiles, sets up with a *test* SRS, proves, and verifies from the files written. These
/// appear in the folder together at the end: those of a run that fails, is interrupted, or shares the folder with
/// another run never stand beside those of another.
///
/// # Errors
/// The error of the first stage that fails.
pub fn run(
    options: &RunOptions,
    observer: &mut dyn Observer,
    mut rng: impl RngCore + CryptoRng + Send,
) -> Result<Report, Error> {
    let folder = Folder::new(&options.out)?;
    let out = |name: &str| folder.path().join(name);
    let mut clock = Clock { observer, seconds: BTreeMap::new(), cpu_seconds: BTreeMap::new() };

    let (model, data) = clock.stage("import", || {
        let RunArgs { variables, fixed, .. } = &options.run_args;
        let model = OnnxModel::load_fixed(&options.model, variables, fixed)?;
        Ok((model, options.data.read()?))
    })?;
    let found = clock.stage_in_steps("calibrate", |progress| {
        let settings = workflow::bare_settings(&model, &options.run_args)?;
        let source = options.calibration.as_ref().unwrap_or(&options.data);
        let own = options.calibration.as_ref().map(DataSource::read).transpose()?;
        let found = calibration::calibrate(
            &model,
            &settings,
            own.as_ref().unwrap_or(&data),
            &CalibrationOptions::aiming_at(options.target),
            progress,
        )
        .map_err(|error| source.blame(error))?;
        let name = "settings.json";
        folder.written(name, write_settings(&found.chosen.settings, &out(name)))?;
        Ok(found)
    })?;
    let compiled = clock.stage("compile", || {
        let compiled = found.compile_circuit()?;
        let name = "model.compiled";
        folder.written(name, workflow::write_compiled(&compiled, &out(name)))?;
        Ok(compiled)
    })?;
    let srs = clock.stage("srs", || {
        let srs = Srs::draw_insecure(compiled.params().k, &mut rng)?;
        folder.written("kzg.srs", srs.write(&out("kzg.srs")))?;
        Ok(srs)
    })?;
    let key = clock.stage("setup", || {
        let key = workflow::setup(&compiled, &srs)?;
        folder.written("pk.key", key.write(&out("pk.key")))?;
        folder.written("vk.key", key.verifying_key().write(&out("vk.key")))?;
        Ok(key)
    })?;
    let mut observations =
        data.observations(model.graph()).map_err(|error| options.data.blame(error))?;
    let observation = observations.swap_remove(0);
    let float_outputs: Vec<Vec<f64>> = model
        .graph()
        .run(&observation)?
        .iter()
        .map(|t| t.data.iter().map(|&v| f64::from(v)).collect())
        .collect();
    let notes = model.notes();
    // Weights as floats have served, unless all observations are to be compared: proving needs the memory.
    let model = (!observations.is_empty()).then_some(model);
    let (witness, saturation) = clock.stage("witness", || {
        let inputs = workflow::quantise_inputs(&compiled, &observation)?;
        let witness = workflow::gen_witness(&compiled, &inputs.values)?;
        let file = workflow::witness_file(&compiled, &witness)?;
        folder.written("witness.json", file.write(&out("witness.json")))?;
        let saturation = workflow::saturation(&compiled, &observation, &witness)?;
        Ok((witness, saturation))
    })?;
    let committing = commits(&options.run_args).then(|| {
        clock.stage("commit", || commit(&compiled, &key, &srs, &witness, &folder, &mut rng))
    });
    let committed = committing.transpose()?.unwrap_or_default();
    let (quotient_blinded, prove_steps) = clock.stage("prove", || {
        let (prove, rng) = (options.prove, &mut rng);
        let openings = committed.openings();
        let proved =
            workflow::prove_committed(&compiled, &key, &srs, openings, &witness, prove, rng)?;
        folder.written("proof.json", proved.file.write(&out("proof.json")))?;
        Ok((proved.file.quotient_blinded, proved.seconds))
    })?;
    let commitments = commitment_paths(&options.run_args, folder.path());
    clock.stage("verify", || {
        let options = VerifyOptions::allowing_insecure_srs();
        verify_files(
            &out("proof.json"),
            Some(&out("settings.json")),
            &out("vk.key"),
            &out("kzg.srs"),
            &commitments,
            options,
        )
    })?;

    let names = artefacts(&options.run_args);
    let bytes = artefact_bytes(folder.path(), &names);
    folder.publish(&names)?;

    let outputs = workflow::witness_outputs(&compiled, &witness);
    let outputs: Vec<Vec<f64>> = outputs.into_iter().map(|output| output.values).collect();
    let errors: Vec<f64> = outputs
        .iter()
        .flatten()
        .zip(float_outputs.iter().flatten())
        .map(|(a, b)| (a - b).abs())
        .collect();
    let layout = compiled.layout();
    let compared = model.map(|model| found.quantization_error(&model, &data, &mut |_, _| {}));
    let quantization_error = compared.transpose()?;
    Ok(Report {
        ok: true,
        verified: true,
        notes,
        quotient_blinded,
        k: compiled.params().k,
        rows: 1 << compiled.params().k,
        advice_columns: layout.first + layout.second,
        fixed_columns: layout.fixed,
        seconds: clock.seconds,
        prove_steps,
        cpu_seconds: clock.cpu_seconds,
        peak_rss_bytes: peak_rss_bytes(),
        bytes,
        max_abs_error: errors.iter().copied().fold(0.0, f64::max),
        #[allow(clippy::cast_precision_loss)] // an element count
        mean_abs_error: errors.iter().sum::<f64>() / errors.len().max(1) as f64,
        outputs,
        float_outputs,
        saturation,
        imprecise: found.imprecise,
        quantization_error,
    })
}

fn artefact_bytes(out: &Path, names: &[&'static str]) -> BTreeMap<&'static str, u64> {
    let names = names.iter().copied();
    names.filter_map(|name| Some((name, std::fs::metadata(out.join(name)).ok()?.len()))).collect()
}

/// CPU seconds of this process so far; 0 where the system does not say.
fn cpu_seconds() -> f64 {
    // Fields 14 and 15 of the process's statistics, in hundredths of a second; the name may hold spaces.
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Largest resident set of this process; 0 where the system does not say.
#[must_use]
pub fn peak_rss_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

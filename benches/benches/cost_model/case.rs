//! One case: a model at a target, from calibration to a verified proof.

use provenn::{RunArgs, Target, VerifyOptions};
use provenn_benches::{
    Prepared, in_child, load, median_cpu_seconds, name, observation, prepare_with, settings,
};
use provenn_circuit::features;
use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What to measure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) folder: PathBuf,
    pub(crate) accuracy: bool,
    pub(crate) logrows: Option<u32>,
}

/// What a child process does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Step {
    /// Makes a model ready and writes its files.
    Prepare { case: Case, files: PathBuf },
    /// Reads the files and proves, as `provenn prove` does.
    Prove { files: PathBuf },
}

/// Of a model made ready.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) k: u32,
    pub(crate) max_error: f64,
    pub(crate) mean_error: f64,
    pub(crate) calibrate_seconds: f64,
    pub(crate) key_bytes: u64,
    pub(crate) modelled_seconds: f64,
    pub(crate) modelled_bytes: f64,
    pub(crate) seconds_features: Vec<f64>,
    pub(crate) bytes_features: Vec<f64>,
}

/// Of its proofs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Proofs {
    /// CPU seconds of one.
    pub(crate) seconds: f64,
    /// Largest resident set up to the end of the first.
    pub(crate) peak_bytes: u64,
    pub(crate) proof_bytes: usize,
}

/// A case and what was measured.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) model: String,
    pub(crate) case: Case,
    pub(crate) plan: Plan,
    pub(crate) proofs: Proofs,
}

impl Measured {
    /// Runs a case.
    pub(crate) fn new(case: Case) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = || folder.path().to_path_buf();
        let plan = in_child(&Step::Prepare { case: case.clone(), files: files() }, &[]);
        let proofs = in_child(&Step::Prove { files: files() }, &[]);
        let model = name(&case.folder);
        Measured { model, case, plan, proofs }
    }

    /// Its target's name.
    pub(crate) fn target(&self) -> &'static str {
        if self.case.accuracy { "accuracy" } else { "resources" }
    }
}

/// In a child process: says a [`Plan`] or [`Proofs`].
pub(crate) fn run(step: &Step) -> serde_json::Value {
    match step {
        Step::Prepare { case, files } => serde_json::to_value(prepare(case, files)),
        Step::Prove { files } => serde_json::to_value(prove(&Prepared::read(files))),
    }
    .unwrap()
}

/// Errors are those on `input.json`, the settings those calibrated on `calibration.json` or, where that is
/// missing, on the input itself.
fn prepare(case: &Case, files: &Path) -> Plan {
    let model = load(&case.folder);
    let args = RunArgs { logrows: case.logrows, ..RunArgs::default() };
    let target = if case.accuracy { Target::Accuracy } else { Target::Resources };
    let begun = std::time::Instant::now();
    let settings = settings(&case.folder, &model, target, &args);
    let calibrate_seconds = begun.elapsed().as_secs_f64();
    let prepared = prepare_with(&case.folder, &model, &settings);
    prepared.write(files);
    let float = model.graph().run(&observation(&case.folder, &model)).unwrap();
    let outputs = provenn::witness_outputs(&prepared.compiled, &prepared.witness);
    let errors: Vec<f64> = outputs
        .iter()
        .flat_map(|output| &output.values)
        .zip(float.iter().flat_map(|t| &t.data))
        .map(|(q, &f)| (q - f64::from(f)).abs())
        .collect();
    let params = prepared.compiled.params();
    let (cost, features) = (prepared.compiled.cost(), features(params));
    Plan {
        k: params.k,
        max_error: errors.iter().copied().fold(0.0, f64::max),
        mean_error: errors.iter().sum::<f64>() / errors.len() as f64,
        calibrate_seconds,
        key_bytes: Prepared::key_bytes(files),
        modelled_seconds: cost.prove_seconds,
        modelled_bytes: cost.prove_bytes,
        seconds_features: features.seconds.to_vec(),
        bytes_features: features.bytes.to_vec(),
    }
}

fn prove(p: &Prepared) -> Proofs {
    let prove = || provenn::prove(&p.compiled, &p.key, &p.srs, &p.witness, OsRng).unwrap();
    let proof = prove();
    let peak_bytes = provenn::run::peak_rss_bytes();
    let options = VerifyOptions::allowing_insecure_srs();
    proof.verify(p.key.verifying_key(), p.srs.verifier(), options).unwrap();
    let proof_bytes = proof.hex_proof.trim_start_matches("0x").len() / 2;
    Proofs { seconds: median_cpu_seconds(|| drop(prove())), peak_bytes, proof_bytes }
}

/// Both targets of each model side by side.
pub(crate) fn fidelity_table(measured: &[Measured]) -> String {
    let mut text = String::from(
        "| model | target | k | max error | mean error | calibrate s | prove CPU s | peak MiB | key kB | proof kB |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for m in measured.iter().filter(|m| m.case.logrows.is_none()) {
        let Measured { plan, proofs, .. } = m;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.1e} | {:.1e} | {:.2} | {:.2} | {:.0} | {:.1} | {:.1} |",
            m.model,
            m.target(),
            plan.k,
            plan.max_error,
            plan.mean_error,
            plan.calibrate_seconds,
            proofs.seconds,
            proofs.peak_bytes as f64 / f64::from(1 << 20),
            plan.key_bytes as f64 / 1e3,
            proofs.proof_bytes as f64 / 1e3
        );
    }
    text
}

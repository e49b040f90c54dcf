//! One case: a model at a target, from calibration to a verified proof.

use provenn::{RunArgs, Target, VerifyOptions};
use provenn_benches::{Prepared, forget_peak, load, median_cpu_seconds, prepare_with, settings};
use provenn_circuit::features;
use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::path::PathBuf;

/// What to measure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) folder: PathBuf,
    pub(crate) accuracy: bool,
    pub(crate) logrows: Option<u32>,
}

/// What was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) model: String,
    pub(crate) accuracy: bool,
    pub(crate) forced: bool,
    pub(crate) k: u32,
    pub(crate) max_error: f64,
    pub(crate) mean_error: f64,
    pub(crate) calibrate_seconds: f64,
    pub(crate) prove_seconds: f64,
    pub(crate) prove_bytes: f64,
    pub(crate) key_bytes: u64,
    pub(crate) proof_bytes: usize,
    pub(crate) modelled_seconds: f64,
    pub(crate) modelled_bytes: f64,
    pub(crate) seconds_features: Vec<f64>,
    pub(crate) bytes_features: Vec<f64>,
}

/// Runs a case. Errors are those on `input.json`, the settings those calibrated on `calibration.json` or,
/// where that is missing, on the input itself.
pub(crate) fn measure(case: &Case) -> Measured {
    let model = load(&case.folder);
    let args = RunArgs { logrows: case.logrows, ..RunArgs::default() };
    let target = if case.accuracy { Target::Accuracy } else { Target::Resources };
    let begun = std::time::Instant::now();
    let settings = settings(&case.folder, &model, target, &args);
    let calibrate_seconds = begun.elapsed().as_secs_f64();
    let Prepared { compiled, srs, key, observation, witness } =
        prepare_with(&case.folder, &model, &settings);
    let pk = std::env::temp_dir().join(format!("provenn-cost-model-{}", std::process::id()));
    key.write(&pk).unwrap();
    let key_bytes = std::fs::metadata(&pk).unwrap().len();
    std::fs::remove_file(&pk).unwrap();
    let float = model.graph().run(&observation).unwrap();
    let errors: Vec<f64> = witness
        .pretty_outputs
        .iter()
        .flatten()
        .zip(float.iter().flat_map(|t| &t.data))
        .map(|(q, &f)| (q.parse::<f64>().unwrap() - f64::from(f)).abs())
        .collect();
    forget_peak();
    let prove = || provenn::prove(&compiled, &key, &srs, &witness, OsRng).unwrap();
    let proof = prove();
    let prove_bytes = provenn::run::peak_rss_bytes();
    let proof_bytes = proof.hex_proof.trim_start_matches("0x").len() / 2;
    let options = VerifyOptions { allow_insecure_srs: true };
    proof.verify(key.verifying_key(), srs.verifier(), options).unwrap();
    let prove_seconds = median_cpu_seconds(|| drop(prove()));
    let cost = compiled.cost();
    let features = features(compiled.shape());
    Measured {
        model: case.folder.file_name().unwrap().to_string_lossy().into_owned(),
        accuracy: case.accuracy,
        forced: case.logrows.is_some(),
        k: compiled.shape().k,
        max_error: errors.iter().copied().fold(0.0, f64::max),
        mean_error: errors.iter().sum::<f64>() / errors.len() as f64,
        calibrate_seconds,
        prove_seconds,
        prove_bytes: prove_bytes as f64,
        key_bytes,
        proof_bytes,
        modelled_seconds: cost.prove_seconds,
        modelled_bytes: cost.prove_bytes,
        seconds_features: features.seconds.to_vec(),
        bytes_features: features.bytes.to_vec(),
    }
}

/// Both targets of each model side by side.
pub(crate) fn fidelity_table(measured: &[Measured]) -> String {
    let mut text = String::from(
        "| model | target | k | max error | mean error | calibrate s | prove CPU s | peak GiB | key kB | proof kB |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for m in measured.iter().filter(|m| !m.forced) {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.1e} | {:.1e} | {:.2} | {:.2} | {:.3} | {:.1} | {:.1} |",
            m.model,
            if m.accuracy { "accuracy" } else { "resources" },
            m.k,
            m.max_error,
            m.mean_error,
            m.calibrate_seconds,
            m.prove_seconds,
            m.prove_bytes / f64::from(1 << 30),
            m.key_bytes as f64 / 1e3,
            m.proof_bytes as f64 / 1e3
        );
    }
    text
}

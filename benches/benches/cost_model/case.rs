//! One case: a model at a target, from calibration to a verified proof.

use provenn::calibration::{CalibrationOptions, Target, calibrate};
use provenn::{InputData, OnnxModel, RunArgs, Srs, VerifyOptions, gen_settings};
use provenn_circuit::features;
use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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
    let file = |name: &str| case.folder.join(name);
    let model = OnnxModel::load(&file("network.onnx"), &BTreeMap::new()).unwrap();
    let input = InputData::read(&file("input.json")).unwrap();
    let data = match file("calibration.json").exists() {
        true => InputData::read(&file("calibration.json")).unwrap(),
        false => input.clone(),
    };
    let args = RunArgs { logrows: case.logrows, ..RunArgs::default() };
    let settings = gen_settings(&model, &args).unwrap();
    let target = if case.accuracy { Target::Accuracy } else { Target::Resources };
    let begun = std::time::Instant::now();
    let options = CalibrationOptions::aiming_at(target);
    let settings =
        calibrate(&model, &settings, &data, &options, &mut |_, _| {}).unwrap().chosen.settings;
    let calibrate_seconds = begun.elapsed().as_secs_f64();
    let compiled = provenn::compile_circuit(&model, &settings).unwrap();
    let srs = Srs::draw_insecure(compiled.shape().k, OsRng).unwrap();
    let key = provenn::setup(&compiled, &srs).unwrap();
    let pk = std::env::temp_dir().join(format!("provenn-cost-model-{}", std::process::id()));
    key.write(&pk).unwrap();
    let key_bytes = std::fs::metadata(&pk).unwrap().len();
    std::fs::remove_file(&pk).unwrap();
    let observation = input.observations(model.graph()).unwrap().swap_remove(0);
    let inputs = provenn::quantise_inputs(&compiled, &observation).unwrap().values;
    let witness = provenn::gen_witness(&compiled, &inputs).unwrap();
    let float = model.graph().run(&observation).unwrap();
    let errors: Vec<f64> = witness
        .pretty_outputs
        .iter()
        .flatten()
        .zip(float.iter().flat_map(|t| &t.data))
        .map(|(q, &f)| (q.parse::<f64>().unwrap() - f64::from(f)).abs())
        .collect();
    // From here on the peak is the proof's.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let mut seconds = vec![];
    let mut proof_bytes = 0;
    for _ in 0..3 {
        let before = cpu_seconds();
        let proof = provenn::prove(&compiled, &key, &srs, &witness, OsRng).unwrap();
        seconds.push(cpu_seconds() - before);
        proof_bytes = proof.hex_proof.trim_start_matches("0x").len() / 2;
        let options = VerifyOptions { allow_insecure_srs: true };
        proof.verify(key.verifying_key(), srs.verifier(), options).unwrap();
    }
    seconds.sort_by(f64::total_cmp);
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
        prove_seconds: seconds[1],
        prove_bytes: provenn::run::peak_rss_bytes() as f64,
        key_bytes,
        proof_bytes,
        modelled_seconds: cost.prove_seconds,
        modelled_bytes: cost.prove_bytes,
        seconds_features: features.seconds.to_vec(),
        bytes_features: features.bytes.to_vec(),
    }
}

fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Both targets of each model side by side.
pub(crate) fn fidelity_table(measured: &[Measured]) -> String {
    let mut text = String::from(
        "| model | target | k | max error | mean error | calibrate s | prove CPU s | peak GiB | key MB | proof kB |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for m in measured.iter().filter(|m| !m.forced) {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.1e} | {:.1e} | {:.2} | {:.2} | {:.3} | {:.2} | {:.1} |",
            m.model,
            if m.accuracy { "accuracy" } else { "resources" },
            m.k,
            m.max_error,
            m.mean_error,
            m.calibrate_seconds,
            m.prove_seconds,
            m.prove_bytes / f64::from(1 << 30),
            m.key_bytes as f64 / 1e6,
            m.proof_bytes as f64 / 1e3
        );
    }
    text
}

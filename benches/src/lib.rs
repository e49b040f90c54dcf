//! What benches share: models made ready to be proven, and measurements of this process.
#![allow(clippy::unwrap_used)] // a bench reports by panicking

use provenn::{
    CompiledCircuit, InputData, OnnxModel, ProvingKey, RunArgs, Settings, Srs, Target, WitnessFile,
};
use rand_core::OsRng;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A model, made ready to be proven.
#[derive(Debug)]
pub struct Prepared {
    /// The circuit.
    pub compiled: CompiledCircuit,
    /// A test SRS.
    pub srs: Srs,
    /// Its key.
    pub key: ProvingKey,
    /// The first observation of `input.json`.
    pub witness: WitnessFile,
}

/// The trained models of the repository.
#[must_use]
pub fn models() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("network.onnx").exists());
    folders.sort();
    folders
}

/// Settings of the model in a folder: calibrated on `calibration.json` or, where that is missing, on
/// `input.json`.
#[must_use]
pub fn settings(folder: &Path, model: &OnnxModel, target: Target, args: &RunArgs) -> Settings {
    let data = ["calibration.json", "input.json"].map(|name| folder.join(name));
    let data = data.iter().find(|path| path.exists()).unwrap();
    let data = InputData::read(data).unwrap();
    let settings = provenn::gen_settings(model, args).unwrap();
    provenn::calibrate_settings(model, &settings, &data, target).unwrap()
}

/// From `network.onnx` and `input.json` in a folder.
#[must_use]
pub fn prepare(folder: &Path, target: Target, args: &RunArgs) -> Prepared {
    let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
    let compiled =
        provenn::compile_circuit(&model, &settings(folder, &model, target, args)).unwrap();
    let srs = Srs::draw_insecure(compiled.shape().k, OsRng).unwrap();
    let key = provenn::setup(&compiled, &srs).unwrap();
    let input = InputData::read(&folder.join("input.json")).unwrap();
    let observation = input.observations(model.graph()).unwrap().swap_remove(0);
    let inputs = provenn::quantise_inputs(&compiled, &observation).unwrap();
    let witness = provenn::gen_witness(&compiled, &inputs.values).unwrap();
    Prepared { compiled, srs, key, witness }
}

/// CPU seconds of this process's living threads, to the nanosecond.
#[must_use]
pub fn cpu_seconds() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let nanoseconds = threads.map(|thread| -> u64 {
        let text = std::fs::read_to_string(thread.unwrap().path().join("schedstat"));
        text.ok().and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or(0)
    });
    std::time::Duration::from_nanos(nanoseconds.sum()).as_secs_f64()
}

/// From here on [`provenn::run::peak_rss_bytes`] is the peak of what follows.
pub fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Runs `work` so often that it takes a second, three times; the median of the CPU seconds of one run.
pub fn median_cpu_seconds(mut work: impl FnMut()) -> f64 {
    let before = cpu_seconds();
    work();
    let once = (cpu_seconds() - before).max(1e-6);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 1 to 100
    let times = (1.0 / once).ceil().clamp(1.0, 100.0) as u32;
    let mut seconds: Vec<f64> = (0..3)
        .map(|_| {
            let before = cpu_seconds();
            (0..times).for_each(|_| work());
            (cpu_seconds() - before) / f64::from(times)
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[1]
}

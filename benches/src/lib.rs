//! What benches share: models made ready to be proven, and measurements of this process.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)] // a bench reports by panicking

use provenn::{
    CompiledCircuit, InputData, OnnxModel, ProvingKey, RunArgs, Settings, Srs, Target, Tensor,
    WitnessFile,
};
use rand_core::OsRng;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    pub observation: Vec<Tensor>,
    /// Of that observation.
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

/// The model in a folder.
#[must_use]
pub fn load(folder: &Path) -> OnnxModel {
    OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap()
}

/// From `network.onnx` and `input.json` in a folder.
#[must_use]
pub fn prepare(folder: &Path, target: Target, args: &RunArgs) -> Prepared {
    let model = load(folder);
    prepare_with(folder, &model, &settings(folder, &model, target, args))
}

/// The same with given settings.
#[must_use]
pub fn prepare_with(folder: &Path, model: &OnnxModel, settings: &Settings) -> Prepared {
    let compiled = provenn::compile_circuit(model, settings).unwrap();
    let srs = Srs::draw_insecure(compiled.shape().k, OsRng).unwrap();
    let key = provenn::setup(&compiled, &srs).unwrap();
    let input = InputData::read(&folder.join("input.json")).unwrap();
    let observation = input.observations(model.graph()).unwrap().swap_remove(0);
    let inputs = provenn::quantise_inputs(&compiled, &observation).unwrap();
    let witness = provenn::gen_witness(&compiled, &inputs.values).unwrap();
    Prepared { compiled, srs, key, observation, witness }
}

/// Whether this is a run that only shows that the bench works, and the folders to measure: those of the
/// repository (one of them in such a run) and those named on the command line.
#[must_use]
pub fn arguments() -> (bool, Vec<PathBuf>) {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let smoke = arguments.iter().any(|a| a == "--test");
    let mut folders = models();
    if smoke {
        folders.truncate(1);
    }
    folders.extend(arguments.iter().filter(|a| !a.starts_with("--")).map(PathBuf::from));
    (smoke, folders)
}

/// Tells a child process its case.
const CASE: &str = "PROVENN_BENCH_CASE";

/// Measures a case in a process of its own, so that its peak memory is its own.
///
/// # Panics
/// If the child fails.
pub fn in_child<C: Serialize, M: DeserializeOwned>(case: &C, variables: &[(&str, &str)]) -> M {
    let case = serde_json::to_string(case).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(CASE, &case).envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    eprint!("{text}"); // progress
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

/// In a child process: measures its case, says what was measured, and returns true.
pub fn is_child<C: DeserializeOwned, M: Serialize>(measure: impl Fn(&C) -> M) -> bool {
    let Ok(case) = std::env::var(CASE) else { return false };
    println!("{}", serde_json::to_string(&measure(&serde_json::from_str(&case).unwrap())).unwrap());
    true
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

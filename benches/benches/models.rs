//! Proving and verifying every trained model of the repository.
#![allow(missing_docs, clippy::unwrap_used)] // a bench reports by panicking

use criterion::{Criterion, criterion_group, criterion_main};
use provenn::{InputData, OnnxModel, RunArgs, Srs, Target, VerifyOptions};
use rand_core::OsRng;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn models(criterion: &mut Criterion) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("network.onnx").exists());
    folders.sort();
    let mut group = criterion.benchmark_group("models");
    group.sample_size(10);
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
        let data = InputData::read(&folder.join("calibration.json")).unwrap();
        let settings = provenn::gen_settings(&model, &RunArgs::default()).unwrap();
        let settings =
            provenn::calibrate_settings(&model, &settings, &data, Target::Resources).unwrap();
        let compiled = provenn::compile_circuit(&model, &settings).unwrap();
        let srs = Srs::draw_insecure(compiled.shape().k, OsRng).unwrap();
        let key = provenn::setup(&compiled, &srs).unwrap();
        let observation = data.observations(model.graph()).unwrap().swap_remove(0);
        let inputs = provenn::quantise_inputs(&compiled, &observation).unwrap();
        let witness = provenn::gen_witness(&compiled, &inputs.values).unwrap();
        let prove = || provenn::prove(&compiled, &key, &srs, &witness, OsRng).unwrap();
        group.bench_function(format!("{name}/prove"), |b| b.iter(prove));
        let proof = prove();
        let options = VerifyOptions { allow_insecure_srs: true };
        group.bench_function(format!("{name}/verify"), |b| {
            b.iter(|| proof.verify(key.verifying_key(), srs.verifier(), options).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, models);
criterion_main!(benches);

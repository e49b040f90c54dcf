//! Each stage of the workflow on the digits CNN.
#![allow(missing_docs, clippy::unwrap_used)] // a bench reports by panicking

use criterion::{Criterion, criterion_group, criterion_main};
use provenn::{InputData, OnnxModel, RunArgs, Srs, Target, VerifyOptions};
use rand_core::OsRng;
use std::collections::BTreeMap;
use std::path::Path;

fn stages(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/digits_cnn");
    let mut group = criterion.benchmark_group("stages");
    group.sample_size(10);

    let import = || OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
    group.bench_function("import", |b| b.iter(import));
    let model = import();
    let data = InputData::read(&folder.join("calibration.json")).unwrap();
    let settings = provenn::gen_settings(&model, &RunArgs::default()).unwrap();
    let calibrate =
        || provenn::calibrate_settings(&model, &settings, &data, Target::Resources).unwrap();
    group.bench_function("calibrate", |b| b.iter(calibrate));
    let settings = calibrate();
    let compile = || provenn::compile_circuit(&model, &settings).unwrap();
    group.bench_function("compile", |b| b.iter(compile));
    let compiled = compile();
    let k = compiled.params().k;
    group.bench_function("gen_srs", |b| b.iter(|| Srs::draw_insecure(k, OsRng).unwrap()));
    let srs = Srs::draw_insecure(k, OsRng).unwrap();
    group.bench_function("setup", |b| b.iter(|| provenn::setup(&compiled, &srs).unwrap()));
    let key = provenn::setup(&compiled, &srs).unwrap();
    let observation = data.observations(model.graph()).unwrap().swap_remove(0);
    let witness = || {
        let inputs = provenn::quantise_inputs(&compiled, &observation).unwrap();
        provenn::gen_witness(&compiled, &inputs.values).unwrap()
    };
    group.bench_function("witness", |b| b.iter(witness));
    let witness = witness();
    group.bench_function("mock", |b| b.iter(|| provenn::mock(&compiled, &witness).unwrap()));
    let prove = || provenn::prove(&compiled, &key, &srs, &witness, OsRng).unwrap();
    group.bench_function("prove", |b| b.iter(prove));
    let proof = prove();
    let options = VerifyOptions::allowing_insecure_srs();
    group.bench_function("verify", |b| {
        b.iter(|| proof.verify(key.verifying_key(), srs.verifier(), options).unwrap())
    });
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);

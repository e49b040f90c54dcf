//! Classical models, from the file to a proof.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use provenn::{InputData, OnnxModel, RunArgs, Srs, Target, calibrate_settings, gen_settings};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::path::Path;

/// One tree, three libraries' ensembles, a support vector machine, and a forest as tensor operators in three forms.
const PROVED: [&str; 9] = [
    "decision_tree",
    "xgboost_binary",
    "catboost_binary",
    "random_forest",
    "svm_rbf",
    "forest_by_products",
    "forest_by_traversal",
    "forest_by_perfect_traversal",
    "forest_by_traversal_of_measurements",
];

#[test]
fn classical_models_are_proved() {
    for name in PROVED {
        let folder =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/classical").join(name);
        let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
        let data = InputData::read(&folder.join("calibration.json")).unwrap();
        let args = RunArgs { bits: Some(16), low_bits: Some(8), ..RunArgs::default() };
        let settings = gen_settings(&model, &args).unwrap();
        let settings = calibrate_settings(&model, &settings, &data, Target::Resources).unwrap();
        let compiled = provenn::compile_circuit(&model, &settings).unwrap();
        let held = InputData::read(&folder.join("expected.json")).unwrap();
        let observation = &held.observations(model.graph()).unwrap()[0];
        let inputs = provenn::quantise_inputs(&compiled, observation).unwrap();
        let witness = provenn::gen_witness(&compiled, &inputs.values).unwrap();
        let seeded = || ChaCha20Rng::seed_from_u64(0);
        let srs = Srs::draw_insecure(compiled.params().k, seeded()).unwrap();
        let key = provenn::setup(&compiled, &srs).unwrap();
        provenn::prove(&compiled, &key, &srs, &witness, seeded()).unwrap();
    }
}

/// Who makes a key from the model has to get the same key: names are part of it.
#[test]
fn a_model_is_the_same_graph_each_time_it_is_read() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/classical/svm_rbf");
    let read = || OnnxModel::load(&file.join("network.onnx"), &BTreeMap::new()).unwrap();
    let first = read();
    for _ in 0..12 {
        assert!(read().graph() == first.graph());
    }
}

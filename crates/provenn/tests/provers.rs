//! Both provers on every trained model: one verifier accepts both.
#![allow(clippy::unwrap_used, clippy::panic)]

use provenn::{
    InputData, OnnxModel, ProveOptions, ProverKind, RunArgs, Srs, Target, VerifyOptions,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::path::Path;

fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name);
    let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
    let data = InputData::read(&folder.join("calibration.json")).unwrap();
    let settings = provenn::gen_settings(&model, &RunArgs::default()).unwrap();
    let settings =
        provenn::calibrate_settings(&model, &settings, &data, Target::Resources).unwrap();
    let compiled = provenn::compile_circuit(&model, &settings).unwrap();
    let rng = |seed| ChaCha20Rng::seed_from_u64(seed);
    let srs = Srs::draw_insecure(compiled.shape().k, rng(1)).unwrap();
    let key = provenn::setup(&compiled, &srs).unwrap();
    let observation = data.observations(model.graph()).unwrap().swap_remove(0);
    let inputs = provenn::quantise_inputs(&compiled, &observation).unwrap();
    let witness = provenn::gen_witness(&compiled, &inputs.values).unwrap();
    let prove = |prover, max_memory, srs: &Srs| {
        let options = ProveOptions { prover, max_memory };
        let proved = provenn::prove_with(&compiled, &key, srs, &witness, options, rng(2)).unwrap();
        let allow = VerifyOptions { allow_insecure_srs: true };
        proved.file.verify(key.verifying_key(), srs.verifier(), allow).unwrap();
        proved
    };
    let ours = prove(ProverKind::Own, None, &srs);
    assert!(ours.quotient_blinded && !ours.seconds.is_empty());
    // The same generator, less memory: the same proof.
    assert_eq!(prove(ProverKind::Own, Some(1), &srs).file, ours.file);
    let stock = prove(ProverKind::Stock, None, &srs);
    assert!(!stock.quotient_blinded);
    assert_eq!(stock.file.instances, ours.file.instances);
    assert_eq!(stock.file.hex_proof.len(), ours.file.hex_proof.len());

    // A bare file of exactly this k: the proof stands, the report says what it lacks.
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("raw.srs");
    srs.write_raw(&path).unwrap();
    assert!(!prove(ProverKind::Own, None, &Srs::read(&path).unwrap()).quotient_blinded);
}

#[test]
fn networks_on_digits() {
    ["digits_cnn", "digits_lenet", "digits_resnet"].into_iter().for_each(check);
}

#[test]
fn tabular_models() {
    ["breast_cancer_logistic", "breast_cancer_mlp", "diabetes_linear"].into_iter().for_each(check);
}

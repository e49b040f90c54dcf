//! What makes a circuit: a model, settings, data.

use crate::honest::{Claimed, Honest, allow};
use provenn::{CommitmentPaths, InputData, OnnxModel, RunArgs};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub(crate) fn onnx(_: &Honest, path: &Path) {
    if let Ok(model) = OnnxModel::load(path, &BTreeMap::new()) {
        let _ = provenn::gen_settings(&model, &RunArgs::default());
    }
    // Whoever checks a claim is given its model.
    if let Ok(bytes) = provenn::claim::counting_model(path, None) {
        fs::write(path, bytes).unwrap();
        let _ = OnnxModel::load(path, &BTreeMap::new());
    }
}

pub(crate) fn settings(honest: &Honest, path: &Path) {
    if let Ok(settings) = provenn::run::read_settings(path) {
        let _ = provenn::compile_circuit(&honest.onnx, &settings);
    }
    // A verifier compares them with the key, or the copy that `export-verifier` makes.
    let [proof, key, srs] = ["proof.json", "vk.key", "verifier.srs"].map(|name| honest.path(name));
    let none = CommitmentPaths::default();
    let _ = provenn::run::verify_files(&proof, Some(path), &key, &srs, &none, allow());
}

/// Of every format whose first bytes they are; a text is read as each kind of text.
pub(crate) fn data(honest: &Honest, path: &Path) {
    let bytes = fs::read(path).unwrap();
    let extensions: &[&str] = match bytes.get(..2) {
        Some(b"\x93N") => &["npy"],
        Some(b"PK") => &["npz"],
        _ => &["json", "jsonl"],
    };
    for extension in extensions {
        let path = path.with_extension(extension);
        fs::write(&path, &bytes).unwrap();
        let _ = InputData::read_labels(&path);
        let compiled = &honest.fixed.compiled;
        let read = InputData::read(&path);
        if let Ok(data) = &read {
            let Claimed { key, srs, secret, .. } = &honest.claimed;
            let _ = provenn::claim::committed_data_digest(key, data, srs, secret);
        }
        if let Ok(data) = read
            && let Ok(tensors) = data.first_observation(compiled.graph())
            && let Ok(inputs) = provenn::quantise_inputs(compiled, &tensors)
        {
            let _ = provenn::gen_witness(compiled, &inputs.values);
        }
    }
}

//! What makes a circuit: a model, settings, data.

use crate::honest::Honest;
use provenn::{InputData, OnnxModel, RunArgs};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub(crate) fn onnx(_: &Honest, path: &Path) {
    if let Ok(model) = OnnxModel::load(path, &BTreeMap::new()) {
        let _ = provenn::gen_settings(&model, &RunArgs::default());
    }
}

pub(crate) fn settings(honest: &Honest, path: &Path) {
    if let Ok(settings) = provenn::run::read_settings(path) {
        let _ = provenn::compile_circuit(&honest.onnx, &settings);
    }
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
        if let Ok(data) = InputData::read(&path)
            && let Ok(tensors) = data.first_observation(compiled.graph())
            && let Ok(inputs) = provenn::quantise_inputs(compiled, &tensors)
        {
            let _ = provenn::gen_witness(compiled, &inputs.values);
        }
    }
}

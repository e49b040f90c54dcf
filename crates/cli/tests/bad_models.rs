//! Models that cannot be read: one line that names the file and says what to do.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use std::fs::File;
use support::onnx::model;
use support::{fails, models};
use tempfile::TempDir;

fn refused(bytes: &[u8]) -> String {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("network.onnx"), bytes).unwrap();
    let error = fails(folder.path(), "gen-settings -M network.onnx -O settings.json");
    assert!(error.contains("network.onnx"), "{error}");
    assert!(!folder.path().join("settings.json").exists());
    error
}

#[test]
fn handmade_models_are_models() {
    let folder = TempDir::new().unwrap();
    let bytes = model(&[("Relu", "a"), ("Tanh", "b")], Some(&["1", "3"]));
    std::fs::write(folder.path().join("network.onnx"), bytes).unwrap();
    support::succeeds(folder.path(), "gen-settings -M network.onnx -O settings.json");
}

#[test]
fn missing_extents_and_shapes() {
    let error = refused(&model(&[("Relu", "a")], Some(&["batch", "width"])));
    assert!(error.contains("-V batch=VALUE,width=VALUE"), "{error}");
    let error = refused(&model(&[("Relu", "a")], None));
    assert!(error.contains("no shape") && error.contains('x'), "{error}");
    let folder = TempDir::new().unwrap();
    let bytes = model(&[("Relu", "a")], Some(&["batch", "width"]));
    std::fs::write(folder.path().join("network.onnx"), bytes).unwrap();
    let arguments = "gen-settings -M network.onnx -V batch=1,width=3";
    support::succeeds(folder.path(), arguments);
}

#[test]
fn every_unsupported_operator_is_listed_with_its_node() {
    let nodes = [("Relu", "fine"), ("Sin", "first"), ("Relu", "also"), ("Acosh", "second")];
    let error = refused(&model(&nodes, Some(&["1", "3"])));
    for expected in ["first", "Sin", "second", "Acosh"] {
        assert!(error.contains(expected), "{expected} is not in: {error}");
    }
    assert!(!error.contains("fine") && !error.contains("also"), "{error}");
}

#[test]
fn damaged_files() {
    for bytes in [vec![], b"not a model".to_vec(), vec![0xff; 1000], vec![0; 1000]] {
        refused(&bytes);
    }
    let honest = std::fs::read(models().join("digits_cnn/network.onnx")).unwrap();
    for part in [1, 2, 3, 5, 9] {
        refused(&honest[..honest.len() * part / 10]);
    }
    // A flipped bit may be a weight's: then the model is another one, and imports.
    for at in (0..honest.len()).step_by(honest.len() / 24) {
        let mut flipped = honest.clone();
        flipped[at] ^= 0x40;
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("network.onnx"), flipped).unwrap();
        let output = support::provenn(folder.path(), "table -M network.onnx");
        if output.status.code() != Some(0) {
            let error = fails(folder.path(), "table -M network.onnx");
            assert!(error.contains("network.onnx"), "{error}");
        }
    }
}

#[test]
fn huge_files_are_refused_by_their_size() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("network.onnx");
    File::create(&path).unwrap().set_len(1 << 40).unwrap();
    let error = fails(folder.path(), "table -M network.onnx");
    assert!(error.contains("network.onnx") && error.contains("1099511627776"), "{error}");
    assert!(error.contains("limit"), "{error}");
    let data = folder.path().join("input.json");
    File::create(&data).unwrap().set_len(1 << 40).unwrap();
    let model = models().join("diabetes_linear/network.onnx");
    let error = fails(folder.path(), &format!("run -M {} -D input.json", model.display()));
    assert!(error.contains("input.json") && error.contains("1099511627776"), "{error}");
}

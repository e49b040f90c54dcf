//! Models that cannot be read: one line that names the file and says what to do.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use std::fs::File;
use support::onnx::{model, named_output, with_weights_in};
use support::{fails, models, provenn, succeeds};
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
    succeeds(folder.path(), "gen-settings -M network.onnx -O settings.json");
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
    succeeds(folder.path(), arguments);
}

/// Where only the number of observations is open, one is taken; that is said once and then stands in the settings.
#[test]
fn an_open_number_of_observations_is_one() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    std::fs::write(at.join("network.onnx"), model(&[("Relu", "a")], Some(&["n", "3"]))).unwrap();
    let made = provenn(at, "gen-settings -M network.onnx");
    let said = String::from_utf8(made.stderr).unwrap();
    assert!(said.starts_with("note: ") && said.contains("-V n=N"), "{said}");
    let settings = std::fs::read_to_string(at.join("settings.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&settings).unwrap();
    assert_eq!(settings["run_args"]["variables"]["n"], 1);
    let compiled = provenn(at, "compile-circuit");
    assert!(compiled.status.success() && compiled.stderr.is_empty(), "{compiled:?}");
    succeeds(at, "gen-settings -V n=2");
}

/// Weights beside the model belong to it: settings and circuits of the old ones are of another model.
#[test]
fn changed_weights_are_another_model() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let weights = |numbers: [f32; 2]| {
        std::fs::write(at.join("w.bin"), numbers.map(f32::to_le_bytes).concat()).unwrap();
    };
    std::fs::write(at.join("network.onnx"), with_weights_in("w.bin")).unwrap();
    std::fs::write(at.join("calibration.json"), "[[1, 2], [-1, 0.5]]").unwrap();
    weights([0.5, 2.0]);
    let digest = succeeds(at, "digest -q network.onnx");
    succeeds(at, "gen-settings");
    succeeds(at, "compile-circuit");
    weights([0.5, 3.0]);
    assert_ne!(digest, succeeds(at, "digest -q network.onnx"));
    for command in
        ["compile-circuit", "calibrate-settings", "quantization-error -D calibration.json"]
    {
        let error = fails(at, command);
        assert!(error.contains("settings.json") && error.contains("made for model"), "{error}");
    }
    weights([0.5, 2.0]);
    assert_eq!(digest, succeeds(at, "digest -q network.onnx"));
    succeeds(at, "compile-circuit");
    std::fs::remove_file(at.join("w.bin")).unwrap();
    assert!(refused(&with_weights_in("w.bin")).contains("w.bin"));
}

/// Keys carry the names of what is public: too long a name is found before any work.
#[test]
fn names_that_no_key_can_carry_are_refused_at_once() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("w.bin"), [0; 8]).unwrap();
    let path = folder.path().join("network.onnx");
    std::fs::write(&path, named_output(&"y".repeat(1024), "w.bin")).unwrap();
    succeeds(folder.path(), "gen-settings");
    std::fs::write(&path, named_output(&"y".repeat(1200), "w.bin")).unwrap();
    let error = fails(folder.path(), "gen-settings");
    assert!(error.contains("1200 bytes") && error.len() < 300, "{error}");
}

#[test]
fn every_unsupported_operator_is_listed_with_its_node() {
    let nodes =
        [("Relu", "fine"), ("NonZero", "first"), ("Relu", "also"), ("Multinomial", "second")];
    let error = refused(&model(&nodes, Some(&["1", "3"])));
    for expected in ["first", "NonZero", "second", "Multinomial"] {
        assert!(error.contains(expected), "{expected} is not in: {error}");
    }
    assert!(!error.contains("fine") && !error.contains("also"), "{error}");
}

/// The book's list of what is missing is neither too long nor wrong about what works.
#[test]
fn operators_that_the_book_calls_missing_are_refused_and_no_others() {
    let page = models().join("../docs/src/migrating.md");
    let page = std::fs::read_to_string(page).unwrap();
    let section = page.split("## Operators").nth(1).unwrap().split("\n## ").next().unwrap();
    let names: Vec<&str> = section.split('`').skip(1).step_by(2).collect();
    assert!(!names.is_empty(), "{section}");
    for name in names {
        let works = [
            "Relu",
            "Gelu",
            "HardSwish",
            "Sigmoid",
            "Tanh",
            "Gemm",
            "LayerNormalization",
            "InstanceNormalization",
        ];
        let works = works.contains(&name);
        let folder = TempDir::new().unwrap();
        let bytes = model(&[(name, "node")], Some(&["1", "3"]));
        std::fs::write(folder.path().join("network.onnx"), bytes).unwrap();
        match (works, name) {
            // One input does not make a product or a normalisation; a domain is no operator.
            (_, "Gemm" | "LayerNormalization" | "InstanceNormalization" | "ai.onnx.ml") => {}
            (true, _) => drop(succeeds(folder.path(), "table")),
            (false, _) => {
                let error = fails(folder.path(), "table");
                assert!(error.contains(&format!("node ({name})")), "{error}");
            }
        }
    }
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

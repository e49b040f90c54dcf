//! `run` and its folder: whole or not at all, whoever else works there.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{fails, model, models, proven, succeeds};
use tempfile::TempDir;

const ARTEFACTS: [&str; 7] = [
    "kzg.srs",
    "model.compiled",
    "pk.key",
    "proof.json",
    "settings.json",
    "vk.key",
    "witness.json",
];

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn start(folder: &Path, arguments: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_provenn"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What a verifier may be given: three files, none with the ranges of the model.
#[test]
fn a_run_writes_what_a_verifier_needs() {
    let folder = proven();
    let at = folder.path();
    succeeds(at, "run --out out --verifier public");
    assert_eq!(names(&at.join("public")), ["kzg.srs", "settings.json", "vk.key"]);
    let copy = std::fs::read_to_string(at.join("public/settings.json")).unwrap();
    assert!(!copy.contains("ranges") && copy.contains("settings_digest"), "{copy}");
    let verify = "verify --proof-path ../out/proof.json -S settings.json --allow-insecure-srs";
    succeeds(&at.join("public"), verify);
    // A prover's folder is no place for it.
    let error = fails(at, "run --out other --verifier out");
    assert!(error.contains("holds") && !at.join("other").exists(), "{error}");
    assert!(fails(at, "run --out same --verifier same").contains("--verifier"));
}

#[test]
fn runs_that_share_a_folder_do_not_mix_their_files() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    for file in ["network.onnx", "calibration.json"] {
        std::fs::copy(model(file), at.join(file)).unwrap();
    }
    for turn in 0..2 {
        let runs: Vec<Child> = (0..3)
            .map(|i| {
                succeeds(at, &format!("gen-random-data -D input{i}.json --seed {i}"));
                start(at, &format!("run -D input{i}.json --out deep/out"))
            })
            .collect();
        for mut run in runs {
            assert!(run.wait().unwrap().success(), "turn {turn}");
        }
        assert_eq!(names(&at.join("deep/out")), ARTEFACTS, "turn {turn}");
        assert_eq!(names(&at.join("deep")), ["out"], "turn {turn}");
        let verify = "verify --proof-path proof.json -S settings.json --allow-insecure-srs";
        succeeds(&at.join("deep/out"), verify);
        succeeds(&at.join("deep/out"), "mock");
    }
}

#[test]
fn a_run_that_fails_leaves_no_folder_and_names_the_file_at_fault() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    std::fs::copy(model("network.onnx"), at.join("network.onnx")).unwrap();
    std::fs::copy(model("input.json"), at.join("input.json")).unwrap();
    std::fs::write(at.join("calibration.json"), "{\"input_data\": [[1, 2, 3]]}").unwrap();
    let before = names(at);
    let error = fails(at, "run --calibration calibration.json");
    assert!(error.contains("calibration.json") && !error.contains("input.json"), "{error}");
    let error = fails(at, "run -D calibration.json --calibration input.json");
    assert!(error.contains("calibration.json") && !error.contains("input.json"), "{error}");
    fails(at, "run -M absent.onnx");
    assert_eq!(names(at), before);
    // What stood in the folder still does.
    std::fs::create_dir(at.join("out")).unwrap();
    std::fs::write(at.join("out/notes"), "mine").unwrap();
    fails(at, "run --calibration calibration.json");
    assert_eq!(names(&at.join("out")), ["notes"]);
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    for file in ["network.onnx", "input.json"] {
        std::fs::copy(models().join("digits_cnn").join(file), at.join(file)).unwrap();
    }
    let before = names(at);
    let mut run = start(at, "run");
    let begun = Instant::now();
    while names(at) == before && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_ne!(names(at), before, "the run did not begin");
    let pid = run.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(run.wait().unwrap().code(), Some(130));
    assert_eq!(names(at), before);
}

#[test]
fn the_test_srs_of_a_run_replaces_no_other() {
    let folder = proven();
    let at = folder.path();
    // Halo2's raw format says nothing of its origin: it counts as a ceremony's.
    let own = std::fs::read(at.join("kzg.srs")).unwrap();
    let k = u32::from_le_bytes(own[57..61].try_into().unwrap());
    let raw = &own[57..57 + 4 + (128 << k) + 256];
    std::fs::write(at.join("kzg.srs"), raw).unwrap();
    let error = fails(at, "run --out .");
    assert!(error.contains("kzg.srs") && error.contains("--out"), "{error}");
    assert!(raw == std::fs::read(at.join("kzg.srs")).unwrap());
}

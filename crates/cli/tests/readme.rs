//! The README's step-by-step workflow, as it stands there.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use std::path::Path;
use support::{models, succeeds};
use tempfile::TempDir;

/// Lines of the README's section that call the command line, without comments.
fn commands() -> Vec<String> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = std::fs::read_to_string(readme).unwrap();
    let section = text.split("## Step by step").nth(1).unwrap().split("\n## ").next().unwrap();
    let section = section.split("How faithful").next().unwrap();
    let lines = section.lines().filter_map(|line| line.strip_prefix("provenn "));
    lines.map(|line| line.split('#').next().unwrap().trim().to_owned()).collect()
}

#[test]
fn the_steps_work_as_written() {
    let (prover, verifier) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    for file in ["network.onnx", "input.json", "calibration.json"] {
        std::fs::copy(models().join("digits_cnn").join(file), prover.path().join(file)).unwrap();
    }
    let commands = commands();
    assert_eq!(commands.len(), 9, "{commands:?}");
    let (verify, steps) = commands.split_last().unwrap();
    for step in steps {
        succeeds(prover.path(), step);
    }
    for file in ["proof.json", "settings.json", "vk.key", "kzg.srs"] {
        std::fs::copy(prover.path().join(file), verifier.path().join(file)).unwrap();
    }
    assert_eq!(succeeds(verifier.path(), verify), "verified\n");
}

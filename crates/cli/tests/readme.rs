//! The README's command lines, as they stand there. Those that run examples are run by a test of the crate that
//! has them; every other line is run here.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use support::models;
use tempfile::TempDir;

/// The sections' shell blocks, in order: name, text.
fn sections() -> Vec<(String, String)> {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = std::fs::read_to_string(readme).unwrap();
    let sections = text.split("\n## ").map(|section| {
        let name = section.lines().next().unwrap().to_owned();
        let blocks = section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
        (name, blocks.collect())
    });
    sections.filter(|(_, blocks): &(_, String)| !blocks.is_empty()).collect()
}

/// What `cargo` does for a reader of the README: runs this program. Tests and installation are not begun anew.
const CARGO: &str = r#"#!/bin/sh
case "$*" in
  "run --release -p provenn-cli -- "*) shift 5; exec provenn "$@" ;;
  "test --workspace"*) exit 0 ;;
  *) echo "no such line is expected: cargo $*" >&2; exit 1 ;;
esac
"#;

/// A folder with the repository's models, and one with the programs.
fn checkout() -> (TempDir, TempDir) {
    let (checkout, programs) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let copied = Command::new("cp")
        .arg("-r")
        .arg(models())
        .arg(checkout.path().join("models"))
        .status()
        .unwrap();
    assert!(copied.success());
    symlink(env!("CARGO_BIN_EXE_provenn"), programs.path().join("provenn")).unwrap();
    let cargo = programs.path().join("cargo");
    std::fs::write(&cargo, CARGO).unwrap();
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
    (checkout, programs)
}

#[test]
fn every_line_works_as_written() {
    let sections = sections();
    let names: Vec<_> = sections.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Two commands", "Step by step", "As a library"]);
    let (checkout, programs) = checkout();
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap());
    for (name, script) in &sections {
        if script.contains("--example") {
            assert!(!script.contains("provenn-cli"), "{name} mixes examples with commands");
            continue;
        }
        let output = Command::new("sh")
            .args(["-e", "-c", script])
            .current_dir(checkout.path())
            .env("PATH", &path)
            .output()
            .unwrap();
        let (said, errors) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{name}: {errors}");
        assert!(said.lines().any(|line| line.starts_with("verified")), "{name}: {said}");
    }
}

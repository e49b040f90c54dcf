//! The README's library section, line by line as it stands there.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn lines() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let section = text.split("## As a library").nth(1).unwrap();
    let block = section.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    block.lines().map(str::to_owned).collect()
}

/// The folder that `cargo test` puts examples in, beside this test's own.
fn examples() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().parent().unwrap().join("examples")
}

/// A line that runs an example, with the program in the place of `cargo run`, so that nothing is built again.
fn runnable(line: &str) -> String {
    let Some((package, rest)) =
        line.strip_prefix("cargo run --release -p ").and_then(|rest| rest.split_once(' '))
    else {
        return line.to_owned();
    };
    let rest = rest.trim_start_matches("--no-default-features ");
    let (example, arguments) =
        rest.strip_prefix("--example ").and_then(|rest| rest.split_once(" -- ")).unwrap();
    let program = examples().join(example);
    if !program.exists() {
        // Of another package, which is not under test.
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--offline", "-p", package, "--example", example])
            .current_dir(root())
            .status();
        assert!(built.unwrap().success(), "{package}, {example}");
    }
    format!("'{}' {arguments}", program.display())
}

#[test]
fn the_library_section_works_as_written() {
    let folder = TempDir::new().unwrap();
    for model in ["diabetes_linear", "digits_cnn"] {
        let to = folder.path().join("models").join(model);
        std::fs::create_dir_all(&to).unwrap();
        for file in ["network.onnx", "input.json", "calibration.json"] {
            std::fs::copy(root().join("models").join(model).join(file), to.join(file)).unwrap();
        }
    }
    let lines = lines();
    assert_eq!(lines.len(), 4, "{lines:?}");
    for line in &lines {
        let output = Command::new("sh")
            .args(["-c", &runnable(line)])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let [said, complaint] =
            [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(output.status.success(), "{line}: {complaint}");
        assert!(
            !said.contains("refused"),
            "{line}: {said}; an example of provenn-proof that an earlier build left may be out of date: \
             test the workspace, or build it again"
        );
        assert_eq!(
            line.contains("verifier_service"),
            said.contains("accepted: "),
            "{line}: {said}"
        );
    }
}

#[test]
fn the_verifier_links_neither_prover_nor_model() {
    let tree = |features: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--offline", "-p", "provenn-proof", "--prefix", "none", "-e", "all"])
            .args(features)
            .current_dir(root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let names = text.lines().filter_map(|line| line.split(' ').next());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let foreign = |name: &&String| {
        name.starts_with("tract")
            || ["provenn", "provenn-onnx-ir", "provenn-fixed-point", "provenn-circuit"]
                .contains(&name.as_str())
            || ["provenn-prover", "provenn-simd"].contains(&name.as_str())
    };
    assert_eq!(tree(&["--no-default-features"]).iter().find(foreign), None);
    // The same list finds the prover where it is.
    assert!(tree(&[]).iter().any(|name| name == "provenn-prover"));
}

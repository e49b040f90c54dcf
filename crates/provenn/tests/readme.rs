//! The README's library section, line by line as it stands there.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use std::collections::BTreeSet;
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
            "{line}: {said}; an example of provenn-verifier that an earlier build left may be out of date: \
             test the workspace, or build it again"
        );
        assert_eq!(
            line.contains("verifier_service"),
            said.contains("accepted: "),
            "{line}: {said}"
        );
    }
}

/// Names of the packages in a tree of dependencies, each with its version.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--prefix", "none", "--no-dedupe"])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// What a verifier must not link, nor its tests: model, weights, planner, prover.
fn foreign(package: &str) -> bool {
    let name = package.split(' ').next().unwrap();
    let ours = ["provenn-artefact", "provenn-escape", "provenn-gadgets", "provenn-verifier"];
    name.starts_with("tract") || (name.starts_with("provenn") && !ours.contains(&name))
}

#[test]
fn the_verifier_links_neither_prover_nor_model() {
    let verifier = tree(&["-p", "provenn-verifier", "-e", "all"]);
    assert_eq!(verifier.iter().find(|package| foreign(package)), None);
    // The same list finds the prover where it is.
    let prover = tree(&["-p", "provenn-proof", "-e", "all"]);
    assert!(prover.iter().any(|package| package.starts_with("provenn-prover ")));
    assert!(prover.iter().any(|package| foreign(package)));
    // Threads are no part of it: halo2 with them does not compile for every target of a verifier.
    let features = tree(&["-p", "provenn-verifier", "-e", "normal,features"]);
    let halo2 = |feature: &str| format!("halo2-axiom feature \"{feature}\"");
    assert!(features.contains(&halo2("circuit-params")), "{features:?}");
    assert!(!features.contains(&halo2("multicore")), "{features:?}");
}

#[test]
fn a_program_may_bring_its_own_randomness() {
    let wasm =
        ["-p", "provenn-verifier", "-e", "normal,features", "--target", "wasm32-unknown-unknown"];
    // Two registrations do not link: ours can be left out.
    let registers = |features: BTreeSet<String>| {
        features.contains("provenn-verifier feature \"refuse-randomness\"")
            || features.contains("getrandom feature \"custom\"")
    };
    assert!(registers(tree(&wasm)));
    assert!(!registers(tree(&[&wasm[..], &["--no-default-features"]].concat())));
}

#[test]
fn the_book_counts_what_the_verifier_links() {
    let page = std::fs::read_to_string(root().join("docs/src/architecture.md")).unwrap();
    let count =
        |target| tree(&["-p", "provenn-verifier", "-e", "normal", "--target", target]).len();
    let [system, wasm] = ["x86_64-unknown-linux-gnu", "wasm32-unknown-unknown"].map(count);
    let said = format!("say {system} packages and {wasm}, three of them");
    assert!(page.contains(&said), "architecture.md should {said}");
}

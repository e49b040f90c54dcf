//! Running the command line in a folder, and a folder with every artefact.

pub(crate) mod onnx;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A file of the model that these tests use.
pub(crate) fn model(file: &str) -> PathBuf {
    models().join("diabetes_linear").join(file)
}

/// The repository's models.
pub(crate) fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

pub(crate) fn provenn(folder: &Path, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_provenn"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap()
}

pub(crate) fn succeeds(folder: &Path, arguments: &str) -> String {
    let output = provenn(folder, arguments);
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The one-line error; the exit code is one of those that the program documents, and nothing panicked.
pub(crate) fn fails(folder: &Path, arguments: &str) -> String {
    let (code, error) = fails_with(folder, arguments);
    assert!((1..=3).contains(&code), "{arguments}: exit code {code}: {error}");
    error
}

/// The exit code and the one-line error.
#[allow(dead_code)] // not every test looks at codes
pub(crate) fn fails_with(folder: &Path, arguments: &str) -> (i32, String) {
    let output = provenn(folder, arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    let code = output.status.code().unwrap();
    assert_ne!(code, 0, "{arguments}");
    let errors: Vec<_> = text.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{arguments}: {text}");
    assert!(!text.contains("panicked"), "{arguments}: {text}");
    // Nobody has to know what reads the model.
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    assert!(!words.any(|word| word.eq_ignore_ascii_case("tract")), "{arguments}: {text}");
    // A path or a stage is said once.
    let parts: Vec<&str> = errors[0].split(": ").collect();
    assert!(parts.windows(2).all(|pair| pair[0] != pair[1]), "{arguments}: {text}");
    (code, errors[0].to_owned())
}

/// A folder with every artefact of the step-by-step workflow.
pub(crate) fn proven() -> TempDir {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    for file in ["network.onnx", "input.json", "calibration.json"] {
        std::fs::copy(model(file), at.join(file)).unwrap();
    }
    succeeds(at, "gen-settings -M network.onnx -O settings.json");
    succeeds(
        at,
        "calibrate-settings -M network.onnx -D calibration.json -S settings.json --target resources",
    );
    let compiled = succeeds(
        at,
        "compile-circuit -M network.onnx -S settings.json --compiled-circuit model.compiled",
    );
    let k = compiled.trim().rsplit(' ').next().unwrap();
    succeeds(at, &format!("gen-srs --logrows {k} --srs-path kzg.srs"));
    succeeds(
        at,
        "setup --compiled-circuit model.compiled --srs-path kzg.srs --vk-path vk.key --pk-path pk.key",
    );
    succeeds(at, "gen-witness -D input.json --compiled-circuit model.compiled -O witness.json");
    succeeds(at, "mock -W witness.json --compiled-circuit model.compiled");
    succeeds(
        at,
        "prove -W witness.json --compiled-circuit model.compiled --pk-path pk.key --srs-path kzg.srs --proof-path proof.json",
    );
    folder
}

pub(crate) const VERIFY: &str =
    "verify --proof-path proof.json -S settings.json --vk-path vk.key --srs-path kzg.srs";

//! Files that are missing, in the wrong place or cannot be written.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use support::{fails, proven, succeeds};

/// Every reader, with its file's flag, and the step that makes the file.
const READERS: [(&str, &str, &str); 15] = [
    ("calibrate-settings", "-S", "gen-settings"),
    ("compile-circuit", "-S", "gen-settings"),
    ("setup", "--compiled-circuit", "compile-circuit"),
    ("setup", "--srs-path", "srs"),
    ("gen-witness", "--compiled-circuit", "compile-circuit"),
    ("mock", "--compiled-circuit", "compile-circuit"),
    ("mock", "-W", "gen-witness"),
    ("prove", "--compiled-circuit", "compile-circuit"),
    ("prove", "-W", "gen-witness"),
    ("prove", "--pk-path", "setup"),
    ("prove", "--srs-path", "srs"),
    ("inspect", "--compiled-circuit", "compile-circuit"),
    ("verify --allow-insecure-srs", "--proof-path", "prove"),
    ("verify --allow-insecure-srs", "--vk-path", "setup"),
    ("verify --allow-insecure-srs", "--srs-path", "srs"),
];

#[test]
fn a_missing_file_is_named_with_the_step_that_makes_it() {
    let folder = proven();
    for (command, flag, step) in READERS {
        let error = fails(folder.path(), &format!("{command} {flag} absent.file"));
        assert!(
            error.contains("absent.file") && error.contains(step),
            "{command} {flag}: expected {step} in: {error}"
        );
    }
}

#[test]
fn any_artefact_in_any_other_place_is_named() {
    let folder = proven();
    let files = [
        "settings.json",
        "model.compiled",
        "kzg.srs",
        "vk.key",
        "pk.key",
        "witness.json",
        "proof.json",
        "input.json",
        "network.onnx",
    ];
    let own = |flag: &str| match flag {
        "-S" => "settings.json",
        "--compiled-circuit" => "model.compiled",
        "--srs-path" => "kzg.srs",
        "--vk-path" => "vk.key",
        "--pk-path" => "pk.key",
        "-W" => "witness.json",
        _ => "proof.json",
    };
    let mut seen = std::collections::BTreeSet::new();
    for (command, flag, _) in READERS {
        if !seen.insert(flag) {
            continue; // one reader per kind of file
        }
        for file in files.into_iter().filter(|file| *file != own(flag)) {
            let error = fails(folder.path(), &format!("{command} {flag} {file}"));
            assert!(error.contains(file), "{command} {flag} {file}: {error}");
        }
    }
}

#[test]
fn outputs_that_cannot_be_written_are_named_and_nothing_is_left() {
    let folder = proven();
    let at = folder.path();
    std::fs::create_dir(at.join("folder")).unwrap();
    let before = names(at);
    for command in [
        "gen-settings -O",
        "compile-circuit --compiled-circuit",
        "gen-srs --logrows 5 --srs-path",
        "setup --vk-path",
        "setup --pk-path",
        "gen-witness -O",
        "prove --proof-path",
        "inspect --svg",
        "gen-random-data -D",
    ] {
        for target in ["folder", "nowhere/file"] {
            let error = fails(at, &format!("{command} {target}"));
            assert!(error.contains(target), "{command} {target}: {error}");
            assert!(!error.contains(".provenn-"), "{command} {target}: {error}");
            assert_eq!(error.matches(&format!("{target}: ")).count(), 1, "{error}");
        }
    }
    assert_eq!(names(at), before);
    assert_eq!(names(&at.join("folder")), Vec::<String>::new());
    succeeds(at, "mock");
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn settings_of_another_model_are_refused() {
    let folder = proven();
    let other = support::models().join("breast_cancer_logistic/network.onnx");
    for command in ["compile-circuit", "calibrate-settings -D calibration.json"] {
        let error = fails(folder.path(), &format!("{command} -M {}", other.display()));
        assert!(error.contains("settings") && error.contains("model"), "{command}: {error}");
        assert!(!error.contains("calibration.json"), "{command}: {error}");
        assert!(error.contains("settings.json"), "{command}: {error}");
    }
}

#[test]
fn one_json_object_per_line_on_request() {
    let folder = proven();
    let at = folder.path();
    for arguments in [
        "table",
        "gen-settings -O s.json",
        "calibrate-settings -S s.json",
        "compile-circuit -S s.json --compiled-circuit c",
        "gen-srs --logrows 5 --srs-path other.srs",
        "setup --vk-path v --pk-path p",
        "gen-witness -O w.json",
        "mock",
        "prove --proof-path p.json",
        "verify --allow-insecure-srs",
        "verify",
        "inspect",
        "gen-random-data -D r.json",
        "run --out o",
        "run --out o -D absent.json",
    ] {
        let output = support::provenn(at, &format!("--json {arguments}"));
        let lines = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        assert!(lines.iter().any(|text| !text.is_empty()), "{arguments} says nothing");
        for line in lines.iter().flat_map(|text| text.lines()) {
            let value: Result<serde_json::Value, _> = serde_json::from_str(line);
            assert!(value.is_ok_and(|v| v.is_object()), "{arguments}: {line}");
        }
    }
}

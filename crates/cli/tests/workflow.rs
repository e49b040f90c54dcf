//! The command line as prover and verifier use it, and what it says when they err.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

mod support;

use std::path::Path;
use support::{VERIFY, fails, model, proven, provenn, succeeds};
use tempfile::TempDir;

#[test]
fn every_step_works_and_the_verifier_needs_four_files() {
    let folder = proven();
    let at = folder.path();
    let verifier = TempDir::new().unwrap();
    for file in ["proof.json", "settings.json", "vk.key", "kzg.srs"] {
        std::fs::copy(at.join(file), verifier.path().join(file)).unwrap();
    }
    let said = succeeds(verifier.path(), &format!("{VERIFY} --allow-insecure-srs"));
    assert!(said.ends_with("\nverified\n"), "{said}");
    assert!(fails(verifier.path(), VERIFY).contains("--allow-insecure-srs"));

    succeeds(at, "table -M network.onnx");
    let inspection = succeeds(at, "--json inspect --svg layout.svg");
    assert!(inspection.contains("\"multiply_accumulates\":10"), "{inspection}");
    assert!(std::fs::read_to_string(at.join("layout.svg")).unwrap().contains("</svg>"));
    succeeds(at, "gen-random-data -M network.onnx -D random.json --observations 2");
    succeeds(at, "gen-witness -D random.json");
}

#[test]
fn one_command_does_everything_and_reports() {
    let folder = TempDir::new().unwrap();
    let (network, input, calibration) =
        (model("network.onnx"), model("input.json"), model("calibration.json"));
    let arguments = format!(
        "run -M {} -D {} --calibration {} --out out --report report.json",
        network.display(),
        input.display(),
        calibration.display()
    );
    assert!(succeeds(folder.path(), &arguments).ends_with("verified\n"));
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("report.json")).unwrap())
            .unwrap();
    assert_eq!(report["ok"], true);
    assert_eq!(report["verified"], true);
    assert!(report["max_abs_error"].as_f64().unwrap() < 1e-3);
    for file in [
        "settings.json",
        "model.compiled",
        "kzg.srs",
        "vk.key",
        "pk.key",
        "witness.json",
        "proof.json",
    ] {
        assert!(report["bytes"][file].as_u64().unwrap() > 0, "{file}");
        assert!(folder.path().join("out").join(file).exists(), "{file}");
    }
}

#[test]
fn inputs_beyond_calibration_saturate_and_still_prove() {
    let folder = proven();
    let at = folder.path();
    std::fs::write(at.join("far.json"), format!("{{\"input_data\": [{:?}]}}", [1000.0; 10]))
        .unwrap();
    let output = provenn(at, "gen-witness -D far.json -O witness.json");
    let warnings = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(warnings.contains("warning: `input` (Input): 10 of 10 values"), "{warnings}");
    assert!(warnings.contains("times as far out as calibrated"), "{warnings}");
    succeeds(at, "prove");
    succeeds(at, &format!("{VERIFY} --allow-insecure-srs"));
}

#[test]
fn wrong_files_are_named() {
    let folder = proven();
    let at = folder.path();
    let other = proven();
    let copy =
        |from: &Path, file: &str, to: &str| std::fs::copy(from.join(file), at.join(to)).unwrap();
    let cases = [
        ("calibrate-settings -M missing.onnx", "missing.onnx"),
        ("compile-circuit -M network.onnx -S missing.json", "missing.json"),
        ("setup --compiled-circuit vk.key", "vk.key"),
        ("prove --pk-path vk.key", "vk.key"),
        ("verify --vk-path pk.key --allow-insecure-srs", "pk.key"),
        ("verify --proof-path witness.json --allow-insecure-srs", "witness.json"),
        ("table -M input.json", "input.json"),
        ("gen-witness -O missing/witness.json", "missing/witness.json"),
        ("gen-srs --logrows 99 --srs-path s.srs", "99"),
    ];
    for (arguments, expected) in cases {
        let error = fails(at, arguments);
        assert!(error.contains(expected), "{arguments}: {error}");
    }
    assert!(!at.join("missing").exists());
    // Another draw of the SRS is another SRS.
    copy(other.path(), "kzg.srs", "other.srs");
    assert!(fails(at, "prove --srs-path other.srs").contains("srs"));
    assert!(fails(at, "verify --srs-path other.srs --allow-insecure-srs").contains("srs"));
    succeeds(at, "gen-srs --logrows 4 --srs-path small.srs");
    assert!(fails(at, "setup --srs-path small.srs").contains("small.srs"));
}

#[test]
fn bad_data_are_refused_with_what_was_expected() {
    let folder = proven();
    let at = folder.path();
    for (data, expected) in [
        ("", "input_data"),
        ("{\"input_data\": []}", "0 lists"),
        ("{\"input_data\": [[1, 2, 3]]}", "has 3 values, expected 10"),
        ("{\"input_data\": [[1,2,3,4,5,6,7,8,9,1e999]]}", ""),
        ("{\"input_data\": [[1,2,3,4,5,6,7,8,9,\"x\"]]}", "input_data"),
        ("{\"input_data\": [[NaN]]}", "input_data"),
    ] {
        std::fs::write(at.join("bad.json"), data).unwrap();
        for command in ["gen-witness -D bad.json -O w.json", "calibrate-settings -D bad.json"] {
            let error = fails(at, command);
            assert!(
                error.contains("bad.json") && error.contains(expected),
                "{command} on {data}: {error}"
            );
        }
    }
    assert!(!at.join("w.json").exists());
}

#[test]
fn damaged_artefacts_are_refused() {
    let folder = proven();
    let at = folder.path();
    let verify = format!("{VERIFY} --allow-insecure-srs");
    for (file, command) in [
        ("model.compiled", "mock"),
        ("pk.key", "prove"),
        ("kzg.srs", "prove"),
        ("vk.key", verify.as_str()),
        ("proof.json", verify.as_str()),
        ("settings.json", verify.as_str()),
    ] {
        let honest = std::fs::read(at.join(file)).unwrap();
        for damaged in [honest[..honest.len() / 2].to_vec(), vec![], {
            let mut flipped = honest.clone();
            let middle = honest.len() / 2;
            flipped[middle] ^= 0x10;
            flipped
        }] {
            std::fs::write(at.join(file), &damaged).unwrap();
            let output = provenn(at, command);
            let text = String::from_utf8_lossy(&output.stderr);
            assert!(!text.contains("panicked"), "{file}: {text}");
            // A flipped bit in the settings' ranges concerns nobody who verifies.
            if file != "settings.json" || damaged.len() < honest.len() {
                assert!(
                    matches!(output.status.code(), Some(1 | 3)),
                    "{file} {}: {text}",
                    damaged.len()
                );
            }
        }
        std::fs::write(at.join(file), &honest).unwrap();
    }
    succeeds(at, &verify);
}

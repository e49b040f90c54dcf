//! Calibration with limits and the comparison with the float model, as users call them.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use serde_json::Value;
use std::path::Path;
use support::{fails, models, succeeds};
use tempfile::TempDir;

/// A folder with the digits CNN and its first settings.
fn digits() -> TempDir {
    let folder = TempDir::new().unwrap();
    for file in ["network.onnx", "input.json", "calibration.json"] {
        std::fs::copy(models().join("digits_cnn").join(file), folder.path().join(file)).unwrap();
    }
    std::fs::copy(models().join("digits.npz"), folder.path().join("digits.npz")).unwrap();
    succeeds(folder.path(), "gen-settings");
    folder
}

fn json(folder: &Path, arguments: &str) -> Value {
    let text = succeeds(folder, &format!("--json {arguments}"));
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

#[test]
fn limits_are_kept_and_said() {
    let folder = digits();
    let at = folder.path();
    let found = json(at, "calibrate-settings --max-error 1e-4 --metric mean --max-logrows 9");
    assert!(found["chosen"]["error"].as_f64().unwrap() <= 1e-4, "{found}");
    assert!(found["chosen"]["k"].as_u64().unwrap() <= 9, "{found}");
    let error = fails(at, "calibrate-settings --max-error 1e-15");
    assert!(error.contains("on the data; the best reach"), "{error}");
    let error = fails(at, "calibrate-settings --logrows 9 --max-logrows 8");
    assert!(error.contains("--logrows is 9 but --max-logrows is 8"), "{error}");
    let error = fails(at, "calibrate-settings --max-memory 0.0001");
    assert!(error.contains("the least is"), "{error}");
    let found = json(at, "calibrate-settings --bits 14 --input-scale 8 --logrows 10");
    assert_eq!((&found["chosen"]["bits"], &found["chosen"]["k"]), (&14.into(), &10.into()));
}

#[test]
fn the_frontier_is_written_with_settings_that_compile() {
    let folder = digits();
    let at = folder.path();
    let before = std::fs::read(at.join("settings.json")).unwrap();
    let error = fails(at, "calibrate-settings --pareto network.onnx");
    assert!(error.contains("network.onnx") && error.contains("folder"), "{error}");
    assert_eq!(std::fs::read(at.join("settings.json")).unwrap(), before);
    // What an earlier run with more points left.
    std::fs::create_dir(at.join("front")).unwrap();
    for i in 0..20 {
        std::fs::write(at.join(format!("front/settings_{i}.json")), &before).unwrap();
    }
    let kept = ["settings_21.txt", "settings_022.json", "my_settings_23.json"];
    for name in kept {
        std::fs::write(at.join("front").join(name), &before).unwrap();
    }
    std::fs::write(at.join("front/settings_24.json"), "[]").unwrap();
    // What is no point's settings is not replaced by them.
    std::fs::create_dir(at.join("mine")).unwrap();
    std::fs::copy(at.join("calibration.json"), at.join("mine/settings_3.json")).unwrap();
    let error = fails(at, "calibrate-settings --pareto mine");
    assert!(error.contains("settings_3.json: holds data"), "{error}");
    let text = succeeds(at, "calibrate-settings --target accuracy --pareto front");
    assert!(text.contains("prove s"), "{text}");
    // Keys of small models are kilobytes: no column shows them as 0.
    assert!(text.contains("key kB") && !text.contains("  0.0 "), "{text}");
    let points: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(at.join("front/pareto.json")).unwrap())
            .unwrap();
    assert!(points.len() > 4);
    assert!(std::fs::read_to_string(at.join("front/pareto.svg")).unwrap().contains("</svg>"));
    let last = points.len() - 1;
    assert!(at.join(format!("front/settings_{last}.json")).exists());
    for i in last + 1..20 {
        assert!(!at.join(format!("front/settings_{i}.json")).exists());
    }
    for name in kept.into_iter().chain(["settings_24.json"]) {
        assert!(at.join("front").join(name).exists(), "{name} is not a point's settings");
    }
    assert_eq!(points[last]["settings"], format!("settings_{last}.json"));
    let chosen: Vec<usize> = (0..=last).filter(|&i| points[i]["chosen"] == true).collect();
    let [chosen] = chosen.as_slice() else { panic!("one point is chosen: {chosen:?}") };
    assert_eq!(
        std::fs::read(at.join(format!("front/settings_{chosen}.json"))).unwrap(),
        std::fs::read(at.join("settings.json")).unwrap()
    );
    let said = succeeds(at, "compile-circuit -S front/settings_0.json");
    assert!(said.contains(&format!("k = {}", points[0]["k"])), "{said}");
}

#[test]
fn errors_over_a_data_set_are_reported() {
    let folder = digits();
    let at = folder.path();
    succeeds(at, "calibrate-settings");
    let text = succeeds(at, "quantization-error -D digits.npz --html report.html");
    assert!(text.contains("1797 observations") && text.contains("same class: 1.0000"), "{text}");
    assert!(std::fs::read_to_string(at.join("report.html")).unwrap().contains("<svg"));
    let found = json(at, "quantization-error -D digits.npz");
    assert_eq!(found["task"]["flips"], Value::Array(vec![]));
    std::fs::write(at.join("labels.json"), "[1, 2, 3]").unwrap();
    let error = fails(at, "quantization-error -D calibration.json --labels labels.json");
    assert!(error.contains("labels.json: 3 labels"), "{error}");
    let error = fails(at, "quantization-error -D calibration.json --labels absent.json");
    assert!(error.contains("absent.json") && error.contains("--labels"), "{error}");
    let found = json(at, "run -D calibration.json --out out");
    assert_eq!(found["quantization_error"]["observations"], 100);
}

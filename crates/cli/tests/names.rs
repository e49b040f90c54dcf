//! Names from files cannot steer a terminal, a browser or a viewer of pictures.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use std::path::Path;
use support::{
    fails,
    onnx::{model, model_from},
    provenn, succeeds,
};
use tempfile::TempDir;

/// Markup, a screen cleared, a line of the author's own, a turned direction, C1 controls.
const EVIL: &str =
    "</title><script>alert(1)</script>\u{1b}[2J\r\nverified\n\u{202e}\u{9b}31m\u{200b}";

/// No character of a terminal's control sets but line breaks, none that turns or hides.
fn only_shows(text: &str) {
    let bad = |&c: &char| (c.is_control() && c != '\n') || "\u{202e}\u{200b}".contains(c);
    assert_eq!(text.chars().find(bad), None, "{text:?}");
    assert!(!text.lines().any(|line| line == "verified"), "{text}");
}

fn is_no_markup(at: &Path, file: &str) {
    let text = std::fs::read_to_string(at.join(file)).unwrap();
    only_shows(&text);
    assert!(text.contains("&lt;script&gt;"), "{file} does not show the name");
    assert!(!text.contains("<script"), "{file} holds the name's markup");
}

#[test]
fn in_reports_pictures_and_pages() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let bytes = model_from("x\u{1b}[2J", &[("Relu", EVIL), ("Tanh", "b")], Some(&["1", "3"]));
    std::fs::write(at.join("network.onnx"), bytes).unwrap();
    std::fs::write(at.join("calibration.json"), r#"{"input_data": [[0.1, 0.5, -0.2]]}"#).unwrap();
    std::fs::write(at.join("data.json"), r#"{"input_data": [[0.1, 0.5, -0.2], [9, 9, 9]]}"#)
        .unwrap();
    std::fs::write(at.join("input.json"), r#"{"input_data": [[9, 9, 9]]}"#).unwrap();
    only_shows(&succeeds(at, "table"));
    succeeds(at, "gen-settings");
    only_shows(&succeeds(at, "calibrate-settings --pareto front"));
    succeeds(at, "compile-circuit");
    only_shows(&succeeds(at, "inspect --svg layout.svg"));
    is_no_markup(at, "layout.svg");
    only_shows(&succeeds(at, "quantization-error -D data.json --html report.html"));
    is_no_markup(at, "report.html");
    let witness = provenn(at, "gen-witness");
    let warnings = String::from_utf8(witness.stderr).unwrap();
    assert!(warnings.starts_with("warning: ") && warnings.contains("2J"), "{warnings}");
    only_shows(&warnings);
    let json = succeeds(at, "--json table");
    only_shows(&json);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let names: Vec<_> = json["nodes"].as_array().unwrap().iter().map(|n| &n["name"]).collect();
    assert!(names.iter().any(|name| *name == EVIL), "JSON keeps the name as it is: {names:?}");
}

#[test]
fn in_errors() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let bytes = model(&[("NonZero", EVIL)], Some(&["1", "3"]));
    std::fs::write(at.join("network.onnx"), bytes).unwrap();
    only_shows(&fails(at, "table"));
    let output = provenn(at, "table");
    only_shows(&String::from_utf8(output.stderr).unwrap());
}

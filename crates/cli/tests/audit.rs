//! `audit` on files: the same bytes from any process and place, and nothing of files that do not belong together.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use std::path::Path;
use support::{fails_with, onnx::model_from, proven, succeeds};
use tempfile::TempDir;

fn read(at: &Path, file: &str) -> String {
    std::fs::read_to_string(at.join(file)).unwrap()
}

#[test]
fn two_processes_in_two_places_write_the_same_bytes() {
    let folder = proven();
    let at = folder.path();
    let other = TempDir::new().unwrap();
    let all = "--vk-path vk.key --srs-path kzg.srs -S settings.json";
    for file in ["vk.key", "kzg.srs", "settings.json"] {
        std::fs::copy(at.join(file), other.path().join(file)).unwrap();
    }
    std::fs::copy(at.join("model.compiled"), other.path().join("renamed")).unwrap();
    let said = succeeds(at, &format!("audit {all} -M model.compiled"));
    assert_eq!(
        said,
        succeeds(at, &format!("audit {all} -M model.compiled")),
        "again, over the first"
    );
    succeeds(other.path(), &format!("audit {all} -M renamed"));
    for file in ["audit.html", "audit.json"] {
        let text = read(at, file);
        assert!(text == read(other.path(), file), "{file}");
        for place in [at.to_str().unwrap(), "model.compiled", "/tmp"] {
            assert!(!text.contains(place), "{file} names {place}");
        }
    }
    let digest = |file: &str| succeeds(at, &format!("digest -q {file}")).trim().to_owned();
    let report: serde_json::Value = serde_json::from_str(&read(at, "audit.json")).unwrap();
    for (artefact, file) in [
        ("circuit", "model.compiled"),
        ("verifying_key", "vk.key"),
        ("srs", "kzg.srs"),
        ("settings", "settings.json"),
        ("model", "network.onnx"),
    ] {
        assert_eq!(report["digests"][artefact], digest(file), "{artefact}");
        assert!(said.contains(&digest(file)) && read(at, "audit.html").contains(&digest(file)));
    }
    assert_eq!(report["srs"]["drawn_locally"], true);
    // The page loads nothing and runs nothing.
    let page = read(at, "audit.html");
    for never in ["<script", "http://", "https://", "url(http", "<link", "<img", " onload"] {
        let svg = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!svg.contains(never), "{never}");
    }
    assert!(page.contains("color-scheme:light dark"));
}

#[test]
fn a_key_alone_and_standard_output() {
    let folder = proven();
    let at = folder.path();
    std::fs::remove_file(at.join("model.compiled")).unwrap();
    let report = succeeds(at, "audit --vk-path vk.key --report - --html key.html");
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["made_from"], "a verifying key");
    assert!(report["nodes"].is_null() && report["digests"]["circuit"].is_null());
    assert!(read(at, "key.html").contains("Gates"));
    let line = succeeds(at, "--json audit --vk-path vk.key");
    let last: serde_json::Value = serde_json::from_str(line.lines().last().unwrap()).unwrap();
    assert_eq!(last["constraints"], report["constraints"]);
}

#[test]
fn files_of_another_circuit_are_refused() {
    let (folder, other) = (proven(), TempDir::new().unwrap());
    let at = folder.path();
    std::fs::copy(
        support::models().join("breast_cancer_logistic/network.onnx"),
        other.path().join("network.onnx"),
    )
    .unwrap();
    succeeds(other.path(), "gen-settings");
    succeeds(other.path(), "compile-circuit");
    succeeds(at, "gen-srs -K 5 --srs-path other.srs");
    let compiled = other.path().join("model.compiled");
    let settings = other.path().join("settings.json");
    for (arguments, expected, exit) in [
        (format!("-M {} --vk-path vk.key", compiled.display()), "digest of the model", 3),
        (format!("-S {}", settings.display()), "settings.json", 1),
        ("--vk-path vk.key --srs-path other.srs".into(), "other.srs", 3),
        ("-M vk.key".into(), "vk.key", 3),
        ("--vk-path model.compiled".into(), "model.compiled", 3),
        ("-M absent".into(), "absent", 3),
    ] {
        let (code, error) = fails_with(at, &format!("audit {arguments}"));
        assert!(code == exit && error.contains(expected), "{arguments}: {code} {error}");
    }
    let (code, error) = fails_with(at, "audit --report settings.json");
    assert!(code == 3 && error.contains("holds settings"), "{error}");
    assert!(!at.join("audit.html").exists() && !at.join("audit.json").exists());
}

#[test]
fn names_of_a_hostile_model_are_shown_and_do_nothing() {
    const EVIL: &str = "</td></table><script>alert(1)</script>\u{1b}[2J\r\nverified\n\u{202e}\u{9b}31m\u{200b}\"'&";
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let bytes = model_from(EVIL, &[("Relu", EVIL), ("Tanh", "b")], Some(&["1", "3"]));
    std::fs::write(at.join("network.onnx"), bytes).unwrap();
    succeeds(at, "gen-settings");
    let compiled = succeeds(at, "compile-circuit");
    let k = compiled.trim().rsplit(' ').next().unwrap();
    succeeds(at, &format!("gen-srs -K {k}"));
    succeeds(at, "setup");
    for arguments in ["-M model.compiled -S settings.json", "--vk-path vk.key"] {
        let said = succeeds(at, &format!("audit {arguments}"));
        let (page, report) = (read(at, "audit.html"), read(at, "audit.json"));
        for text in [&said, &page, &report] {
            let bad = |&c: &char| (c.is_control() && c != '\n') || "\u{202e}\u{200b}".contains(c);
            assert_eq!(text.chars().find(bad), None, "{text:?}");
            assert!(!text.lines().any(|line| line == "verified"), "{text}");
        }
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{arguments}");
        assert!(!page.contains("<script"), "{arguments}");
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["public"][0]["name"], EVIL, "JSON keeps the name as it is");
    }
}

/// Every key of the report, at any depth; names of nodes are keys of the settings' maps alone.
fn keys(value: &serde_json::Value, found: &mut std::collections::BTreeSet<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                found.insert(key.clone());
                if !["node_bits", "variables", "fixed_inputs", "parameters"].contains(&key.as_str())
                {
                    keys(value, found);
                }
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

#[test]
fn the_book_documents_every_key() {
    let folder = proven();
    let at = folder.path();
    succeeds(at, "audit -M model.compiled --vk-path vk.key --srs-path kzg.srs -S settings.json");
    let report: serde_json::Value = serde_json::from_str(&read(at, "audit.json")).unwrap();
    let mut found = std::collections::BTreeSet::new();
    keys(&report, &mut found);
    assert!(found.len() > 80, "{}", found.len());
    let book = support::models().join("../docs/src/audit.md");
    let book = std::fs::read_to_string(book).unwrap();
    for key in found {
        assert!(book.contains(&format!("`{key}`")), "{key}");
    }
}

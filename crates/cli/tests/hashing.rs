//! Digests in place of values: a proof shows them, the owner of the data computes them without the model.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

mod support;

use serde_json::Value;
use std::fs;
use std::path::Path;
use support::{VERIFY, fails, proven, succeeds};

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The digests that `hash` prints.
fn hashed(at: &Path, arguments: &str) -> Vec<String> {
    succeeds(at, &format!("-q hash {arguments}")).lines().map(str::to_owned).collect()
}

#[test]
fn proofs_show_the_digests_that_the_owner_of_the_data_computes() {
    let folder = proven();
    let at = folder.path();
    succeeds(at, "run --out both --input-visibility hashed --output-visibility hashed");
    let both = at.join("both");
    let shown = &read(&both.join("proof.json"))["pretty_public_inputs"];
    let (input, output) = (&shown["inputs"][0][0], &shown["outputs"][0][0]);
    assert_eq!(read(&both.join("proof.json"))["instances"][0].as_array().unwrap().len(), 2);
    // The key and the data are enough.
    let alone = tempfile::TempDir::new().unwrap();
    for (from, to) in [(both.join("vk.key"), "vk.key"), (at.join("input.json"), "input.json")] {
        fs::copy(from, alone.path().join(to)).unwrap();
    }
    assert_eq!(hashed(alone.path(), ""), [input.as_str().unwrap()]);
    let all = [input, output].map(|digest| digest.as_str().unwrap());
    assert_eq!(hashed(&both, "--witness witness.json"), all);
    let said = succeeds(&both, &format!("{VERIFY} --allow-insecure-srs"));
    assert!(all.iter().all(|digest| said.contains(&format!("digest {digest}"))), "{said}");
    let said = succeeds(&both, "--json verify --allow-insecure-srs");
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["inputs"][0]["digest"], *input);
    // Other data have another digest.
    fs::write(alone.path().join("other.json"), format!("{{\"input_data\": [{:?}]}}", [0.01; 10]))
        .unwrap();
    assert_ne!(hashed(alone.path(), "-D other.json"), [input.as_str().unwrap()]);
    // A proof that shows another one is refused, whichever of its two places says so.
    let mut proof = read(&both.join("proof.json"));
    proof["pretty_public_inputs"]["inputs"][0][0] = output.clone();
    fs::write(both.join("changed.json"), proof.to_string()).unwrap();
    let error = fails(&both, "verify --proof-path changed.json --allow-insecure-srs");
    assert!(error.contains("pretty_public_inputs"), "{error}");
    proof["instances"][0][0] = proof["instances"][0][1].clone();
    fs::write(both.join("changed.json"), proof.to_string()).unwrap();
    let error = fails(&both, "verify --proof-path changed.json --allow-insecure-srs");
    assert!(error.contains("invalid"), "{error}");
}

#[test]
fn visibilities_that_say_nothing_are_refused() {
    let folder = proven();
    let at = folder.path();
    let error = fails(at, "gen-settings --input-visibility private --output-visibility private");
    assert!(error.contains("some input has a result"), "{error}");
    let error = fails(at, "hash");
    assert!(error.contains("does not hash"), "{error}");
    let mut settings = read(&at.join("settings.json"));
    settings["run_args"]["param_visibility"] = "hashed".into();
    fs::write(at.join("hashed.json"), settings.to_string()).unwrap();
    let error = fails(at, "compile-circuit -S hashed.json --compiled-circuit x.compiled");
    assert!(error.contains("param_visibility cannot be hashed"), "{error}");
}

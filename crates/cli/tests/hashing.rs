//! Digests in place of values: a proof shows them, the owner of the data computes them without the model.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

mod support;

use serde_json::Value;
use std::fs;
use std::path::Path;
use support::{VERIFY, fails, fails_with, proven, succeeds};

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
fn data_are_hashed_where_a_key_hashes_them() {
    let folder = proven();
    let error = fails(folder.path(), "hash");
    assert!(error.contains("does not hash"), "{error}");
}

/// What no proof says anything of, whatever the rest is: by argument and by settings, with the reason and what to choose.
#[test]
fn visibilities_that_say_nothing_are_refused() {
    let folder = proven();
    let at = folder.path();
    let honest = read(&at.join("settings.json"));
    let mut refused = 0;
    for (part, visibility, reason, choice) in [
        (
            "input",
            "fixed",
            "with their values (--fix NAME=VALUE",
            "public, hashed, committed or private",
        ),
        ("output", "fixed", "what the model is yet to give", "public, hashed or committed"),
        ("output", "private", "some result, as they have in any model", "committed or hashed"),
        ("param", "public", "the key of fixed weights from it, and compare", "choose fixed"),
        ("param", "hashed", "would be in every proof", "choose committed"),
        ("param", "private", "some always do", "choose committed"),
    ] {
        let name = format!("{part}_visibility");
        // Whatever is said of inputs.
        for inputs in ["public", "hashed", "committed", "private"] {
            let beside = match part {
                "input" => String::new(),
                _ => format!(" --input-visibility {inputs}"),
            };
            let argument = format!("--{} {visibility}{beside}", name.replace('_', "-"));
            for command in ["gen-settings -O x.json", "run --out x", "claim --out x"] {
                let (code, error) = fails_with(at, &format!("{command} {argument}"));
                assert_eq!(code, 2, "{command} {argument}: {error}");
                assert!(error.contains(reason) && error.contains(choice), "{argument}: {error}");
            }
            let mut settings = honest.clone();
            settings["run_args"]["input_visibility"] = inputs.into();
            settings["run_args"][&name] = visibility.into();
            fs::write(at.join("edited.json"), settings.to_string()).unwrap();
            for command in [
                "compile-circuit -S edited.json --compiled-circuit x.compiled",
                "calibrate-settings -S edited.json -O x.json",
            ] {
                let (code, error) = fails_with(at, command);
                let said = error.contains(&format!("{name} cannot be {visibility}: "));
                assert!(code == 3 && said, "{command}, {inputs}: {error}");
                assert!(error.contains(reason) && error.contains(choice), "{error}");
            }
            refused += 1;
        }
    }
    assert_eq!(refused, 6 * 4);
    assert!(!at.join("x").exists() && !at.join("x.json").exists());
    assert!(!at.join("x.compiled").exists());
}

//! What a verifier reads is what was proved, and a knob has one copy.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

mod support;

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use support::{fails, fails_with, proven, succeeds};

const VERIFY: &str =
    "verify --proof-path proof.json --vk-path vk.key --srs-path kzg.srs --allow-insecure-srs";

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The settings with the value at a pointer replaced.
fn edited(at: &Path, from: &str, pointer: &str, value: Value) {
    let mut settings = read(&at.join(from));
    *settings.pointer_mut(pointer).unwrap() = value;
    fs::write(at.join("edited.json"), settings.to_string()).unwrap();
}

#[test]
fn every_field_of_given_settings_is_compared() {
    let folder = proven();
    let at = folder.path();
    let verify = format!("{VERIFY} -S edited.json");
    let node = read(&at.join("settings.json"))["outputs"][0]["node"].clone();
    let range = format!("/ranges/{}/hi", node.as_str().unwrap().replace('/', "~1"));
    for (pointer, value, named) in [
        ("/outputs/0/name", json!("loan_approved"), "outputs[0].name"),
        ("/outputs/0/node", json!("other"), "contents"),
        ("/outputs/0/shape", json!([7, 7, 7]), "outputs[0].shape"),
        ("/outputs/0/step", json!(0.5), "outputs[0].step"),
        ("/outputs/0/scale", json!(3), "outputs[0].scale"),
        ("/inputs/0/name", json!("other"), "inputs[0].name"),
        ("/inputs", json!([]), "number of inputs"),
        ("/model_digest", json!("00".repeat(32)), "model_digest"),
        ("/shift", json!(29), "shift"),
        ("/run_args/output_visibility", json!("hashed"), "output_visibility"),
        ("/run_args/input_visibility", json!("private"), "input_visibility"),
        ("/bits", json!(20), "contents"),
        (range.as_str(), json!(1e9), "contents"),
    ] {
        edited(at, "settings.json", pointer, value);
        let (code, error) = fails_with(at, &verify);
        assert_eq!(code, 1, "{pointer}: {error}");
        assert!(error.contains(named) && error.contains("edited.json"), "{pointer}: {error}");
    }
    succeeds(at, &format!("{} --allow-insecure-srs", support::VERIFY));
}

#[test]
fn a_verifier_needs_no_settings_and_its_copy_holds_nothing_of_the_model() {
    let folder = proven();
    let at = folder.path();
    succeeds(at, "export-verifier --vk-path vk.key --srs-path kzg.srs --out public");
    let public = at.join("public");
    fs::copy(at.join("proof.json"), public.join("proof.json")).unwrap();
    let copy = fs::read_to_string(public.join("settings.json")).unwrap();
    assert!(!copy.contains("ranges") && !copy.contains("node_bits"), "{copy}");
    assert!(fs::metadata(public.join("kzg.srs")).unwrap().len() < 400);
    // Again into its own folder, but not over the prover's settings or a stranger's.
    succeeds(at, "export-verifier --out public");
    let before = fs::read(at.join("settings.json")).unwrap();
    assert_eq!(fails_with(at, "export-verifier --out .").0, 2);
    fs::create_dir(at.join("other")).unwrap();
    for mine in [before.as_slice(), b"{\"mine\": 1}"] {
        fs::write(at.join("other/settings.json"), mine).unwrap();
        let (code, error) = fails_with(at, "export-verifier --out other");
        assert!(code == 3 && error.contains("other/settings.json: holds"), "{error}");
        assert_eq!(fs::read(at.join("other/settings.json")).unwrap(), mine);
        assert!(!at.join("other/vk.key").exists());
    }
    succeeds(at, "gen-srs -K 9 --srs-path else.srs");
    let error = fails(at, "export-verifier --srs-path else.srs --out third");
    assert!(error.starts_with("error: else.srs") && !error.contains("verify:"), "{error}");
    let error = fails(at, "compile-circuit -S public/settings.json -O c");
    assert!(error.contains("verifier's copy"), "{error}");

    let settings = read(&at.join("settings.json"));
    // What the model calls its output; the node that gives it is called otherwise.
    assert_eq!(settings["outputs"][0]["name"], "output");
    assert_eq!(settings["outputs"][0]["node"], "/0/Gemm");
    let said = succeeds(&public, VERIFY);
    assert!(said.contains("output  output [1, 1] = ") && !said.contains("Gemm"), "{said}");
    for shown in [
        settings["outputs"][0]["name"].as_str().unwrap(),
        settings["inputs"][0]["name"].as_str().unwrap(),
        settings["model_digest"].as_str().unwrap(),
        "origin: unknown",
    ] {
        assert!(said.contains(shown), "{shown}: {said}");
    }
    let value: Value =
        serde_json::from_str(&succeeds(&public, &format!("--json {VERIFY}"))).unwrap();
    let proof = read(&at.join("proof.json"));
    let output = value["outputs"][0]["values"][0].as_f64().unwrap();
    let pretty = &proof["pretty_public_inputs"]["outputs"][0][0];
    assert_eq!(output.to_string(), pretty.as_str().unwrap());
    assert_eq!(value["vk_digest"], proof["vk_digest"]);
    assert_eq!(value["verified"], true);

    succeeds(&public, &format!("{VERIFY} -S settings.json"));
    for (pointer, value, named) in [
        ("/outputs/0/grid/steps/0", json!(0.5), "outputs"),
        ("/outputs/0/name", json!("approved"), "outputs"),
        ("/model_digest", json!("00".repeat(32)), "model_digest"),
        ("/input_visibility", json!("private"), "input_visibility"),
        ("/logrows", json!(20), "logrows"),
    ] {
        edited(&public, "settings.json", pointer, value);
        let error = fails(&public, &format!("{VERIFY} -S edited.json"));
        assert!(error.contains(named), "{pointer}: {error}");
    }
}

#[test]
fn an_srs_is_trusted_by_its_digest() {
    let folder = proven();
    let at = folder.path();
    let strict = VERIFY.replace(" --allow-insecure-srs", "");
    let said: Value = serde_json::from_str(&succeeds(at, "--json digest kzg.srs")).unwrap();
    let digest = said["digest"].as_str().unwrap();
    let error = fails(at, &strict);
    assert!(error.contains(digest) && error.contains("--srs-digest"), "{error}");
    for named in [succeeds(at, "digest -q kzg.srs").trim(), &format!("0x{digest}")] {
        succeeds(at, &format!("{strict} --srs-digest {named}"));
    }
    let other = fails(at, &format!("{VERIFY} --srs-digest {}", "ab".repeat(32)));
    assert!(other.contains("whose digest you named"), "{other}");
}

#[test]
fn an_edited_knob_is_refused_by_name() {
    let folder = proven();
    let at = folder.path();
    let bits = read(&at.join("settings.json"))["bits"].as_u64().unwrap();
    for (pointer, value, named) in [
        ("/run_args/bits", json!(bits - 2), "run_args.bits"),
        ("/run_args/shift", json!(30), "run_args.shift"),
        ("/run_args/input_scale", json!(3), "inputs[0].step"),
        ("/run_args/output_scale", json!(2), "outputs[0].step"),
        ("/inputs/0/step", json!(0.25), "inputs[0].step"),
        ("/inputs/0/scale", json!(1), "inputs[0].scale"),
        ("/outputs/0/name", json!("approved"), "outputs[0].name"),
        ("/outputs", json!([]), "outputs"),
    ] {
        edited(at, "settings.json", pointer, value);
        let error = fails(at, "compile-circuit -S edited.json --compiled-circuit c.compiled");
        assert!(error.contains(named), "{pointer}: {error}");
        assert!(error.contains("calibrate-settings"), "{pointer}: {error}");
    }
    assert!(!at.join("c.compiled").exists());
}

#[test]
fn private_values_are_null() {
    let folder = proven();
    let at = folder.path();
    succeeds(at, "run --out out --input-visibility private");
    let said = succeeds(&at.join("out"), "--json verify --allow-insecure-srs");
    let value: Value = serde_json::from_str(&said).unwrap();
    assert!(value["inputs"].is_null() && value["outputs"].is_array(), "{value}");
    assert_eq!(value["verified"], true);
}

/// Halo2's prover does not blind the quotient, whatever the SRS; this program's own needs one power more.
#[test]
fn an_unblinded_quotient_is_told_with_what_helps() {
    let folder = proven();
    let at = folder.path();
    let warned = |arguments: &str| {
        let output = support::provenn(at, arguments);
        assert!(output.status.success(), "{arguments}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(warned("prove --proof-path p.json"), "");
    let stock = warned("prove --proof-path p.json --prover stock");
    assert!(stock.contains("--prover stock") && !stock.contains("srs"), "{stock}");
    // Halo2's format has no power beyond the rows.
    provenn::Srs::read(&at.join("kzg.srs")).unwrap().write_raw(&at.join("raw.srs")).unwrap();
    let bare = warned("prove --proof-path p.json --srs-path raw.srs");
    assert!(bare.contains("larger srs"), "{bare}");
}

#[test]
fn every_artefact_has_a_digest_and_outputs_are_shown() {
    let folder = proven();
    let at = folder.path();
    let digest = |file: &str| -> Value {
        serde_json::from_str(&succeeds(at, &format!("--json digest {file}"))).unwrap()
    };
    let (proof, witness) = (read(&at.join("proof.json")), read(&at.join("witness.json")));
    let settings = read(&at.join("settings.json"));
    assert_eq!(digest("vk.key")["digest"], proof["vk_digest"]);
    assert_eq!(digest("pk.key")["digest"], proof["vk_digest"]);
    assert_eq!(digest("model.compiled")["digest"], witness["compiled_digest"]);
    assert_eq!(digest("network.onnx")["digest"], settings["model_digest"]);
    for (file, kind) in
        [("settings.json", "settings"), ("proof.json", "proof"), ("witness.json", "witness")]
    {
        assert_eq!(digest(file)["kind"], kind);
        assert_eq!(digest(file)["digest"].as_str().unwrap().len(), 64);
    }
    succeeds(at, "export-verifier");
    let copy = digest("verifier/settings.json");
    assert!(
        copy["note"]
            .as_str()
            .unwrap()
            .contains(digest("settings.json")["digest"].as_str().unwrap())
    );
    fs::write(at.join("page.html"), "<html></html>").unwrap();
    fs::write(at.join("x.npz"), b"PK\x03\x04").unwrap();
    for (file, expected) in [
        ("input.json", "no artefact of provenn and no ONNX model"),
        ("page.html", "no artefact of provenn and no ONNX model"),
        ("x.npz", "no artefact of provenn and no ONNX model"),
        (".", "give an artefact of provenn or an ONNX model"),
        ("absent", "give an artefact of provenn or an ONNX model"),
    ] {
        let (code, error) = fails_with(at, &format!("digest {file}"));
        assert!(code == 3 && error.contains(expected) && error.contains(file), "{error}");
    }
    let said = succeeds(at, "gen-witness");
    let name = settings["outputs"][0]["name"].as_str().unwrap();
    let shown = witness["pretty_outputs"][0][0].as_str().unwrap();
    assert!(said.contains(name) && said.contains(shown), "{said}");
}

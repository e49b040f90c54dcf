//! Claims over data sets: what is claimed is what the model gives, and nothing else verifies.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use provenn::{InputData, OnnxModel};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use support::{fails_with, models, succeeds};
use tempfile::TempDir;

/// Observations, and labels that are the classes of the model but for some.
const COUNT: usize = 61;
const WRONG: [usize; 3] = [0, 7, 60];

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn write(path: &Path, value: &Value) {
    fs::write(path, value.to_string()).unwrap();
}

/// The model's own classes of the committed digits, some of them changed.
fn labelled() -> Value {
    let folder = models().join("digits_cnn");
    let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
    let data = InputData::read(&folder.join("calibration.json")).unwrap();
    let observations = data.observations(model.graph()).unwrap();
    let class = |at: usize| {
        let scores = &model.graph().run(&observations[at]).unwrap()[0].data;
        let best = scores.iter().copied().fold(f32::MIN, f32::max);
        scores.iter().position(|score| *score == best).unwrap()
    };
    let label = |at: usize| if WRONG.contains(&at) { (class(at) + 1) % 10 } else { class(at) };
    let labels: Vec<usize> = (0..COUNT).map(label).collect();
    json!({ "input_data": data.input_data[..COUNT], "labels": labels })
}

/// A claim that is changed is refused, saying why.
fn refuses(folder: &Path, verify: &str, honest: &Value, change: &dyn Fn(&mut Value), says: &str) {
    let mut changed = honest.clone();
    change(&mut changed);
    write(&folder.join("changed.json"), &changed);
    let (code, error) = fails_with(folder, &format!("{verify} --claim-path changed.json"));
    assert!(code == 1 && error.contains(says), "{code}: {error}");
}

#[test]
fn a_claim_says_how_many_labels_are_right_of_which_data() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    fs::copy(models().join("digits_cnn/network.onnx"), at.join("network.onnx")).unwrap();
    write(&at.join("data.json"), &labelled());
    let said = succeeds(at, "claim -D data.json -V batch_size=8");
    let right = COUNT - WRONG.len();
    assert!(
        said.contains(&format!("claim   {right} of {COUNT} labels right, by 8 proofs")),
        "{said}"
    );

    // Who knows the data, and the key, knows the digest.
    let claim = at.join("claim");
    let digest = succeeds(at, "-q hash --data-set -D data.json --vk-path claim/vk.key");
    let digest = digest.trim();
    assert_eq!(read(&claim.join("claim.json"))["data_digest"], digest);
    let verify = "verify-claim --allow-insecure-srs -M ../network.onnx";
    let said = succeeds(&claim, &format!("{verify} --data-digest {digest}"));
    assert!(said.contains(&format!("{right} of {COUNT} labels right")), "{said}");
    assert!(said.ends_with("verified\n"), "{said}");
    let bare = digest.trim_start_matches("0x").to_uppercase();
    assert_eq!(succeeds(&claim, &format!("{verify} --data-digest {bare}")), said);
    let (code, error) = fails_with(&claim, &format!("{verify} --data-digest beef"));
    assert!(code == 3 && error.contains("64 hex digits"), "{code}: {error}");

    // Counts, digests and proofs that are others.
    let honest = read(&claim.join("claim.json"));
    let refused = |change: &dyn Fn(&mut Value), says: &str| {
        refuses(&claim, verify, &honest, change, says);
    };
    refused(&|claim| claim["right"] = json!(right + 1), "its proofs 58 of 61");
    refused(&|claim| claim["labels"] = json!(COUNT - 1), "its proofs 58 of 61");
    refused(&|claim| claim["data_digest"] = json!("0x00"), "it says another");
    refused(&|claim| claim["proofs"].as_array_mut().unwrap().swap(0, 1), "it says another");
    refused(&|claim| drop(claim["proofs"].as_array_mut().unwrap().pop()), "it says another");
    refused(
        &|claim| {
            // One more right in a proof, as the claim says.
            let proof = &mut claim["proofs"][0];
            proof["instances"][0][2] = json!(format!("08{}", "0".repeat(62)));
            proof["pretty_public_inputs"]["outputs"][0][0] = json!("8");
            claim["right"] = json!(right + 2);
        },
        "invalid",
    );
    let (code, error) = fails_with(&claim, &format!("{verify} --data-digest 0x{}", "0".repeat(64)));
    assert!(code == 1 && error.contains("other data"), "{error}");
    // The key of another classifier's claim.
    fs::copy(models().join("digits_lenet/network.onnx"), at.join("other.onnx")).unwrap();
    let (code, error) = fails_with(&claim, "verify-claim --allow-insecure-srs -M ../other.onnx");
    assert!(code == 1 && error.contains("another model"), "{error}");
    // Other data have other digests: a label, a pixel, an observation less.
    let data = labelled();
    let other = |change: &dyn Fn(&mut Value)| {
        let mut changed = data.clone();
        change(&mut changed);
        write(&at.join("other.json"), &changed);
        succeeds(at, "-q hash --data-set -D other.json --vk-path claim/vk.key").trim().to_owned()
    };
    assert_eq!(other(&|_| ()), digest);
    assert_ne!(other(&|data| data["labels"][5] = json!(11)), digest);
    assert_ne!(other(&|data| data["input_data"][9][20] = json!(0.123)), digest);
    let less = |data: &mut Value| {
        data["labels"].as_array_mut().unwrap().pop();
        data["input_data"].as_array_mut().unwrap().pop();
    };
    assert_ne!(other(&less), digest);
    write(&at.join("unlabelled.json"), &json!({ "input_data": data["input_data"] }));
    let (_, error) = fails_with(at, "claim -D unlabelled.json -V batch_size=8 --out none");
    assert!(error.contains("no labels"), "{error}");
    assert!(!at.join("none").exists());
}

#[test]
fn a_model_too_long_to_count_with_is_not_read() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    fs::File::create(at.join("network.onnx")).unwrap().set_len(1 << 31).unwrap();
    let (code, error) = fails_with(at, "claim -D [[1]]");
    assert!(code == 3 && error.contains("network.onnx") && error.contains("at most"), "{error}");
}

/// Nobody sees weights, observations or labels.
#[test]
fn a_claim_of_committed_weights_is_about_their_commitment() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    fs::copy(models().join("digits_cnn/network.onnx"), at.join("network.onnx")).unwrap();
    write(&at.join("data.json"), &labelled());
    succeeds(at, "claim -D data.json -V batch_size=16 --param-visibility committed");
    let claim = at.join("claim");
    let verify = "verify-claim --allow-insecure-srs";
    let said = succeeds(&claim, &format!("{verify} --commitment commitment.pf"));
    let right = COUNT - WRONG.len();
    assert!(said.contains(&format!("{right} of {COUNT} labels right")), "{said}");
    let digest = succeeds(&claim, "digest -q commitment.pf");
    assert!(said.contains(&format!("weights {} (committed)", digest.trim())), "{said}");
    assert!(said.contains("(architecture alone; counts right labels, as"), "{said}");
    let (code, error) = fails_with(&claim, verify);
    assert!(code == 3 && error.contains("--commitment"), "{code}: {error}");
    let (code, error) = fails_with(&claim, &format!("{verify} -M ../network.onnx"));
    assert!(code == 1 && error.contains("any model of an architecture"), "{code}: {error}");
    // The same weights, committed to once more.
    succeeds(&claim, "commit --commitment-path other.pf --opening-path other.secret");
    let (code, error) = fails_with(&claim, &format!("{verify} --commitment other.pf"));
    assert!(code == 1 && error.contains("commitment"), "{code}: {error}");
}

/// The data's owner shows neither observations nor a digest that guesses could be held against.
#[test]
fn a_claim_over_committed_data_is_about_their_commitments() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    fs::copy(models().join("digits_cnn/network.onnx"), at.join("network.onnx")).unwrap();
    write(&at.join("data.json"), &labelled());
    let claims = "claim -D data.json -V batch_size=32 --input-visibility committed";
    succeeds(at, &format!("{claims} --out first"));
    let first = at.join("first");
    let hash = "-q hash --data-set -D data.json --vk-path first/vk.key --srs-path first/kzg.srs";
    let digest = succeeds(at, &format!("{hash} --data-secret first/data.secret"));
    let digest = digest.trim();
    let verify = "verify-claim --allow-insecure-srs -M ../network.onnx";
    let said = succeeds(&first, &format!("{verify} --data-digest {digest}"));
    let right = COUNT - WRONG.len();
    assert!(said.contains(&format!("{right} of {COUNT} labels right")), "{said}");
    assert!(said.contains(&format!("data    {digest}\n")), "{said}");
    assert_eq!(
        succeeds(&first, &format!("{verify} --data-digest 0x{}", digest.to_uppercase())),
        said
    );

    // Another claim of the same data, under the secret that the first one drew, has their digest; without it, none has.
    let srs = "--srs-path first/kzg.srs";
    succeeds(at, &format!("{claims} {srs} --data-secret first/data.secret --out second"));
    let [honest, second] = ["first", "second"].map(|name| read(&at.join(name).join("claim.json")));
    assert_eq!(second["data_digest"], digest);
    assert_eq!(second["commitments"], honest["commitments"]);
    assert_ne!(second["proofs"], honest["proofs"]);
    assert!(!at.join("second/data.secret").exists());
    succeeds(at, &format!("{claims} {srs} --out third"));
    let third = read(&at.join("third/claim.json"));
    assert_ne!(third["data_digest"], digest);

    let refused = |change: &dyn Fn(&mut Value), says: &str| {
        refuses(&first, verify, &honest, change, says);
    };
    refused(&|claim| claim["right"] = json!(right + 1), "its proofs 58 of 61");
    refused(&|claim| claim["data_digest"] = third["data_digest"].clone(), "it says another");
    // Commitments of other openings, in another order, too few, none.
    let other = "use the commitment that it was proved with";
    refused(&|claim| claim["commitments"] = third["commitments"].clone(), other);
    refused(&|claim| claim["commitments"].as_array_mut().unwrap().swap(0, 1), other);
    // And proof files that name them.
    let of_inputs = "inputs_commitment_digest";
    refused(
        &|claim| {
            claim["commitments"] = third["commitments"].clone();
            for (proof, other) in std::iter::zip(
                claim["proofs"].as_array_mut().unwrap(),
                third["proofs"].as_array().unwrap(),
            ) {
                proof[of_inputs] = other[of_inputs].clone();
            }
        },
        "invalid",
    );
    refused(
        &|claim| drop(claim["commitments"].as_array_mut().unwrap().pop()),
        "1 commitments to data, 2",
    );
    refused(&|claim| drop(claim.as_object_mut().unwrap().remove("commitments")), "0 commitments");
    refused(&|claim| claim["commitments"][1] = json!("no hex"), "no hex");
    refused(&|claim| claim["commitments"][1] = json!("00ff"), "is none");
    // Proofs and their commitments in another order: other data.
    refused(
        &|claim| {
            for name in ["commitments", "proofs"] {
                claim[name].as_array_mut().unwrap().swap(0, 1);
            }
        },
        "other labels than those of its observations",
    );

    // Other data under the same secret have nothing in common with these, whatever is alike.
    let mut other = labelled();
    other["labels"][5] = json!(11);
    write(&at.join("other.json"), &other);
    let hash = hash.replace("data.json", "other.json");
    let changed = succeeds(at, &format!("{hash} --data-secret first/data.secret"));
    assert_ne!(changed.trim(), digest);

    // What does not belong together.
    let (code, error) = fails_with(at, "hash --data-set -D data.json --vk-path first/vk.key");
    assert!(code == 3 && error.contains("--data-secret"), "{code}: {error}");
    let (code, error) = fails_with(&first, "digest data.secret");
    assert!(code == 3 && error.contains("has no digest"), "{code}: {error}");
    let (_, error) = fails_with(
        at,
        "claim -D data.json -V batch_size=32 --data-secret first/data.secret --out none",
    );
    assert!(error.contains("hashed data take no secret"), "{error}");
    let (_, error) = fails_with(at, &format!("{claims} --data-secret first/vk.key --out none"));
    assert!(error.contains("a verifying key"), "{error}");
    let (_, error) =
        fails_with(at, "claim -D data.json -V batch_size=32 --input-visibility private --out none");
    assert!(error.contains("hashed or committed"), "{error}");
    assert!(!at.join("none").exists());
}

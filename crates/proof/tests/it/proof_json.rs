//! `proof.json`: a change of any field is refused, each with its own error.

use crate::toy::*;
use provenn_artefact::json::JsonError;
use provenn_proof::{WitnessFile, setup};
use provenn_verifier::{ProofFile, ProofFileError, VerifyError};
use std::fs;

fn refused(change: impl FnOnce(&mut ProofFile)) -> ProofFileError {
    let toy = toy();
    let mut proof = toy.proof.clone();
    change(&mut proof);
    proof.verify(toy.key.verifying_key(), toy.srs.verifier(), ALLOW).unwrap_err()
}

#[test]
fn round_trip() {
    let (folder, toy) = (Folder::new(), toy());
    toy.proof.write(&folder.path("proof.json")).unwrap();
    assert_eq!(ProofFile::read(&folder.path("proof.json")).unwrap(), toy.proof);
}

#[test]
fn the_version_is_checked() {
    assert!(matches!(refused(|p| p.version = 1), ProofFileError::Version { got: 1 }));
}

#[test]
fn the_key_is_checked() {
    assert!(matches!(refused(|p| p.vk_digest.replace_range(..1, "x")), ProofFileError::Key { .. }));
    let upper = refused(|p| p.vk_digest = p.vk_digest.to_uppercase());
    assert!(matches!(upper, ProofFileError::Key { .. }));
    let toy = toy();
    let other = setup(&circuit_of(1), &statement(), &toy.srs).unwrap();
    let error = toy.proof.verify(other.verifying_key(), toy.srs.verifier(), ALLOW);
    assert!(matches!(error, Err(ProofFileError::Key { .. })));
}

#[test]
fn the_proof_has_one_spelling() {
    let changes: [fn(&mut String); 5] = [
        |hex| *hex = hex.to_uppercase(),
        |hex| *hex = format!("0x{}", hex[2..].to_uppercase()),
        |hex| *hex = hex[2..].to_string(),
        |hex| hex.push('0'),
        |hex| hex.push_str("zz"),
    ];
    for change in changes {
        assert!(matches!(refused(|p| change(&mut p.hex_proof)), ProofFileError::HexProof));
    }
    let flipped = refused(|p| {
        let digit = if p.hex_proof.ends_with('0') { "1" } else { "0" };
        let end = p.hex_proof.len();
        p.hex_proof.replace_range(end - 1.., digit);
    });
    assert!(matches!(flipped, ProofFileError::Verify(_)));
    let cut = refused(|p| p.hex_proof.truncate(p.hex_proof.len() - 2));
    assert!(matches!(cut, ProofFileError::Verify(VerifyError::Truncated { .. })));
    let longer = refused(|p| p.hex_proof.push_str("00"));
    assert!(matches!(longer, ProofFileError::Verify(VerifyError::Trailing { extra: 1 })));
}

#[test]
fn instances_have_one_spelling() {
    // 5 + p, little-endian.
    let modulus = "010000f093f5e1439170b97948e833285d588181b64550b829a031e1724e6430";
    let off_by_p = modulus.replacen("01", "06", 1);
    let spellings = [off_by_p.as_str(), "05", "", "0x05", &"f".repeat(64), &"zz".repeat(32)];
    for spelling in spellings {
        let error = refused(|p| p.instances[0][1] = spelling.into());
        assert!(matches!(error, ProofFileError::Instance { index: 1 }), "{spelling}");
    }
    // -7 has letters among its digits.
    let upper = refused(|p| p.instances[0][0] = p.instances[0][0].to_uppercase());
    assert!(matches!(upper, ProofFileError::Instance { index: 0 }));
}

#[test]
fn instances_are_checked() {
    // 6 in place of 5, while the display still says 5.
    let changed = refused(|p| p.instances[0][1].replace_range(..2, "06"));
    assert!(matches!(changed, ProofFileError::Pretty { what: "inputs", index: 1, .. }));
    // Both changed alike: the proof says no.
    let both = refused(|p| {
        p.instances[0][1].replace_range(..2, "06");
        p.pretty_public_inputs.inputs[0][1] = "1.5".into();
    });
    assert!(matches!(both, ProofFileError::Verify(VerifyError::InvalidProof)));
    let length =
        |error| matches!(error, ProofFileError::Verify(VerifyError::InstanceLength { .. }));
    assert!(length(refused(|p| p.instances[0].truncate(3))));
    assert!(length(refused(|p| {
        let zero = "0".repeat(64);
        p.instances[0].push(zero);
    })));
    let columns = refused(|p| p.instances.push(vec![]));
    assert!(matches!(columns, ProofFileError::Columns { got: 2 }));
    assert!(matches!(refused(|p| p.instances.clear()), ProofFileError::Columns { got: 0 }));
}

#[test]
fn the_display_is_recomputed() {
    for text in ["1.26", "1.250", "+1.25", "1.25 ", "", "NaN"] {
        let error = refused(|p| p.pretty_public_inputs.inputs[0][1] = text.into());
        let named =
            matches!(error, ProofFileError::Pretty { what: "inputs", tensor: 0, index: 1, .. });
        assert!(named, "{text}");
    }
    let output = refused(|p| p.pretty_public_inputs.outputs[0][0] = "1".into());
    assert!(matches!(output, ProofFileError::Pretty { what: "outputs", .. }));
    for change in [
        (|p| p.pretty_public_inputs.inputs[0].push("0".into())) as fn(&mut ProofFile),
        |p| p.pretty_public_inputs.inputs.push(vec![]),
        |p| p.pretty_public_inputs.outputs.clear(),
    ] {
        assert!(matches!(refused(change), ProofFileError::PrettyLength { .. }));
    }
}

#[test]
fn the_form_is_strict() {
    let (folder, toy) = (Folder::new(), toy());
    let path = folder.path("proof.json");
    let text = serde_json::to_string(&toy.proof).unwrap();
    let bad = [
        text.replacen('{', "{\"proof\": [1, 2], ", 1),
        text.replacen('{', "{\"version\": 1, ", 1),
        text.replacen("\"outputs\"", "\"output\"", 1),
        text[..text.len() - 1].to_string(),
        format!("{text} {{}}"),
        String::new(),
        "[".repeat(100_000),
        "\u{0}PROVENN".into(),
    ];
    for text in bad {
        fs::write(&path, text).unwrap();
        let error = ProofFile::read(&path).unwrap_err();
        assert!(matches!(error, JsonError::Parse { .. }));
        assert!(error.to_string().contains("proof.json: expected a proof"), "{error}");
    }
    let missing = ProofFile::read(&folder.path("none.json")).unwrap_err().to_string();
    assert!(missing.contains("made by `prove`"), "{missing}");
}

#[test]
fn witness_round_trip() {
    let folder = Folder::new();
    let witness = WitnessFile {
        inputs: vec![vec![1, i64::MIN]],
        outputs: vec![vec![], vec![i64::MAX]],
        pretty_inputs: vec![vec!["0.5".into()]],
        pretty_outputs: vec![],
        compiled_digest: "00".into(),
    };
    witness.write(&folder.path("witness.json")).unwrap();
    assert_eq!(WitnessFile::read(&folder.path("witness.json")).unwrap(), witness);
    fs::write(folder.path("witness.json"), "{\"inputs\": [[9223372036854775808]]}").unwrap();
    assert!(WitnessFile::read(&folder.path("witness.json")).is_err());
}

#[test]
fn a_file_longer_than_any_proof_of_the_key_is_not_read() {
    let (folder, toy) = (Folder::new(), toy());
    let path = folder.path("proof.json");
    let mut text = serde_json::to_string(&toy.proof).unwrap();
    fs::write(&path, &text).unwrap();
    let key = toy.key.verifying_key();
    assert_eq!(ProofFile::read_for(&path, key).unwrap(), toy.proof);
    text.push_str(&" ".repeat(5 << 20));
    fs::write(&path, &text).unwrap();
    let error = ProofFile::read_for(&path, key).unwrap_err();
    assert!(matches!(error, JsonError::Size { .. }), "{error}");
}

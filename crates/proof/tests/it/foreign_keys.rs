//! Keys from a stranger, whose digests are right.

use crate::toy::*;
use provenn_artefact::codec;
use provenn_artefact::{self as artefact, Kind};
use provenn_gadgets::TensorVisibility;
use provenn_gadgets::{ActivationBanks, GadgetSet, Grid, MaximumBanks, Standard, Statement};
use provenn_proof::{ProveError, ProvingKey, prove};
use provenn_verifier::{KeyError, ProofFile, ProofFileError, VerifyError, VerifyingKey, verify};
use std::fs;
use std::time::{Duration, Instant};

const NAME: usize = 32 + 1;
const STATEMENT: usize = NAME + Standard::NAME.len() + 4;

fn honest() -> Vec<u8> {
    toy().key.verifying_key().to_bytes().to_vec()
}

/// The honest key with another statement.
fn with(change: impl FnOnce(&mut Statement)) -> Vec<u8> {
    let mut statement = statement();
    let length = codec::encode(&statement).unwrap().len();
    change(&mut statement);
    let encoded = codec::encode(&statement).unwrap();
    let honest = honest();
    let mut bytes = honest[..STATEMENT - 4].to_vec();
    bytes.extend(u32::try_from(encoded.len()).unwrap().to_le_bytes());
    bytes.extend(encoded);
    bytes.extend(&honest[STATEMENT + length..]);
    bytes
}

#[test]
fn huge_shapes_cost_nothing() {
    let start = Instant::now();
    let refused = |change: fn(&mut Statement)| VerifyingKey::from_bytes(&with(change)).unwrap_err();
    let constraints = |error| matches!(error, KeyError::Constraints(_));
    assert!(constraints(refused(|s| s.params.k = 27)));
    assert!(constraints(refused(|s| s.params.k = u32::MAX)));
    assert!(constraints(refused(|s| s.params.lanes = usize::MAX)));
    assert!(constraints(refused(|s| {
        s.params.formats = vec![ActivationBanks { banks: 1, lanes: 1, shift: 1, low_bits: 0 }];
    })));
    assert!(constraints(refused(|s| s.params.weight_lanes = 0)));
    assert!(constraints(refused(|s| s.params.further_instance_columns = 16)));
    // Every field is within its own limit.
    assert!(constraints(refused(|s| {
        s.params.maxima = vec![MaximumBanks {
            banks: 256,
            lanes: 64,
            shift: 30,
            low_bits: 1,
            limbs: 64,
            window: [2, 2],
            function: true,
        }];
        s.params.table_banks = 1;
    })));
    let commitments = |error| matches!(error, KeyError::Commitments { .. });
    assert!(commitments(refused(|s| s.params.plain_banks = 256)));
    assert!(constraints(refused(|s| {
        s.params.lanes = 64;
        s.params.plain_banks = 256;
        s.params.formats =
            vec![ActivationBanks { banks: 256, lanes: 64, shift: 30, low_bits: 1 }; 8];
        s.params.table_banks = 256;
    })));
    // A larger k alone is another circuit, but needs no memory of its size.
    assert!(matches!(refused(|s| s.params.k = 26), KeyError::Version));
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[test]
fn nonsense_tensors_are_refused() {
    let changes: [fn(&mut Statement); 10] = [
        |s| s.inputs[0].grid.steps[0] = f64::NAN,
        |s| s.inputs[0].grid.steps[0] = f64::INFINITY,
        |s| s.inputs[0].grid.steps[0] = 0.0,
        |s| s.outputs[0].grid.steps[0] = -1.0,
        |s| s.outputs[0].grid.inner = 0,
        |s| s.inputs[0].lo = 200,
        |s| s.inputs[0].name = "x".repeat(5000),
        |s| s.inputs[0].shape = vec![usize::MAX, 2],
        |s| s.inputs[0].shape = vec![usize::MAX],
        |s| s.inputs[0].shape = vec![1000],
    ];
    for change in changes {
        let error = VerifyingKey::from_bytes(&with(change)).unwrap_err();
        assert!(matches!(error, KeyError::Tensor { .. } | KeyError::Malformed { .. }), "{error}");
    }
}

#[test]
fn every_changed_byte_is_an_error_or_another_key() {
    let (toy, honest) = (toy(), honest());
    for at in 0..honest.len() {
        for bit in [at % 8, 7] {
            let mut bad = honest.clone();
            bad[at] ^= 1 << bit;
            // The digest of the SRS, names, steps and ranges are the key's own business: a key with
            // others is another key, and no proof is for it.
            if let Ok(key) = VerifyingKey::from_bytes(&bad) {
                let error = toy.proof.verify(&key, toy.srs.verifier(), ALLOW);
                assert!(matches!(error, Err(ProofFileError::Key { .. })), "byte {at}");
                assert!(at < honest.len() - 32, "byte {at}");
            }
        }
    }
    for length in 0..honest.len() {
        assert!(VerifyingKey::from_bytes(&honest[..length]).is_err());
    }
}

#[test]
fn points_off_the_curve_are_named() {
    let mut bad = honest();
    let start = bad.len() - 64;
    bad[start..start + 32].fill(255);
    let error = VerifyingKey::from_bytes(&bad).unwrap_err();
    assert!(matches!(error, KeyError::Point { what: "permutation commitment", .. }), "{error}");
}

#[test]
fn a_proving_key_with_a_right_digest_is_still_parsed_carefully() {
    let (folder, toy) = (Folder::new(), toy());
    let path = folder.path("pk.key");
    toy.key.write(&path).unwrap();
    let payload = fs::read(&path).unwrap()[56..].to_vec();
    let refused = |payload: &[u8]| {
        artefact::write::<std::io::Error>(&path, Kind::ProvingKey, |w| w.write_all(payload))
            .unwrap();
        ProvingKey::read(&path).unwrap_err()
    };
    for length in [0, 7, 8, 100, payload.len() / 2, payload.len() - 1] {
        refused(&payload[..length]);
    }
    let mut longer = payload.clone();
    longer.push(0);
    refused(&longer);
    // The length of the statement.
    let mut huge = payload.clone();
    huge[STATEMENT - 4..STATEMENT].fill(255);
    assert!(refused(&huge).to_string().contains("ends inside its statement"));
}

/// The same commitments under another statement or another SRS digest: every digest in the files is right, and
/// the proof is for another key all the same.
#[test]
fn a_proof_does_not_move_to_a_relabelled_key() {
    let toy = toy();
    let changes: [fn(&mut Statement); 6] = [
        |s| s.outputs[0].grid = Grid::uniform(0.125 * 4096.0),
        |s| s.outputs[0].name = "approved".into(),
        |s| s.outputs[0].shape = vec![1, 1, 1],
        |s| s.model = [9; 32],
        |s| s.settings = [9; 32],
        |s| s.outputs[0].hi = 1 << 20,
    ];
    for change in changes {
        let key = VerifyingKey::from_bytes(&with(change)).unwrap();
        let refused = verify(&key, toy.srs.verifier(), &toy.instance(), &toy.bytes, ALLOW);
        assert_eq!(refused, Err(VerifyError::InvalidProof));
        // As a file with its digest and reals put right.
        let instance = toy.instance();
        let file = ProofFile::new(&key, &instance, &toy.bytes, true).unwrap();
        let error = file.verify(&key, toy.srs.verifier(), ALLOW).unwrap_err();
        assert!(matches!(error, ProofFileError::Verify(VerifyError::InvalidProof)), "{error}");
    }
}

/// A proving key whose statement was changed makes no proof for it.
#[test]
fn a_proving_key_with_another_statement_proves_nothing() {
    let (folder, toy) = (Folder::new(), toy());
    let mut bytes = with(|s| s.outputs[0].grid = Grid::uniform(512.0));
    bytes.extend(toy.key.circuit_digest());
    let path = folder.path("pk.key");
    artefact::write::<std::io::Error>(&path, Kind::ProvingKey, |w| w.write_all(&bytes)).unwrap();
    let key = ProvingKey::read(&path).unwrap();
    let circuit = witnessed(circuit(), INPUTS, instance(INPUTS));
    let error = prove(&key, &circuit, &statement(), &instance(INPUTS), &toy.srs, rng(1));
    assert!(matches!(error, Err(ProveError::Statement { field: "public outputs" })));
    // Nor does the key of a circuit with the same columns and other steps.
    let mut other = statement();
    other.outputs[0].grid = Grid::uniform(0.25);
    let error = prove(&toy.key, &circuit, &other, &instance(INPUTS), &toy.srs, rng(1));
    assert!(matches!(error, Err(ProveError::Circuit { .. })));
}

#[test]
fn private_tensors_are_not_listed() {
    let listed =
        VerifyingKey::from_bytes(&with(|s| s.output_visibility = TensorVisibility::Private))
            .unwrap_err();
    assert!(matches!(listed, KeyError::Malformed { .. }), "{listed}");
}

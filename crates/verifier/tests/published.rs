//! What a prover published, verified without one. `provenn-proof`'s tests make these files.
#![allow(clippy::unwrap_used)] // a test reports by panicking

use halo2_proofs::halo2curves::bn256::Fr;
use provenn_verifier::{
    ProofFile, ProofFileError, VerifierSrs, VerifyError, VerifyOptions, VerifyingKey, verify,
};
use std::path::{Path, PathBuf};

const ALLOW: VerifyOptions = VerifyOptions::allowing_insecure_srs();

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

struct Published {
    key: VerifyingKey,
    srs: VerifierSrs,
    proof: ProofFile,
}

/// All three as they come over a network.
fn from_memory() -> Published {
    Published {
        key: VerifyingKey::read_bytes("vk.key".as_ref(), &bytes("vk.key")).unwrap(),
        srs: VerifierSrs::read_bytes("kzg.srs".as_ref(), &bytes("kzg.srs")).unwrap(),
        proof: serde_json::from_slice(&bytes("proof.json")).unwrap(),
    }
}

#[test]
fn files_and_memory_say_the_same() {
    let Published { key, srs, proof } = from_memory();
    assert_eq!(VerifyingKey::read(&path("vk.key")).unwrap().to_bytes(), key.to_bytes());
    assert_eq!(VerifierSrs::read(&path("kzg.srs")).unwrap(), srs);
    assert_eq!(ProofFile::read_for(&path("proof.json"), &key).unwrap(), proof);
    proof.verify(&key, &srs, ALLOW).unwrap();
    assert_eq!(proof.pretty_public_inputs.outputs, [["-0.875"]]);
    // Drawn for tests: nobody is to trust it without saying so.
    let strict = proof.verify(&key, &srs, VerifyOptions::default());
    let insecure = |error: &ProofFileError| {
        matches!(error, ProofFileError::Verify(VerifyError::InsecureSrs { .. }))
    };
    assert!(strict.is_err_and(|error| insecure(&error)));
}

#[test]
fn other_public_values_are_refused() {
    let Published { key, srs, proof } = from_memory();
    let hex = hex::decode(&proof.hex_proof[2..]).unwrap();
    let honest = proof.instance().unwrap();
    assert_eq!(verify(&key, &srs, &honest, &hex, ALLOW), Ok(()));
    for at in 0..honest.len() {
        let mut other = honest.clone();
        other[at] += Fr::one();
        assert_eq!(verify(&key, &srs, &other, &hex, ALLOW), Err(VerifyError::InvalidProof));
    }
}

#[test]
fn changed_bytes_of_a_proof_are_refused() {
    let Published { key, srs, proof } = from_memory();
    let honest = hex::decode(&proof.hex_proof[2..]).unwrap();
    let instance = proof.instance().unwrap();
    for at in (0..honest.len()).step_by(29) {
        let mut bad = honest.clone();
        bad[at] ^= 1;
        assert!(verify(&key, &srs, &instance, &bad, ALLOW).is_err(), "byte {at}");
        assert!(verify(&key, &srs, &instance, &honest[..at], ALLOW).is_err(), "cut at {at}");
    }
}

type Reader = fn(&[u8]) -> Result<(), String>;

const READERS: [(&str, Reader); 2] = [
    ("vk.key", |bytes| {
        let read = VerifyingKey::read_bytes("net/file".as_ref(), bytes);
        read.map(drop).map_err(|error| error.to_string())
    }),
    ("kzg.srs", |bytes| {
        let read = VerifierSrs::read_bytes("net/file".as_ref(), bytes);
        read.map(drop).map_err(|error| error.to_string())
    }),
];

#[test]
fn changed_files_are_refused_in_memory_too() {
    for (file, read) in READERS {
        let honest = bytes(file);
        assert_eq!(read(&honest), Ok(()));
        for at in 0..honest.len() {
            let mut bad = honest.clone();
            bad[at] ^= 1 << (at % 8);
            assert!(read(&bad).unwrap_err().contains("net/file"), "{file} byte {at}");
            assert!(read(&honest[..at]).is_err(), "{file} cut at {at}");
        }
        let mut longer = honest;
        longer.push(0);
        assert!(read(&longer).unwrap_err().contains("cut or extended"), "{file}");
    }
}

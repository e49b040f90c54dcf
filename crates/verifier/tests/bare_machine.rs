//! What a prover published, verified where there are no files, threads or random numbers.
//!
//! `cargo test` runs it here; with `bare_machine.mjs` as the runner it is the same on `wasm32-unknown-unknown`.
#![allow(clippy::unwrap_used)] // a test reports by panicking

use halo2_proofs::halo2curves::bn256::Fr;
use provenn_verifier::{ProofFile, VerifierSrs, VerifyError, VerifyOptions, VerifyingKey, verify};

const KEY: &[u8] = include_bytes!("data/vk.key");
const SRS: &[u8] = include_bytes!("data/kzg.srs");
const PROOF: &[u8] = include_bytes!("data/proof.json");

fn main() {
    let key = VerifyingKey::read_bytes("vk.key".as_ref(), KEY).unwrap();
    let srs = VerifierSrs::read_bytes("kzg.srs".as_ref(), SRS).unwrap();
    let proof: ProofFile = serde_json::from_slice(PROOF).unwrap();
    let allow = VerifyOptions::allowing_insecure_srs();
    proof.verify(&key, &srs, allow).unwrap();

    let instance = proof.instance().unwrap();
    let bytes = hex::decode(&proof.hex_proof[2..]).unwrap();
    let strict = verify(&key, &srs, &instance, &bytes, VerifyOptions::default());
    assert!(matches!(strict, Err(VerifyError::InsecureSrs { .. })));
    let mut other = instance.clone();
    other[0] += Fr::one();
    assert_eq!(verify(&key, &srs, &other, &bytes, allow), Err(VerifyError::InvalidProof));
    for at in (0..bytes.len()).step_by(97) {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        assert!(verify(&key, &srs, &instance, &bad, allow).is_err(), "byte {at}");
    }
    assert!(VerifyingKey::read_bytes("vk.key".as_ref(), &KEY[1..]).is_err());
}

//! Verifying and proving keys: no key but its own accepts a proof.

use crate::honest::{Honest, Run, allow};
use provenn::{ProvingKey, VerifyingKey};
use std::path::Path;

pub(crate) fn verifying_key(honest: &Honest, path: &Path) {
    if let Ok(key) = VerifyingKey::read(path) {
        accepts_its_own_alone(honest, &key);
    }
}

pub(crate) fn proving_key(honest: &Honest, path: &Path) {
    if let Ok(key) = ProvingKey::read(path) {
        accepts_its_own_alone(honest, key.verifying_key());
    }
}

fn accepts_its_own_alone(honest: &Honest, key: &VerifyingKey) {
    let other = |run: &Run| key.digest() != run.key.verifying_key().digest();
    if other(&honest.fixed) {
        let srs = honest.fixed.srs.verifier();
        let taken = provenn::verify_proof(&honest.proof, key, srs, allow());
        assert!(taken.is_err(), "another key");
    }
    if other(&honest.committed) {
        let (proof, srs) = (&honest.committed_proof, honest.committed.srs.verifier());
        let taken = provenn::verify_committed_proof(proof, key, srs, honest.commitments(), allow());
        assert!(taken.is_err(), "another key for committed weights");
    }
}

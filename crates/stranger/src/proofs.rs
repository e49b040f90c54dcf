//! Witnesses, proofs, and what proofs for committed weights take.

use crate::honest::{Honest, Run, allow, rng};
use provenn::{CommitmentFile, Opening, ProofFile, ProveOptions, WitnessFile};
use std::path::Path;

pub(crate) fn witness(honest: &Honest, path: &Path) {
    if let Ok(file) = WitnessFile::read(path) {
        let _ = provenn::read_witness(&honest.fixed.compiled, &file, Some(&honest.fixed.key));
    }
}

/// What is accepted says what the honest one says.
pub(crate) fn proof(honest: &Honest, path: &Path) {
    let Run { key, srs, .. } = &honest.fixed;
    if let Ok(proof) = ProofFile::read(path)
        && provenn::verify_proof(&proof, key.verifying_key(), srs.verifier(), allow()).is_ok()
    {
        assert_eq!(proof.instance().unwrap(), honest.proof.instance().unwrap());
        assert_eq!(proof.pretty_public_inputs, honest.proof.pretty_public_inputs);
    }
}

pub(crate) fn commitment(honest: &Honest, path: &Path) {
    let Run { key, srs, .. } = &honest.committed;
    if let Ok(file) = CommitmentFile::read(path)
        && let Ok(got) = file.check(key.verifying_key(), srs.verifier(), allow())
    {
        assert_eq!(got, honest.commitment);
    }
}

pub(crate) fn opening(honest: &Honest, path: &Path) {
    let Run { compiled, key, srs, witness, .. } = &honest.committed;
    if let Ok(got) = Opening::read(path)
        && got != honest.opening
    {
        let options = ProveOptions::default();
        let proved = provenn::prove_committed(compiled, key, srs, &got, witness, options, rng());
        assert!(proved.is_err(), "another opening");
    }
}

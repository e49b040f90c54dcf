//! Witnesses, proofs, and what proofs for committed weights take.

use crate::honest::{Claimed, Honest, Run, allow, rng};
use provenn::claim::{Claim, DataSecret, committed_data_digest};
use provenn::{
    CommitmentFile, Commitments, Opening, Openings, ProofFile, ProveOptions, TensorCommitment,
    TensorOpening, WitnessFile,
};
use std::path::Path;

pub(crate) fn witness(honest: &Honest, path: &Path) {
    if let Ok(file) = WitnessFile::read(path) {
        let _ = provenn::read_witness(&honest.fixed.compiled, &file, Some(&honest.fixed.key));
    }
}

pub(crate) fn proof(honest: &Honest, path: &Path) {
    let Ok(proof) = ProofFile::read(path) else { return };
    let Run { key, srs, .. } = &honest.fixed;
    if provenn::verify_proof(&proof, key.verifying_key(), srs.verifier(), allow()).is_ok() {
        says_the_same(&proof, &honest.proof);
    }
    let Run { key, srs, .. } = &honest.committed;
    let (key, srs) = (key.verifying_key(), srs.verifier());
    let commitments = honest.commitments();
    if provenn::verify_committed_proof(&proof, key, srs, commitments, allow()).is_ok() {
        says_the_same(&proof, &honest.committed_proof);
    }
}

/// What is accepted says what the honest one says.
fn says_the_same(proof: &ProofFile, honest: &ProofFile) {
    assert_eq!(proof.instance().unwrap(), honest.instance().unwrap());
    assert_eq!(proof.pretty_public_inputs, honest.pretty_public_inputs);
}

/// The honest one's key is for committed weights.
pub(crate) fn claim(honest: &Honest, path: &Path) {
    let Ok(claim) = Claim::read(path) else { return };
    let Claimed { key, srs, commitment, said, .. } = &honest.claimed;
    // Of which data it is, whoever names none asks the claim.
    for digest in [None, Some(said.data_digest.as_str())] {
        if let Ok(got) = claim.verify(key, srs.verifier(), Some(commitment), allow(), digest) {
            assert_eq!(got, *said);
            // Readers may look at the file alone.
            assert_eq!((claim.right, claim.labels), (said.right, said.labels));
            assert_eq!(claim.data_digest, said.data_digest);
        }
    }
}

pub(crate) fn data_secret(honest: &Honest, path: &Path) {
    let Claimed { key, srs, said, data, secret, .. } = &honest.claimed;
    if let Ok(got) = DataSecret::read(path) {
        let digest = committed_data_digest(key, data, srs, &got).unwrap();
        assert_eq!(digest == said.data_digest, got == *secret);
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
    if let Ok(got) = Opening::read(path)
        && got != honest.opening
        && honest.is_tried(path)
    {
        opens_nothing(honest, Openings { weights: Some(&got), ..honest.openings() });
    }
}

pub(crate) fn tensor_commitment(honest: &Honest, path: &Path) {
    let Run { key, srs, .. } = &honest.committed;
    if let Ok(got) = TensorCommitment::read(path)
        && got != *honest.tensor_opening.commitment()
    {
        let commitments = Commitments { inputs: Some(&got), ..honest.commitments() };
        let (proof, key, srs) = (&honest.committed_proof, key.verifying_key(), srs.verifier());
        let taken = provenn::verify_committed_proof(proof, key, srs, commitments, allow());
        assert!(taken.is_err(), "another commitment");
    }
}

pub(crate) fn tensor_opening(honest: &Honest, path: &Path) {
    if let Ok(got) = TensorOpening::read(path)
        && got != honest.tensor_opening
        && honest.is_tried(path)
    {
        opens_nothing(honest, Openings { inputs: Some(&got), ..honest.openings() });
    }
}

fn opens_nothing(honest: &Honest, openings: Openings<'_>) {
    let Run { compiled, key, srs, witness, .. } = &honest.committed;
    let options = ProveOptions::default();
    let proved = provenn::prove_committed(compiled, key, srs, openings, witness, options, rng());
    assert!(proved.is_err(), "another opening");
}

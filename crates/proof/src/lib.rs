//! Keys, proofs, verification and artefact files

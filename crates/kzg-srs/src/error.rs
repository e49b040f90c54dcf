//! Errors of this crate.

use provenn_artefact::ArtefactError;
use provenn_verifier::{MAX_K, SrsFileError};
use thiserror::Error;

/// Why an SRS could not be had.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum SrsError {
    #[error(transparent)]
    File(#[from] SrsFileError),
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
    #[error("k = {k} is outside 1 to {MAX_K}; choose --logrows within")]
    K { k: u32 },
    #[error("the srs has k = {got}, k = {expected} is needed; take a larger one")]
    TooSmall { expected: u32, got: u32 },
    #[error(
        "a locally drawn (insecure) srs does not go into the cache; write it beside the model instead"
    )]
    InsecureInCache,
}

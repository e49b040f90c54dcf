//! Errors of this crate.

use crate::artefact::ArtefactError;
use std::path::PathBuf;
use thiserror::Error;

/// Why an SRS could not be had.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum SrsError {
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
    #[error(
        "{path}: no srs: {found}; expected a halo2 raw file or one made by `get-srs` or `gen-srs`"
    )]
    Format { path: PathBuf, found: String },
    #[error(
        "{path}: says k = {k}, which takes {expected} bytes, but has {found}; it was cut or is no srs, fetch it again"
    )]
    Length { path: PathBuf, k: u32, expected: u64, found: u64 },
    #[error(
        "{path}: point {index} of {what} is not a valid point of the group; the file is damaged or hostile, fetch it again"
    )]
    Point { path: PathBuf, what: &'static str, index: usize },
    #[error("{path}: {reason}; do not use this file, fetch it again from a source you trust")]
    Inconsistent { path: PathBuf, reason: &'static str },
    #[error("k = {k} is outside 1 to {}; choose --logrows within", crate::MAX_K)]
    K { k: u32 },
    #[error("the srs has k = {found}, k = {expected} is needed; take a larger one")]
    TooSmall { expected: u32, found: u32 },
    #[error(
        "a locally drawn (insecure) srs does not go into the cache; write it beside the model instead"
    )]
    InsecureInCache,
}

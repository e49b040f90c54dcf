//! `model.compiled`: whatever a compiled circuit is rebuilt from, behind the artefact header.

use provenn_artefact::codec::{self, CodecError};
use provenn_artefact::{self as artefact, ArtefactError, Kind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Most bytes of a compiled circuit; what the codec decodes at most.
const LIMIT: u64 = 1 << 30;

/// Why a compiled circuit could not be written or read.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum CompiledFileError {
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
    #[error("{path}: the circuit has {got} bytes, at most {LIMIT} are read; is it the right file?")]
    Size { path: PathBuf, got: u64 },
    #[error("{path}: {source}")]
    Codec { path: PathBuf, source: CodecError },
}

/// Writes a compiled circuit's parts.
///
/// # Errors
/// [`CompiledFileError`] if the place is not writable.
pub fn write_compiled<T: Serialize>(path: &Path, parts: &T) -> Result<(), CompiledFileError> {
    let codec = |source| CompiledFileError::Codec { path: path.into(), source };
    let bytes = codec::encode(parts).map_err(codec)?;
    artefact::write::<io::Error>(path, Kind::CompiledCircuit, |writer| writer.write_all(&bytes))?;
    Ok(())
}

/// Reads a compiled circuit's parts. They are well-formed, not yet meaningful: rebuild and check.
///
/// # Errors
/// [`CompiledFileError`] naming what is wrong with the file.
pub fn read_compiled<T: DeserializeOwned>(path: &Path) -> Result<T, CompiledFileError> {
    let payload = artefact::open(path, Kind::CompiledCircuit)?;
    let too_large = |got| CompiledFileError::Size { path: path.into(), got };
    let bytes = payload.within(path, LIMIT, too_large)?;
    codec::decode(&bytes).map_err(|source| CompiledFileError::Codec { path: path.into(), source })
}

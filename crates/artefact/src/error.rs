//! How a file can fail to be the artefact that is wanted.

use crate::kind::Kind;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// A file that is not the artefact it should be.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum ArtefactError {
    #[error("{path}: {source}; expected {expected}, made by `{}`", expected.made_by())]
    Open { path: PathBuf, expected: Kind, source: io::Error },
    #[error("{path}: cannot read: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path}: cannot write: {source}; choose a writable place")]
    Write { path: PathBuf, source: io::Error },
    #[error(
        "{path}: holds {got}, which {writing} would replace; choose another place, or remove the file"
    )]
    Occupied { path: PathBuf, writing: Kind, got: Kind },
    #[error(
        "{path}: expected {expected}, got {got} ({got_bytes} bytes); `{}` makes the right one",
        expected.made_by()
    )]
    Kind { path: PathBuf, expected: Kind, got: Kind, got_bytes: u64 },
    #[error(
        "{path}: expected {expected}, got a file that is no provenn artefact; `{}` makes one",
        expected.made_by()
    )]
    Magic { path: PathBuf, expected: Kind },
    #[error("{path}: format version {got}, this program reads {expected}; make the file again")]
    Version { path: PathBuf, expected: u32, got: u32 },
    #[error(
        "{path}: the header says {expected} bytes, the file has {got}; it was cut or extended, make it again"
    )]
    Length { path: PathBuf, expected: u64, got: u64 },
    #[error("{path}: its digest does not match its contents; the file is damaged, make it again")]
    Digest { path: PathBuf },
}

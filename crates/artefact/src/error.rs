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
        "{path}: holds {found}, which {writing} would replace; choose another place, or remove the file"
    )]
    Occupied { path: PathBuf, writing: Kind, found: Kind },
    #[error(
        "{path}: expected {expected}, found {found} ({found_bytes} bytes); `{}` makes the right one",
        expected.made_by()
    )]
    Kind { path: PathBuf, expected: Kind, found: Kind, found_bytes: u64 },
    #[error(
        "{path}: expected {expected}, found a file that is no provenn artefact; `{}` makes one",
        expected.made_by()
    )]
    Magic { path: PathBuf, expected: Kind },
    #[error("{path}: format version {found}, this program reads {expected}; make the file again")]
    Version { path: PathBuf, expected: u32, found: u32 },
    #[error(
        "{path}: the header says {expected} bytes, the file has {found}; it was cut or extended, make it again"
    )]
    Length { path: PathBuf, expected: u64, found: u64 },
    #[error("{path}: its digest does not match its contents; the file is damaged, make it again")]
    Digest { path: PathBuf },
}

//! The kinds of artefact files, and how a file can fail to be the one that is wanted.

use std::fmt;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// What an artefact file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A structured reference string.
    Srs,
    /// The part of a structured reference string that verifiers need.
    VerifierSrs,
    /// A compiled circuit.
    CompiledCircuit,
    /// A proving key.
    ProvingKey,
    /// A verifying key.
    VerifyingKey,
}

impl Kind {
    pub(crate) const ALL: [Kind; 5] =
        [Kind::Srs, Kind::VerifierSrs, Kind::CompiledCircuit, Kind::ProvingKey, Kind::VerifyingKey];

    pub(crate) fn code(self) -> u32 {
        match self {
            Kind::Srs => 1,
            Kind::VerifierSrs => 2,
            Kind::CompiledCircuit => 3,
            Kind::ProvingKey => 4,
            Kind::VerifyingKey => 5,
        }
    }

    /// Version of the payload's format.
    #[must_use]
    pub fn version(self) -> u32 {
        match self {
            Kind::Srs | Kind::VerifierSrs => 1,
            // Keys of version 1 left model, settings, full shapes and visibility out of their statement.
            Kind::CompiledCircuit | Kind::ProvingKey | Kind::VerifyingKey => 2,
        }
    }

    /// The command that makes such a file.
    #[must_use]
    pub fn made_by(self) -> &'static str {
        match self {
            Kind::Srs | Kind::VerifierSrs => "get-srs",
            Kind::CompiledCircuit => "compile-circuit",
            Kind::ProvingKey | Kind::VerifyingKey => "setup",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Srs => "an srs",
            Kind::VerifierSrs => "a verifier's srs",
            Kind::CompiledCircuit => "a compiled circuit",
            Kind::ProvingKey => "a proving key",
            Kind::VerifyingKey => "a verifying key",
        })
    }
}

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

//! Errors by kind, for those who act on them: exit codes, classes of exceptions.

use super::Error;
use provenn_verifier::{CommitmentError, ProofFileError, VerifyError};

/// What an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The model.
    Model,
    /// Observations, or labels.
    Data,
    /// Settings and run arguments.
    Settings,
    /// No settings keep the limits given to calibration.
    Calibration,
    /// The model cannot be quantised, or has no result on the inputs.
    Quantise,
    /// The quantised model cannot be laid out.
    Compile,
    /// A witness that is not one of the circuit.
    Witness,
    /// A file that is not the artefact it should be.
    Artefact,
    /// A file that cannot be read or written.
    File,
    /// A ceremony's file cannot be fetched.
    Fetch,
    /// The structured reference string.
    Srs,
    /// Key generation.
    Setup,
    /// A key's file.
    Key,
    /// Proving.
    Prove,
    /// A proof that was not looked at: nothing is known of it.
    Verify,
    /// A proof that does not prove what it should.
    Invalid,
    /// A constraint does not hold.
    Mock,
}

impl Error {
    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::Import { .. } | Error::Evaluate(_) => ErrorKind::Model,
            Error::Labels { .. }
            | Error::Data { .. }
            | Error::Observation { .. }
            | Error::Hash { .. }
            | Error::Counting { .. }
            | Error::Input(_) => ErrorKind::Data,
            Error::Settings { .. } => ErrorKind::Settings,
            Error::Calibrate(_) => ErrorKind::Calibration,
            Error::Quantise(_) | Error::Describe(_) | Error::Interpret(_) => ErrorKind::Quantise,
            Error::Room { .. } | Error::Compile(_) => ErrorKind::Compile,
            Error::Assign(_) | Error::OtherCircuit { .. } => ErrorKind::Witness,
            Error::Commitment(error) => match **error {
                CommitmentError::FixedWeights
                | CommitmentError::Ranges(
                    VerifyError::InsecureSrs { .. }
                    | VerifyError::OtherSrs { .. }
                    | VerifyError::Srs { .. },
                ) => ErrorKind::Verify,
                CommitmentError::Key { .. }
                | CommitmentError::Other { .. }
                | CommitmentError::Points { .. }
                | CommitmentError::Ranges(_) => ErrorKind::Invalid,
                _ => ErrorKind::Artefact,
            },
            Error::CompiledFile(_) | Error::Json(_) | Error::Unknown { .. } | Error::Opening(_) => {
                ErrorKind::Artefact
            }
            Error::File { .. } | Error::Write(_) => ErrorKind::File,
            #[cfg(feature = "download")]
            Error::Fetch(_) => ErrorKind::Fetch,
            Error::Srs(_) | Error::SrsFile(_) | Error::OtherSrs { .. } => ErrorKind::Srs,
            Error::Setup(_) => ErrorKind::Setup,
            Error::Key(_) | Error::OtherKey { .. } => ErrorKind::Key,
            Error::Prove(_) | Error::Commit(_) | Error::CommitWeights(_) => ErrorKind::Prove,
            Error::Verify(
                ProofFileError::Json(_)
                | ProofFileError::Version { .. }
                | ProofFileError::Verify(
                    VerifyError::InsecureSrs { .. }
                    | VerifyError::OtherSrs { .. }
                    | VerifyError::Srs { .. }
                    | VerifyError::NoCommitment
                    | VerifyError::FixedWeights
                    | VerifyError::NoTensors { .. }
                    | VerifyError::Uncommitted { .. },
                ),
            ) => ErrorKind::Verify,
            Error::Verify(_) | Error::Claim { .. } | Error::OtherStatement { .. } => {
                ErrorKind::Invalid
            }
            Error::Mock { .. } => ErrorKind::Mock,
        }
    }
}

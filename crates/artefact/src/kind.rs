//! The kinds of artefact files.

use std::fmt;

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
    /// A commitment to weights.
    Commitment,
    /// What opens a commitment: a secret.
    Opening,
    /// A commitment to inputs or outputs.
    TensorCommitment,
    /// What opens one: a secret.
    TensorOpening,
    /// What commitments to a data set are drawn from: a secret.
    DataSecret,
}

impl Kind {
    /// All there are.
    pub const ALL: [Kind; 10] = [
        Kind::Srs,
        Kind::VerifierSrs,
        Kind::CompiledCircuit,
        Kind::ProvingKey,
        Kind::VerifyingKey,
        Kind::Commitment,
        Kind::Opening,
        Kind::TensorCommitment,
        Kind::TensorOpening,
        Kind::DataSecret,
    ];

    /// The kind that a header names by its code.
    pub(crate) fn of(code: u32) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    pub(crate) fn code(self) -> u32 {
        match self {
            Kind::Srs => 1,
            Kind::VerifierSrs => 2,
            Kind::CompiledCircuit => 3,
            Kind::ProvingKey => 4,
            Kind::VerifyingKey => 5,
            Kind::Commitment => 6,
            Kind::Opening => 7,
            Kind::TensorCommitment => 8,
            Kind::TensorOpening => 9,
            Kind::DataSecret => 10,
        }
    }

    /// Version of the payload's format.
    #[must_use]
    pub fn version(self) -> u32 {
        match self {
            Kind::Srs
            | Kind::VerifierSrs
            | Kind::Commitment
            | Kind::Opening
            | Kind::TensorCommitment
            | Kind::TensorOpening
            | Kind::DataSecret => 1,
            // Keys of version 1 left model, settings, full shapes and visibility out of their statement; those of version 2
            // do not name their gadget set, nor say how many terms a helper column has; those of version 3 know nothing of
            // hashes and commitments, those of version 4 of maxima and further instance columns.
            Kind::CompiledCircuit | Kind::ProvingKey | Kind::VerifyingKey => 5,
        }
    }

    /// The command that makes such a file.
    #[must_use]
    pub fn made_by(self) -> &'static str {
        match self {
            Kind::Srs | Kind::VerifierSrs => "get-srs",
            Kind::CompiledCircuit => "compile-circuit",
            Kind::ProvingKey | Kind::VerifyingKey => "setup",
            Kind::Commitment | Kind::Opening => "commit",
            Kind::TensorCommitment | Kind::TensorOpening => "commit --of",
            Kind::DataSecret => "claim",
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
            Kind::Commitment => "a commitment to weights",
            Kind::Opening => "an opening of weights",
            Kind::TensorCommitment => "a commitment to inputs or outputs",
            Kind::TensorOpening => "an opening of inputs or outputs",
            Kind::DataSecret => "a secret of commitments to data",
        })
    }
}

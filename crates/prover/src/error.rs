//! Why there is no proof.

use thiserror::Error;

/// What this prover refuses, and what does not fit.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProverError {
    /// The constraint system uses a part of the protocol that this prover leaves to halo2's.
    #[error(
        "the circuit uses {what} ({got}); this prover serves none of them, use the stock prover"
    )]
    Unsupported {
        /// What it uses.
        what: &'static str,
        /// How many.
        got: usize,
    },
    /// A gate's degree exceeds the one that the key was made for.
    #[error("a gate has degree {got}, the key allows {limit}; unset MAX_DEGREE and run `setup`")]
    Degree {
        /// Allowed.
        limit: usize,
        /// Present.
        got: usize,
    },
    /// Key, SRS or assignment do not belong together.
    #[error("{expected} {what} expected, {got} given; they belong to another circuit")]
    Count {
        /// Of what.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// More values than rows.
    #[error("a column of {what} has {got} values, {limit} rows are free; use a larger k")]
    Rows {
        /// Kind of column.
        what: &'static str,
        /// Free rows.
        limit: usize,
        /// Values given.
        got: usize,
    },
    /// A fraction's denominator is zero, or a challenge hit the domain: probability about 2^-230.
    #[error("a challenge fell on a zero; prove again with other randomness")]
    UnluckyChallenge,
    /// Two queries name one polynomial at one point; halo2's verifier refuses such a circuit.
    #[error("the circuit queries {what} twice at one point; k is too small for its rotations")]
    Collision {
        /// Kind of polynomial.
        what: &'static str,
    },
    /// The transcript could not be written.
    #[error("writing the transcript failed: {0}")]
    Transcript(#[from] std::io::Error),
}

//! What does not fit the rows of a circuit.

use provenn_gadgets::ParamsError;
use thiserror::Error;

/// Why a circuit of so many rows is too small.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Excess {
    /// Each public value has a row.
    #[error("{rows} public values")]
    PublicValues {
        /// How many.
        rows: usize,
    },
    /// Tensors in commitments of their own.
    #[error("{columns} columns of committed inputs or outputs, {limit} are allowed")]
    CommittedTensors {
        /// How many.
        columns: usize,
        /// Columns allowed.
        limit: usize,
    },
    /// What must stand in one column.
    #[error("a plane or weight column of node `{node}` is longer than a circuit column")]
    Plane {
        /// The node.
        node: String,
    },
    /// Blocks of cells.
    #[error("with node `{node}` it has more than {limit} banks")]
    Banks {
        /// The node with which they are too many.
        node: String,
        /// Banks allowed.
        limit: usize,
    },
    /// Values in ranges.
    #[error("ranges of values take more banks than there are")]
    Ranges,
    /// Arithmetic on fingerprints.
    #[error("{rows} rows of arithmetic on fingerprints")]
    Arithmetic {
        /// How many are full.
        rows: usize,
    },
    /// Columns beyond what circuits have.
    #[error(transparent)]
    Columns(#[from] ParamsError),
    /// No plan at all.
    #[error("nothing fits")]
    Everything,
}

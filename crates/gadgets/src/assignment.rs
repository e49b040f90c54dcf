//! What fills the columns: the key's part (fixed values, copies, the program of the second phase)
//! and the prover's part (first-phase integers).

use crate::column::CellRef;
use serde::{Deserialize, Serialize};

/// One step of the second phase, executed in order once fingerprints are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Fills row `row` of arithmetic bank `bank`; each operand present is a copy.
    Arithmetic {
        /// The bank.
        bank: usize,
        /// The row.
        row: usize,
        /// Factor a.
        a: Option<CellRef>,
        /// Factor b.
        b: Option<CellRef>,
        /// Summand c.
        c: Option<CellRef>,
    },
    /// Copies a cell into a second-phase one.
    Copy {
        /// Second-phase column.
        column: usize,
        /// The row.
        row: usize,
        /// The source.
        from: CellRef,
    },
    /// Evaluates a run of committed weights, its inputs being copied.
    Committed {
        /// Which set of columns.
        bank: usize,
        /// First row, where the run's value appears.
        start: usize,
        /// One past the last row.
        end: usize,
    },
    /// Evaluates a run of a linear identity, its inputs being copied.
    Linear {
        /// Which set of columns.
        bank: usize,
        /// First row, where the run's value appears.
        start: usize,
        /// One past the last row.
        end: usize,
    },
}

/// The part of the columns that the key fixes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// Values per fixed column (shorter columns are zero from there on).
    pub fixed: Vec<Vec<i64>>,
    /// Values per committed column, which no key holds.
    pub committed: Vec<Vec<i64>>,
    /// Bits per committed column's cell, as the key says them: 0 where no weight stands.
    pub weight_bits: Vec<Vec<u8>>,
    /// Pairs of equal cells, beside those that `steps` imply.
    pub copies: Vec<(CellRef, CellRef)>,
    /// The program of the second phase.
    pub steps: Vec<Step>,
}

/// A run of boundary terms of a convolution, in a boundary bank: row i has `Σ_o ρ^o·planes[o][i]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundaryValues {
    /// The bank.
    pub bank: usize,
    /// Its first row.
    pub row: usize,
    /// By output channel.
    pub planes: Vec<Vec<i64>>,
}

/// First-phase integers per column (shorter columns are zero from there on).
pub type FirstPhase = Vec<Vec<i64>>;

//! Columns and cells by number, and who gives the numbers.

use serde::{Deserialize, Serialize};

/// A column by kind and position among its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Column {
    /// Part of the key.
    Fixed(usize),
    /// Small integers, committed before any challenge.
    First(usize),
    /// Field elements, committed after a challenge.
    Second(usize),
    /// The public values: a row is which of them it is, whatever instance column it stands in.
    Instance,
}

/// A cell by column and row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CellRef {
    /// Its column.
    pub column: Column,
    /// Its row.
    pub row: usize,
}

impl CellRef {
    /// A cell of a later column.
    #[must_use]
    pub fn second(column: usize, row: usize) -> Self {
        CellRef { column: Column::Second(column), row }
    }
}

/// The numbers given so far to columns of one kind.
#[derive(Clone, Debug, Default)]
pub struct Counter(usize);

/// Counters per kind of column.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// Fixed columns.
    pub fixed: Counter,
    /// First-phase advice.
    pub first: Counter,
    /// Later advice.
    pub second: Counter,
    /// Columns of weights that commitments hold, and no circuit.
    pub committed: Counter,
}

impl Counter {
    /// The next number.
    pub fn one(&mut self) -> usize {
        self.0 += 1;
        self.0 - 1
    }
    /// The next n numbers.
    pub fn many(&mut self, n: usize) -> Vec<usize> {
        (0..n).map(|_| self.one()).collect()
    }
    /// The next N numbers.
    pub fn array<const N: usize>(&mut self) -> [usize; N] {
        std::array::from_fn(|_| self.one())
    }
    /// How many were given.
    #[must_use]
    pub fn given(&self) -> usize {
        self.0
    }
}

/// Sets a cell of integer columns that are as long as their last cell that is not zero.
pub fn set(columns: &mut [Vec<i64>], column: usize, row: usize, value: i64) {
    if value != 0 {
        let column = &mut columns[column];
        if column.len() <= row {
            column.resize(row + 1, 0);
        }
        column[row] = value;
    }
}

/// Columns of integers, each zero beyond its end.
#[derive(Clone, Copy, Debug)]
pub struct Integers<'a>(pub &'a [Vec<i64>]);

impl<'a> Integers<'a> {
    /// A column's cells; those from its end on are zero.
    #[must_use]
    pub fn column(&self, column: usize) -> &'a [i64] {
        self.0.get(column).map(Vec::as_slice).unwrap_or_default()
    }

    /// A cell.
    #[must_use]
    pub fn at(&self, column: usize, row: usize) -> i64 {
        self.0.get(column).and_then(|column| column.get(row)).copied().unwrap_or(0)
    }
}

//! Committed tensors: columns of their own, in places that nothing but their lengths decides.
//!
//! # Statement
//! A cell holds a tensor's element: it is a copy of the one that the circuit reads.
//!
//! # Constraints
//! None. A proof comes with a link for each of these columns: its commitment opens to what a commitment of its own, published
//! beside the proof, holds, on all rows but those of blinding values.
//!
//! # Layout
//! [`TensorForm`]: each tensor begins a column, and goes on in the next where that is full. So a tensor stands alike in all circuits
//! of as many rows, and one commitment serves for all of these.
//!
//! # Soundness
//! That of the copies and of the link. Rows behind a tensor's last element are nobody's: what a commitment holds there, the circuit
//! does not read.
//!
//! # Completeness
//! Any integers.
//!
//! # Cost
//! A first-phase column, which is copied, for as many elements as there are rows; its commitment costs a few points.

use crate::column::{Column, Numbers};
use crate::columns::Query;
use crate::gadget::{Constraint, Gadget, Role};
use crate::params::{CircuitParams, LOGROWS};

/// Where committed tensors stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorForm {
    /// Columns have 2^k rows.
    pub k: u32,
    /// Elements of each tensor.
    pub lengths: Vec<usize>,
}

impl TensorForm {
    /// Elements in a column. `None` if no circuit has so many rows.
    #[must_use]
    pub fn rows(&self) -> Option<usize> {
        let params = CircuitParams { k: self.k, ..CircuitParams::default() };
        LOGROWS.contains(&self.k).then(|| params.active_rows())
    }

    /// How many columns. `None` if no circuit has so many rows, or the number overflows.
    #[must_use]
    pub fn columns(&self) -> Option<usize> {
        let rows = self.rows()?;
        self.lengths.iter().try_fold(0_usize, |sum, length| sum.checked_add(length.div_ceil(rows)))
    }

    /// Whether there is a tensor, and each has an element: a commitment to nothing says nothing.
    #[must_use]
    pub fn holds_something(&self) -> bool {
        !self.lengths.is_empty() && self.lengths.iter().all(|length| *length > 0)
    }

    /// By tensor: its elements' columns and rows, in order.
    pub fn places(
        &self,
    ) -> impl Iterator<Item = impl Iterator<Item = (usize, usize)> + use<>> + '_ {
        let rows = self.rows().unwrap_or(1);
        self.lengths.iter().scan(0, move |next, &length| {
            let first = *next;
            *next += length.div_ceil(rows);
            Some((0..length).map(move |element| (first + element / rows, element % rows)))
        })
    }
}

/// All columns.
#[derive(Clone, Debug)]
pub struct CommittedTensors {
    /// First phase: those of inputs, then those of outputs.
    pub columns: Vec<usize>,
}

impl CommittedTensors {
    /// Numbers so many columns.
    pub(crate) fn allocate(numbers: &mut Numbers, columns: usize) -> Self {
        CommittedTensors { columns: numbers.first.many(columns) }
    }
}

impl Gadget for CommittedTensors {
    fn name(&self) -> &'static str {
        "committed_tensors"
    }

    fn roles(&self) -> Vec<Role> {
        vec![Role::first("elements", &self.columns)]
    }

    fn is_constrained(&self) -> bool {
        false
    }

    fn constraints(&self, _: &mut Query<'_, '_>) -> Vec<Constraint> {
        vec![]
    }

    fn copied(&self) -> Vec<Column> {
        self.columns.iter().copied().map(Column::First).collect()
    }

    fn opened_next(&self) -> Vec<usize> {
        vec![]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tensor_begins_a_column() {
        // 9 of 16 rows are active.
        let form = TensorForm { k: 4, lengths: vec![10, 1, 0, 9, 3] };
        assert_eq!((form.rows(), form.columns()), (Some(9), Some(5)));
        let places: Vec<Vec<_>> = form.places().map(Iterator::collect).collect();
        assert_eq!(places[0][8..], [(0, 8), (1, 0)]);
        assert_eq!(places[1..3], [vec![(2, 0)], vec![]]);
        assert_eq!(places[3][8], (3, 8));
        assert_eq!(places[4], [(4, 0), (4, 1), (4, 2)]);
        let most = TensorForm { k: 4, lengths: vec![usize::MAX; 10] };
        assert_eq!(most.columns(), None);
        for k in [0, 3, 27, 64, u32::MAX] {
            assert_eq!(TensorForm { k, lengths: vec![1] }.columns(), None, "k = {k}");
        }
    }
}

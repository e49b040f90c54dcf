//! Embedding: `x[p, n] = rows[indices[p], n]`, rows of a constant table, exact.
//!
//! The rows have the keys `unit·first`, `unit·(first + 1)`, …; an index is one of them, or there is no result. Of rows
//! that a commitment holds nothing is known but their bits: the result has the interval of these.

use crate::committed::Committed;
use crate::interpret_error::InterpretError;
use crate::linear::{Operands, Taken};
use crate::quant_graph::{Embedding, Interval, TensorId};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

impl Embedding {
    /// Elements of a row, where a result of `len` elements has so many rows.
    #[must_use]
    pub fn width(&self, len: usize, indices: usize) -> Option<usize> {
        let width = len.checked_div(indices)?;
        let whole = |total: usize| total.checked_rem(width) == Some(0);
        (len.checked_rem(indices) == Some(0) && whole(self.rows.len())).then_some(width)
    }

    pub(super) fn check(&self, sizes: Sizes<'_>) -> Result<(), ValidateError> {
        let committed = sizes.graph.committed.get(&TensorId(sizes.index));
        if committed.is_some_and(|committed| !self.is_committed_as(*committed)) {
            return sizes.malformed("its committed rows are none of their bits");
        }
        match self.width(sizes.len, sizes.operand(self.indices)) {
            Some(width) if !self.rows.is_empty() => self.keys.check(sizes, self.rows.len() / width),
            Some(_) | None => sizes.malformed("its table or result has no whole rows"),
        }
    }

    pub(super) fn work(&self, len: u128) -> Taken {
        Taken { elements: len.saturating_mul(2), products: self.rows.len() as u128 }
    }

    /// Whether all rows are of these bits. They have no bias, and so no digits.
    fn is_committed_as(&self, committed: Committed) -> bool {
        committed.is_valid() && committed.digits == 0 && committed.holds(&self.rows, &[])
    }

    /// What rows can be: those that there are, or of committed ones whatever their bits allow, which is all that a
    /// commitment shows.
    pub(super) fn interval(&self, committed: Option<Committed>) -> Option<Interval> {
        match committed {
            Some(committed) => Some(committed.weight()),
            None => self.rows.iter().copied().map(Interval::point).reduce(Interval::hull),
        }
    }

    pub(super) fn evaluate(
        &self,
        operands: Operands<'_>,
        len: usize,
    ) -> Result<Vec<i64>, InterpretError> {
        let count = operands.values.get(self.indices.0).map_or(0, Vec::len);
        let indices = operands.get(self.indices, count)?;
        let width = self.width(len, count).ok_or_else(|| operands.size(len, count))?;
        let keys = self.rows.len() / width;
        let mut all = Vec::with_capacity(len);
        for (at, &index) in indices.iter().enumerate() {
            let key = self.keys.find(operands, (at, index), keys)?;
            all.extend(self.rows.iter().skip(key * width).take(width));
        }
        Ok(all)
    }
}

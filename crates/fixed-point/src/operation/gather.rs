//! Gather: `x[l, p] = data[l, indices[l, p]]` on each of some lines, exact.
//!
//! A line's elements have the keys `unit·first`, `unit·(first + 1)`, …; an index is one of them, or there is no result.

use crate::interpret_error::InterpretError;
use crate::linear::{Operands, Taken};
use crate::quant_graph::{Gather, Interval, QuantGraph, QuantTensor};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

impl Gather {
    pub(super) fn check(&self, sizes: Sizes<'_>) -> Result<(), ValidateError> {
        sizes.equal("indices", Some(sizes.len), sizes.operand(self.indices))?;
        let data = sizes.operand(self.data);
        let whole = |len: usize| len.checked_rem(self.lines) == Some(0);
        if data == 0 || !whole(data) || !whole(sizes.len) {
            return sizes.malformed("its data or indices are no whole lines");
        }
        self.keys.check(sizes, data / self.lines)
    }

    pub(super) fn work(&self, graph: &QuantGraph, len: u128) -> Taken {
        let data = graph.tensors.get(self.data.0).map_or(0, QuantTensor::len) as u128;
        // Entries and how often they are found; keys, values.
        let elements = data.saturating_add(len).saturating_mul(2);
        Taken { elements, products: len }
    }

    pub(super) fn interval(&self, graph: &QuantGraph) -> Option<Interval> {
        graph.tensors.get(self.data.0).map(|data| data.interval)
    }

    pub(super) fn evaluate(
        &self,
        operands: Operands<'_>,
        len: usize,
    ) -> Result<Vec<i64>, InterpretError> {
        let expected = operands.values.get(self.data.0).map_or(0, Vec::len);
        let data = operands.get(self.data, expected)?;
        let (keys, picks) = (expected.checked_div(self.lines), len.checked_div(self.lines));
        let (Some(keys), Some(picks)) = (keys, picks.filter(|picks| *picks > 0)) else {
            return Err(operands.size(len, expected));
        };
        let one = |(at, &index): (usize, &i64)| {
            let key = self.keys.find(operands, (at, index), keys)?;
            let element = data.get(at / picks * keys + key).copied();
            element.ok_or_else(|| operands.size(len, expected))
        };
        operands.get(self.indices, len)?.iter().enumerate().map(one).collect()
    }
}

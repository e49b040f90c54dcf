//! Keys: which integers name an element.

use crate::convert::count;
use crate::interpret_error::InterpretError;
use crate::interval::ACCUMULATOR_LIMIT;
use crate::linear::Operands;
use crate::quant_graph::Keys;
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

impl Keys {
    /// The integer of key k, which `check` has seen to fit.
    #[must_use]
    pub fn integer(&self, k: usize) -> Option<i64> {
        self.first.checked_add(i64::try_from(k).ok()?)?.checked_mul(self.unit)
    }

    /// Checks that `keys` of them are below 2^62.
    pub(super) fn check(&self, sizes: Sizes<'_>, keys: usize) -> Result<(), ValidateError> {
        let ends = [Some(0), keys.checked_sub(1)].map(|k| self.integer(k?));
        let fits = |end: Option<i64>| end.is_some_and(|end| end.abs() < ACCUMULATOR_LIMIT);
        if self.unit <= 0 || !ends.into_iter().all(fits) {
            return sizes.malformed("its keys are none, or beyond 2^62");
        }
        Ok(())
    }

    /// Which of `keys` an index names.
    pub(super) fn find(
        &self,
        operands: Operands<'_>,
        (at, index): (usize, i64),
        keys: usize,
    ) -> Result<usize, InterpretError> {
        let whole = index.checked_rem(self.unit) == Some(0);
        let key = whole.then(|| index.checked_div(self.unit)?.checked_sub(self.first)).flatten();
        let key = key.and_then(|key| usize::try_from(key).ok()).filter(|key| *key < keys);
        key.ok_or_else(|| InterpretError::Index {
            node: operands.node.into(),
            index: at,
            value: index,
            unit: self.unit,
            first: self.first,
            last: self.first.saturating_add(count(keys)).saturating_sub(1),
        })
    }
}

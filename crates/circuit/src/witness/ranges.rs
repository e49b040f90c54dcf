//! Values in a range: how far they are above its least value, or below its greatest.

use super::Filler;
use crate::error::{AssignError, node_of};
use crate::program::Shown;
use crate::rows::Slot;
use crate::stand::StandingRange;
use provenn_gadgets::families::{Lane, Range};
use provenn_gadgets::{FirstPhase, GadgetSet};

impl<G: GadgetSet> Filler<'_, G> {
    pub(super) fn fill_range(
        &self,
        range: &StandingRange,
        columns: &mut FirstPhase,
    ) -> Result<(), AssignError> {
        let StandingRange { tensor, layout, bits, place, .. } = range;
        let node = || node_of(self.graph, *tensor);
        let greatest = i64::MAX >> i64::BITS.saturating_sub(1 + bits);
        for (index, value) in self.shown(range)?.into_iter().enumerate() {
            let in_range = |value: &i64| (0..=greatest).contains(value);
            let Some(value) = value.filter(in_range) else {
                return Err(AssignError::OutsideRange { node: node(), index, bits: *bits });
            };
            let (plane, position) = layout.position(index);
            let slot = place.slot(layout, plane, position);
            let what = "a position outside its block";
            let slot = slot.ok_or_else(|| AssignError::Internal { node: node(), what });
            let Slot { bank, row, lane } = slot?;
            self.layout.range[bank].fill(Lane { lane, row }, place.limbs, value, columns);
        }
        Ok(())
    }

    /// What a block shows not to be negative; nothing where it exceeds 64 bits.
    fn shown(&self, range: &StandingRange) -> Result<Vec<Option<i64>>, AssignError> {
        let StandingRange { shown, tensor, .. } = range;
        let elements = || self.values[tensor.0].iter();
        Ok(match *shown {
            Shown::Above { least } => elements().map(|x| x.checked_sub(least)).collect(),
            Shown::Below { greatest } => elements().map(|x| greatest.checked_sub(*x)).collect(),
            Shown::Operation { index, least } => {
                let all = self.graph.ranged(*tensor, self.values)?;
                let (node, what) = (node_of(self.graph, *tensor), "a range that it has not");
                let ranged = all.get(index).ok_or(AssignError::Internal { node, what })?;
                ranged.values.iter().map(|x| x.checked_sub(least)).collect()
            }
        })
    }
}

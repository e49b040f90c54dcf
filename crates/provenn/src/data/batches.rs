//! Data for models that take several inputs at once: files that hold one input per list are read in batches.

use super::input_data::InputData;
use super::slot::Slot;
use crate::{Error, ObservationProblem};

/// What becomes of inputs that are fewer than a model takes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// An error.
    Refused,
    /// The first inputs stand in for those that are missing.
    Filled,
}

/// How many inputs a slot takes at once, and how many numbers each has; `None` where it is one.
pub(super) fn entries(slot: &Slot<'_>) -> Option<(usize, usize)> {
    match slot.shape {
        &[count, ref each @ ..] if count > 1 && !each.is_empty() => {
            Some((count, each.iter().product()))
        }
        _ => None,
    }
}

impl InputData {
    /// How many inputs the model takes at once, where every list is of one of them alone.
    pub(super) fn batch(&self, order: &[usize], slots: &[Slot<'_>]) -> Option<usize> {
        let (batch, _) = entries(slots.first()?)?;
        let each = slots.iter().map(|slot| entries(slot).filter(|(count, _)| *count == batch));
        let each: Vec<usize> = each.map(|slot| Some(slot?.1)).collect::<Option<_>>()?;
        let one = |lists: &[Vec<f64>]| {
            let lengths = order.iter().map(|&at| lists.get(at).map(Vec::len));
            lengths.zip(&each).all(|(got, each)| got == Some(*each))
        };
        let all = self.input_data.chunks(slots.len()).all(one);
        (all && !self.input_data.is_empty()).then_some(batch)
    }

    /// The lists of every `batch` inputs as one; `inputs` lists are one input.
    pub(super) fn in_batches(
        &self,
        inputs: usize,
        batch: usize,
        rest: Rest,
    ) -> Result<Self, Error> {
        let found = self.input_data.len() / inputs.max(1);
        let (index, left) = (found / batch, found % batch);
        if left > 0 && rest == Rest::Refused {
            return Err(ObservationProblem::Batch { left, batch, got: found }.of(index));
        }
        let joined = |at: usize| -> Vec<Vec<f64>> {
            let list = |slot: usize| {
                let of_one = |i: usize| &self.input_data[(at * batch + i) % found * inputs + slot];
                (0..batch).flat_map(|i| of_one(i).iter().copied()).collect()
            };
            (0..inputs).map(list).collect()
        };
        let input_data = (0..found.div_ceil(batch)).flat_map(joined).collect();
        Ok(InputData {
            input_data,
            input_shapes: None,
            input_names: self.input_names.clone(),
            labels: self.labels.clone(),
        })
    }
}

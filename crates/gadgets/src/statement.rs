//! What a verifier must know beside the key's commitments.

use crate::committed_tensors::TensorForm;
use crate::params::CircuitParams;
use crate::poseidon::message::Message;
use serde::{Deserialize, Serialize};

/// Which reals the integers of a tensor stand for: real = offset + step · integer, with a step and an offset for the
/// whole tensor or for each column of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// Positive; one per column.
    pub steps: Vec<f64>,
    /// As many.
    pub offsets: Vec<f64>,
    /// Elements that follow each other within a column: element i lies in column (i / inner) mod columns.
    pub inner: usize,
}

impl Grid {
    /// One step for every element; integer 0 is 0.
    #[must_use]
    pub fn uniform(step: f64) -> Self {
        Grid { steps: vec![step], offsets: vec![0.0], inner: 1 }
    }

    /// The real that `integer` stands for at the flat index `element`; NaN on a grid that is not valid.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // for display: beyond 2^53 it is the nearest f64
    pub fn real(&self, element: usize, integer: i64) -> f64 {
        let turn = element.checked_div(self.inner);
        let column = turn.and_then(|turn| turn.checked_rem(self.steps.len()));
        let at = |values: &[f64]| column.and_then(|column| values.get(column)).copied();
        match (at(&self.offsets), at(&self.steps)) {
            (Some(offset), Some(step)) => offset + step * integer as f64,
            (None, _) | (_, None) => f64::NAN,
        }
    }

    /// Checks that every element of a tensor of so many has a column and every integer a finite real.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn validate(&self, elements: usize) -> Result<(), &'static str> {
        if self.inner == 0 {
            return Err("its columns have no elements");
        }
        if self.steps.is_empty() || self.steps.len() != self.offsets.len() {
            return Err("it has not one offset for each step");
        }
        if self.steps.len() > elements.max(1) {
            return Err("it has more steps than elements");
        }
        if !self.steps.iter().all(|step| step.is_finite() && *step > 0.0) {
            return Err("its step is not a positive number");
        }
        // 2^63, the largest magnitude of an `i64`.
        let most = 9_223_372_036_854_775_808.0;
        let mut columns = self.steps.iter().zip(&self.offsets);
        if !columns.all(|(step, offset)| (offset.abs() + step * most).is_finite()) {
            return Err("its steps and offsets leave the finite numbers");
        }
        Ok(())
    }
}

/// What a proof shows of inputs, or of outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TensorVisibility {
    /// Every element.
    #[default]
    Public,
    /// One digest of each tensor.
    Hashed,
    /// Nothing.
    Private,
    /// Nothing: a commitment of their own holds them, which the verifier names.
    Committed,
}

/// A tensor that is not private: its extents, what its integers mean, and which are allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicTensor {
    /// Name in the model.
    pub name: String,
    /// Extents, batch included.
    pub shape: Vec<usize>,
    /// Which reals its integers stand for.
    pub grid: Grid,
    /// Smallest integer that the circuit is sound for.
    pub lo: i64,
    /// Largest integer that the circuit is sound for.
    pub hi: i64,
}

/// The public part of a circuit: public values = inputs' elements or digests, then outputs'.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Parameters of the circuit.
    pub params: CircuitParams,
    /// Digest of the model that the circuit was made from.
    pub model: [u8; 32],
    /// Digest of the settings that it was quantised with.
    pub settings: [u8; 32],
    /// What is shown of the inputs; private ones are not listed.
    pub input_visibility: TensorVisibility,
    /// What is shown of the outputs.
    pub output_visibility: TensorVisibility,
    /// Inputs that are not private, in order.
    pub inputs: Vec<PublicTensor>,
    /// Outputs that are not private, in order.
    pub outputs: Vec<PublicTensor>,
}

/// A tensor of a statement, as a proof shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownTensor<'a> {
    /// The tensor.
    pub tensor: &'a PublicTensor,
    /// What is shown of it.
    pub visibility: TensorVisibility,
}

impl ShownTensor<'_> {
    /// Number of its public values. `None` if it overflows.
    #[must_use]
    pub fn values(&self) -> Option<usize> {
        match self.visibility {
            TensorVisibility::Public => self.tensor.elements(),
            TensorVisibility::Hashed => self.tensor.message().map(|_| 1),
            TensorVisibility::Committed => self.tensor.elements().map(|_| 0),
            TensorVisibility::Private => Some(0),
        }
    }
}

impl Statement {
    /// The tensors that are not private, in the order of the public values.
    pub fn shown(&self) -> impl Iterator<Item = ShownTensor<'_>> {
        let Statement { inputs, outputs, input_visibility, output_visibility, .. } = self;
        let lists = [(inputs, input_visibility), (outputs, output_visibility)];
        lists.into_iter().flat_map(|(tensors, visibility)| {
            tensors.iter().map(|tensor| ShownTensor { tensor, visibility: *visibility })
        })
    }

    /// The form of committed inputs, and that of committed outputs. `None` for those that are not committed.
    #[must_use]
    pub fn committed_tensors(&self) -> [Option<TensorForm>; 2] {
        let Statement { inputs, outputs, input_visibility, output_visibility, .. } = self;
        [(inputs, input_visibility), (outputs, output_visibility)].map(|(tensors, visibility)| {
            (*visibility == TensorVisibility::Committed).then(|| {
                // A key whose extents overflow cannot be constructed.
                let length = |tensor: &PublicTensor| tensor.elements().unwrap_or(usize::MAX);
                TensorForm { k: self.params.k, lengths: tensors.iter().map(length).collect() }
            })
        })
    }
}

impl PublicTensor {
    /// Number of elements. `None` if it overflows.
    #[must_use]
    pub fn elements(&self) -> Option<usize> {
        self.shape.iter().try_fold(1_usize, |product, &extent| product.checked_mul(extent))
    }

    /// What its digest is of. `None` if its elements are too many.
    #[must_use]
    pub fn message(&self) -> Option<Message> {
        Message::of(self.elements()?, self.lo, self.hi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_repeat_after_all_of_them() {
        let grid = Grid { steps: vec![0.5, 2.0], offsets: vec![0.0, 100.0], inner: 3 };
        let reals: Vec<f64> = (0..12).map(|element| grid.real(element, 7)).collect();
        let (first, second) = ([3.5; 3], [114.0; 3]);
        assert_eq!(reals, [first, second, first, second].concat());
        assert_eq!(Grid::uniform(0.25).real(1000, -3), -0.75);
        assert_eq!(Grid::uniform(0.25).real(0, 0).to_string(), "0");
    }

    #[test]
    fn grids_that_give_no_real_are_refused() {
        assert_eq!(Grid::uniform(1e-9).validate(0), Ok(()));
        let grid = |steps: &[f64], offsets: &[f64], inner| Grid {
            steps: steps.to_vec(),
            offsets: offsets.to_vec(),
            inner,
        };
        assert_eq!(grid(&[1.0, 2.0], &[0.0, -1.0], 2).validate(4), Ok(()));
        for grid in [
            grid(&[1.0], &[0.0], 0),
            grid(&[], &[], 1),
            grid(&[1.0, 1.0], &[0.0], 1),
            grid(&[1.0; 5], &[0.0; 5], 1),
            grid(&[0.0], &[0.0], 1),
            grid(&[-1.0], &[0.0], 1),
            grid(&[f64::NAN], &[0.0], 1),
            grid(&[1e300], &[0.0], 1),
            grid(&[1.0], &[f64::INFINITY], 1),
            grid(&[1.0], &[f64::NAN], 1),
        ] {
            assert!(grid.validate(4).is_err(), "{grid:?}");
        }
        assert!(grid(&[1.0], &[0.0], 0).real(0, 1).is_nan());
    }
}

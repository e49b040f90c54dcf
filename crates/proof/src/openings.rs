//! What opens a proof's commitments: those that the circuit's statement asks for.

use crate::link::Opened;
use crate::opening::{Opening, OpeningError};
use crate::prove::ProveError;
use crate::setup::weights_digest;
use crate::tensor_opening::TensorOpening;
use provenn_gadgets::{GadgetSet, Layout, ProvennCircuit, TensorForm};
use provenn_verifier::{Commitment, Commitments, TensorCommitment, VerifyingKey};

/// Openings of the commitments to weights, inputs and outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Openings<'a> {
    /// Of weights.
    pub weights: Option<&'a Opening>,
    /// Of inputs.
    pub inputs: Option<&'a TensorOpening>,
    /// Of outputs.
    pub outputs: Option<&'a TensorOpening>,
}

/// What they open.
#[derive(Debug)]
pub(crate) struct Checked<'a> {
    weights: Option<Commitment>,
    inputs: Option<&'a TensorCommitment>,
    outputs: Option<&'a TensorCommitment>,
}

impl Checked<'_> {
    pub(crate) fn commitments(&self) -> Commitments<'_> {
        let Checked { weights, inputs, outputs } = self;
        Commitments { weights: weights.as_ref(), inputs: *inputs, outputs: *outputs }
    }
}

impl<'a> Openings<'a> {
    /// Of weights alone.
    #[must_use]
    pub fn of_weights(weights: &'a Opening) -> Self {
        Openings { weights: Some(weights), ..Openings::default() }
    }

    /// Points and blinding values of all committed columns.
    pub(crate) fn opened(&self) -> Opened {
        let mut opened = self.weights.map(Opening::opened).unwrap_or_default();
        for tensors in [self.inputs, self.outputs].into_iter().flatten() {
            opened.points.extend_from_slice(tensors.commitment().points());
            opened.tails.extend_from_slice(tensors.tails());
        }
        opened
    }

    /// That they are the key's, and of what the circuit holds.
    ///
    /// # Errors
    /// [`ProveError`] naming the one that is missing, too many, or another's.
    pub(crate) fn check<G: GadgetSet>(
        &self,
        key: &VerifyingKey,
        circuit: &ProvennCircuit<G>,
        layout: &Layout<G>,
    ) -> Result<Checked<'a>, ProveError> {
        let weights = match (self.weights, circuit.params().commits_weights()) {
            (None, true) => return Err(ProveError::NoOpening),
            (Some(_), false) => return Err(ProveError::FixedWeights),
            (None, false) => None,
            (Some(opening), true) => {
                let digest = weights_digest(&circuit.assignment().committed);
                let commitment = opening.commitment(key, digest);
                Some(commitment.map_err(|error| ProveError::Opening(Box::new(error)))?)
            }
        };
        let columns = circuit.first_columns(layout).unwrap_or_default();
        let tensors = layout.committed_tensors.iter().flat_map(|tensors| &tensors.columns);
        let tensors: Vec<&[i64]> =
            tensors.map(|column| columns.get(*column).copied().unwrap_or_default()).collect();
        let [of_inputs, of_outputs] = key.statement().committed_tensors();
        let other = ProveError::Statement { field: "committed tensors" };
        let first = of_inputs.as_ref().map_or(Some(0), TensorForm::columns);
        let (first, second) =
            first.and_then(|first| tensors.split_at_checked(first)).ok_or(other)?;
        let checked = Checked {
            weights,
            inputs: check_tensors("inputs", self.inputs, of_inputs, first)?,
            outputs: check_tensors("outputs", self.outputs, of_outputs, second)?,
        };
        checked.commitments().check(key).map_err(ProveError::Committed)?;
        Ok(checked)
    }
}

fn check_tensors<'a>(
    of: &'static str,
    opening: Option<&'a TensorOpening>,
    form: Option<TensorForm>,
    columns: &[&[i64]],
) -> Result<Option<&'a TensorCommitment>, ProveError> {
    match (opening, form) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ProveError::NoTensorOpening { of }),
        (Some(_), None) => Err(ProveError::Uncommitted { of }),
        (Some(opening), Some(form)) => {
            // Of another form, what differs is the form.
            if *opening.commitment().form() == form && !opening.is_of(columns) {
                return Err(ProveError::Opening(Box::new(OpeningError::Tensors { of })));
            }
            Ok(Some(opening.commitment()))
        }
    }
}

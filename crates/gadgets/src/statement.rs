//! What a verifier must know beside the key's commitments.

use crate::shape::Shape;
use serde::{Deserialize, Serialize};

/// A public tensor: how many field elements it takes, what they mean, and which are allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicTensor {
    /// Name in the model.
    pub name: String,
    /// Extents.
    pub shape: Vec<usize>,
    /// real = step · integer.
    pub step: f64,
    /// Smallest integer that the circuit is sound for.
    pub lo: i64,
    /// Largest integer that the circuit is sound for.
    pub hi: i64,
}

/// The public part of a circuit: instance column = inputs' elements, then outputs' elements.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Shape of the circuit.
    pub shape: Shape,
    /// Public inputs in order.
    pub inputs: Vec<PublicTensor>,
    /// Public outputs in order.
    pub outputs: Vec<PublicTensor>,
}

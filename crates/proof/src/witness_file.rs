//! `witness.json`: the integers of inputs and outputs, and what they stand for.

use provenn_artefact::json::{self, JsonError};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A witness on disk. Whoever reads it must check `compiled_digest` and recompute the outputs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessFile {
    /// Integers per graph input.
    pub inputs: Vec<Vec<i64>>,
    /// Integers per graph output.
    pub outputs: Vec<Vec<i64>>,
    /// The inputs as reals, for people.
    pub pretty_inputs: Vec<Vec<String>>,
    /// The outputs as reals, for people.
    pub pretty_outputs: Vec<Vec<String>>,
    /// Digest of the circuit that the witness belongs to, in hex.
    pub compiled_digest: String,
}

impl WitnessFile {
    /// Reads a witness.
    ///
    /// # Errors
    /// [`JsonError`] naming what is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, JsonError> {
        json::read(path, json::LIMIT, "a witness", "gen-witness")
    }

    /// Writes it; it holds private inputs, so that only its owner may read a new file.
    ///
    /// # Errors
    /// [`JsonError::Write`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), JsonError> {
        json::write_private(path, self)
    }
}

//! What is wrong with parameters.

use thiserror::Error;

/// Parameters outside the limits of this crate.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "circuit parameters: {field} is {got}, allowed is {lo} to {hi}; the file is damaged or not from this version"
)]
pub struct ParamsError {
    /// The field at fault.
    pub field: &'static str,
    /// Its value.
    pub got: usize,
    /// Smallest allowed.
    pub lo: usize,
    /// Largest allowed.
    pub hi: usize,
}

//! What is wrong with a shape.

use thiserror::Error;

/// A shape outside the limits of this crate.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "circuit shape: {field} is {got}, allowed is {low} to {high}; the file is damaged or not from this version"
)]
pub struct ShapeError {
    /// The field at fault.
    pub field: &'static str,
    /// Its value.
    pub got: usize,
    /// Smallest allowed.
    pub low: usize,
    /// Largest allowed.
    pub high: usize,
}

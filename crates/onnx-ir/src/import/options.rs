//! What an import needs beyond the file.

use std::collections::BTreeMap;

use crate::limits::{MOST_ELEMENTS, MOST_UNSIMPLIFIED};

/// What an import needs beyond the file.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportOptions {
    /// Values of the symbols in the shapes of the inputs; `batch_size` is 1 if none is given.
    pub variables: BTreeMap<String, usize>,
    /// Values of inputs, by name, which become constants: an element each, or one number for all.
    pub fixed: BTreeMap<String, Vec<f64>>,
    /// Most elements of one tensor, unless the file itself stores a larger one.
    pub tensor_elements: usize,
    /// Most elements of all values together that depend on an input, before the model is simplified.
    pub total_elements: usize,
}

impl Default for ImportOptions {
    /// Elements as in [`limits`](crate::limits).
    fn default() -> Self {
        Self {
            variables: BTreeMap::new(),
            fixed: BTreeMap::new(),
            tensor_elements: count(MOST_ELEMENTS),
            total_elements: count(MOST_UNSIMPLIFIED),
        }
    }
}

/// A limit as a number of elements.
fn count(limit: u128) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

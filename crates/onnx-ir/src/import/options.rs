//! What an import needs beyond the file.

use std::collections::BTreeMap;

use crate::limits::{MOST_ELEMENTS, MOST_FOLDED, MOST_UNSIMPLIFIED, for_bytes};

/// What an import needs beyond the file. Elements are those of an ordinary file; a larger one may have more, by
/// [`for_bytes`].
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
    /// Most elements of all constants that are computed from others.
    pub folded_elements: usize,
}

impl ImportOptions {
    /// The same for a file of so many bytes, with those beside it.
    pub(super) fn for_file(&self, bytes: u64) -> Self {
        let more = |limit: usize| count(for_bytes(limit as u128, bytes.into()));
        ImportOptions {
            tensor_elements: more(self.tensor_elements),
            total_elements: more(self.total_elements),
            folded_elements: more(self.folded_elements),
            ..self.clone()
        }
    }
}

impl Default for ImportOptions {
    /// Elements as in [`limits`](crate::limits).
    fn default() -> Self {
        Self {
            variables: BTreeMap::new(),
            fixed: BTreeMap::new(),
            tensor_elements: count(MOST_ELEMENTS),
            total_elements: count(MOST_UNSIMPLIFIED),
            folded_elements: count(MOST_FOLDED),
        }
    }
}

/// A limit as a number of elements.
fn count(limit: u128) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

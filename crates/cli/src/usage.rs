//! Errors of how the program is called that are found after its arguments have been parsed.

use thiserror::Error;

#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct UsageError(String);

impl UsageError {
    pub(crate) fn new(text: String) -> Self {
        UsageError(text)
    }
}

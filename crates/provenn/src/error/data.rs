//! What is wrong with a data file.

use super::Error;
use thiserror::Error as ThisError;

/// Why a data file cannot be used.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum DataProblem {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] std::io::Error),
    /// There is no such file.
    #[error("{source}; {advice}")]
    Missing {
        /// What the system said.
        source: std::io::Error,
        /// What to do.
        advice: &'static str,
    },
    /// It is not of its format.
    #[error("{reason}")]
    Format {
        /// The parser's words.
        reason: String,
    },
    /// It holds no labels.
    #[error("{0}; expected [label of observation 0, …]")]
    Labels(#[source] serde_json::Error),
    /// It does not fit the model, or its labels.
    #[error(transparent)]
    Misfit(Box<Error>),
}

impl DataProblem {
    /// Of a file that cannot be read; `advice` where there is none.
    pub(crate) fn unread(source: std::io::Error, advice: &'static str) -> Self {
        match source.kind() {
            std::io::ErrorKind::NotFound => DataProblem::Missing { source, advice },
            _ => DataProblem::Read(source),
        }
    }
}

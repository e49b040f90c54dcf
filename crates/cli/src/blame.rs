//! The file that a library's error is about.

use provenn::{DataProblem, DataSource, Error};
use std::path::Path;

/// Errors of observations name the data, those of settings their file; others concern neither.
pub(crate) fn blamed(error: Error, data: &DataSource, settings: &Path) -> Error {
    match error {
        Error::Settings { source, .. } => source.of(settings.display().to_string()),
        Error::Labels { .. } => {
            Error::Data { path: data.name(), source: DataProblem::Misfit(Box::new(error)) }
        }
        other => data.blame(other),
    }
}

//! The file that a library's error is about.

use provenn::{DataSource, Error, ImportError, OnnxModel, Settings};
use std::path::Path;

/// Errors of observations name the data, those of settings their file; others concern neither.
pub(crate) fn blamed(error: Error, data: &DataSource, settings: &Path) -> Error {
    match error {
        Error::Settings { reason, .. } => {
            Error::Settings { what: settings.display().to_string(), reason }
        }
        Error::Labels { .. } => Error::Data { path: data.name(), reason: error.to_string() },
        other => data.blame(other),
    }
}

/// The model that settings are of.
pub(crate) fn model_of(path: &Path, settings: &Settings, named: &Path) -> Result<OnnxModel, Error> {
    OnnxModel::load(path, &settings.run_args.variables).map_err(|error| match &error {
        Error::Import { source, .. } if matches!(**source, ImportError::UnknownVariable { .. }) => {
            Error::Settings { what: named.display().to_string(), reason: error.to_string() }
        }
        _ => error,
    })
}

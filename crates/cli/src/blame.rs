//! The file that a library's error is about.

use provenn::{DataProblem, DataSource, Error, ImportError, OnnxModel, Settings, SettingsProblem};
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

/// The model that settings are of.
pub(crate) fn model_of(path: &Path, settings: &Settings, named: &Path) -> Result<OnnxModel, Error> {
    OnnxModel::load(path, &settings.run_args.variables).map_err(|error| match &error {
        Error::Import { source, .. } if matches!(**source, ImportError::UnknownVariable { .. }) => {
            SettingsProblem::Model(Box::new(error)).of(named.display().to_string())
        }
        _ => error,
    })
}

//! The file that a library's error is about.

use provenn::{
    DataProblem, DataSource, Error, ImportError, OnnxModel, RunArgs, Settings, SettingsProblem,
};
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

/// Whether an error is about what was given beside the file, and not about the file.
pub(crate) fn of_given(error: &ImportError) -> bool {
    matches!(
        error,
        ImportError::UnknownVariable { .. }
            | ImportError::UnknownFixed { .. }
            | ImportError::FixedValue { .. }
    )
}

/// The model that settings are of.
pub(crate) fn model_of(path: &Path, settings: &Settings, named: &Path) -> Result<OnnxModel, Error> {
    let RunArgs { variables, fixed, .. } = &settings.run_args;
    OnnxModel::load_fixed(path, variables, fixed).map_err(|error| match &error {
        Error::Import { source, .. } if of_given(source) => {
            SettingsProblem::Model(Box::new(error)).of(named.display().to_string())
        }
        _ => error,
    })
}

//! Options and reports as JSON: the facade's own forms, with their checks.

use crate::errors::{exception, internal};
use pyo3::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Options of a call; `what` names them in errors.
pub(crate) fn options<T: DeserializeOwned>(py: Python<'_>, what: &str, text: &str) -> PyResult<T> {
    serde_json::from_str(text)
        .map_err(|error| exception(py, "SettingsError", format!("{what}: {error}")))
}

/// A report.
pub(crate) fn report<T: Serialize>(py: Python<'_>, value: &T) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| internal(py, &error.to_string()))
}

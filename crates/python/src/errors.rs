//! The facade's errors as exceptions of the classes in `provenn.errors`.

use provenn::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::types::PyType;
use std::any::Any;
use std::io;

/// The exception of an error, with the words that the command line has for it.
pub(crate) fn raised(py: Python<'_>, error: &Error) -> PyErr {
    let class = match cause(error).map(io::Error::kind) {
        Some(io::ErrorKind::NotFound) => "MissingFileError",
        _ => class(error.kind()),
    };
    exception(py, class, error.to_string())
}

/// An exception of a class in `provenn.errors`.
pub(crate) fn exception(py: Python<'_>, class: &str, message: String) -> PyErr {
    let found = py.import("provenn.errors").and_then(|module| module.getattr(class));
    match found.and_then(|class| Ok(class.cast_into::<PyType>()?)) {
        Ok(class) => PyErr::from_type(class, (message,)),
        Err(error) => error,
    }
}

/// A panic, and where it was.
pub(crate) fn panicked(py: Python<'_>, payload: &(dyn Any + Send)) -> PyErr {
    let (report, trace) = provenn::crash::report(payload);
    internal(py, [report, trace.unwrap_or_default()].join("\n").trim_end())
}

/// What is not the caller's fault.
pub(crate) fn internal(py: Python<'_>, message: &str) -> PyErr {
    exception(py, "InternalError", message.to_owned())
}

/// The task that waited was cancelled.
pub(crate) fn cancelled(py: Python<'_>) -> PyErr {
    exception(py, "CancelledError", "the call was cancelled".into())
}

/// A process was forked after it had worked.
pub(crate) fn forked(py: Python<'_>) -> PyErr {
    let text = "provenn has worked in the process that this one was forked from, and its threads are not here; start processes by `spawn` or `forkserver`";
    exception(py, "ForkedError", text.into())
}

fn class(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Model => "ModelError",
        ErrorKind::Data => "DataError",
        ErrorKind::Settings => "SettingsError",
        ErrorKind::Calibration => "CalibrationError",
        ErrorKind::Quantise => "QuantiseError",
        ErrorKind::Compile => "CompileError",
        ErrorKind::Witness => "WitnessError",
        ErrorKind::Artefact => "ArtefactError",
        ErrorKind::File => "FileError",
        ErrorKind::Fetch => "FetchError",
        ErrorKind::Srs => "SrsError",
        ErrorKind::Setup => "SetupError",
        ErrorKind::Key => "KeyFileError",
        ErrorKind::Prove => "ProveError",
        ErrorKind::Verify => "VerifyError",
        ErrorKind::Invalid => "InvalidProofError",
        ErrorKind::Mock => "MockError",
        _ => "ProvennError",
    }
}

/// What the system said, where it is the cause.
fn cause(error: &Error) -> Option<&io::Error> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

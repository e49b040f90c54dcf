//! Files as wholes.

use crate::work;
use pyo3::prelude::*;
use std::path::PathBuf;

/// Kind, digest and note of any artefact.
#[pyfunction]
pub(crate) fn digest(
    py: Python<'_>,
    path: PathBuf,
) -> PyResult<(&'static str, String, Option<String>)> {
    let found = work::run(py, move || provenn::digest::digest_file(&path))?;
    Ok((found.kind, found.digest, found.note))
}

/// A verifier's folder.
#[pyfunction]
#[pyo3(signature = (key, srs, folder, commitment=None, inputs=None, outputs=None))]
pub(crate) fn export_verifier(
    py: Python<'_>,
    key: PathBuf,
    srs: PathBuf,
    folder: PathBuf,
    commitment: Option<PathBuf>,
    inputs: Option<PathBuf>,
    outputs: Option<PathBuf>,
) -> PyResult<()> {
    work::run(py, move || {
        let commitments = provenn::CommitmentPaths { weights: commitment, inputs, outputs };
        provenn::export_verifier(&key, &srs, &commitments, &folder)
    })
}

/// Writes a text whole, or not at all.
#[pyfunction]
pub(crate) fn write_text(py: Python<'_>, path: PathBuf, text: &str) -> PyResult<()> {
    let write = |file: &mut dyn std::io::Write| file.write_all(text.as_bytes());
    work::brief(py, || Ok(provenn::write_atomically(&path, |file| write(file))?))
}

/// Takes away what steps that nobody waits for any more have begun to write.
#[pyfunction]
pub(crate) fn remove_temporaries() {
    provenn::temporary::remove_all();
}

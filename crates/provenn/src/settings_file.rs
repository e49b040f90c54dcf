//! `settings.json`: written whole, read with a limit.

use crate::{Error, SettingsProblem, VerifierSettings};
use provenn_artefact::read_at_most;
use provenn_fixed_point::Settings;
use std::path::Path;

/// Most bytes that are read: some 200 for each node of a model far larger than can be proved.
const LIMIT: u64 = 1 << 26;

/// Writes `settings.json`.
///
/// # Errors
/// [`Error::Write`] if it cannot be written.
pub fn write_settings(settings: &Settings, path: &Path) -> Result<(), Error> {
    let json = settings.to_json().map_err(|error| of(path, error))?;
    Ok(provenn_artefact::write_atomically(path, |file| {
        std::io::Write::write_all(file, json.as_bytes())
    })?)
}

/// Reads `settings.json`.
///
/// # Errors
/// [`Error::Settings`] naming the file.
pub fn read_settings(path: &Path) -> Result<Settings, Error> {
    let json = read_text(path)?;
    if serde_json::from_str::<VerifierSettings>(&json).is_ok() {
        return Err(of(path, SettingsProblem::VerifiersCopy));
    }
    Settings::from_json(&json).map_err(|error| of(path, error))
}

/// Reads a verifier's copy of settings.
///
/// # Errors
/// [`Error::Settings`] naming the file.
pub(crate) fn read_verifier_settings(path: &Path) -> Result<VerifierSettings, Error> {
    serde_json::from_str(&read_text(path)?)
        .map_err(|error| of(path, SettingsProblem::NotVerifiersCopy(error)))
}

/// The text of a settings file, an object, if it is no longer than settings can be.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    let text = read_at_most(path, LIMIT)
        .and_then(|bytes| String::from_utf8(bytes).map_err(std::io::Error::other))
        .map_err(|error| of(path, error))?;
    match text.trim_start().starts_with('{') {
        true => Ok(text),
        false => Err(of(path, SettingsProblem::NotAnObject)),
    }
}

fn of(path: &Path, problem: impl Into<SettingsProblem>) -> Error {
    problem.into().of(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_too_long_for_settings_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        std::fs::File::create(&path).unwrap().set_len(LIMIT + 1).unwrap();
        assert!(read_settings(&path).unwrap_err().to_string().contains("at most"));
        #[cfg(target_os = "linux")]
        {
            let endless = read_settings(Path::new("/dev/zero")).unwrap_err().to_string();
            assert!(endless.contains("more than"), "{endless}");
        }
    }
}

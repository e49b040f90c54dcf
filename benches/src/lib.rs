//! What benches share: models made ready to be proven, and measurements of this process.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)] // a bench reports by panicking

mod child;
mod prepared;
mod usage;

pub use child::{in_child, is_child};
pub use prepared::{Prepared, load, observation, prepare, prepare_with, settings};
pub use usage::{forget_peak, median_cpu_seconds};

use std::path::{Path, PathBuf};

/// The trained models of the repository.
#[must_use]
pub fn models() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("network.onnx").exists());
    folders.sort();
    folders
}

/// The name of the model in a folder.
#[must_use]
pub fn name(folder: &Path) -> String {
    folder.file_name().unwrap().to_string_lossy().into_owned()
}

/// Whether this is a run that only shows that the bench works.
#[must_use]
pub fn is_smoke() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// Whether this is a run that only shows that the bench works, and the folders to measure: those of the
/// repository (one of them in such a run) and those named on the command line.
#[must_use]
pub fn arguments() -> (bool, Vec<PathBuf>) {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let smoke = is_smoke();
    let mut folders = models();
    if smoke {
        folders.truncate(1);
    }
    folders.extend(arguments.iter().filter(|a| !a.starts_with("--")).map(PathBuf::from));
    (smoke, folders)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_model_has_an_observation_to_prove() {
        let models = super::models();
        assert!(models.len() > 10);
        for folder in models {
            assert!(folder.join("input.json").exists(), "{}", folder.display());
        }
    }
}

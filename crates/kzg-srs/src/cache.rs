//! A directory of SRS files by k. Only files from elsewhere go in, so that a locally drawn SRS is
//! never picked up by accident.

use crate::error::SrsError;
use crate::srs::Srs;
use provenn_artefact::ArtefactError;
use provenn_verifier::{MAX_K, Mark};
use std::path::{Path, PathBuf};

impl Srs {
    /// Where the cache keeps an SRS of 2^k powers.
    #[must_use]
    pub fn cache_path(folder: &Path, k: u32) -> PathBuf {
        folder.join(format!("kzg{k}.srs"))
    }

    /// The cached SRS of 2^k powers; failing that, one truncated from the smallest larger file.
    /// The file is checked like any other: its name proves nothing.
    ///
    /// # Errors
    /// [`SrsError`] if a file is there and is bad. An empty cache is `Ok(None)`.
    pub fn cached(folder: &Path, k: u32) -> Result<Option<Self>, SrsError> {
        let got = (k..=MAX_K).map(|k| Self::cache_path(folder, k)).find(|path| path.exists());
        got.map(|path| {
            let srs = Self::read(&path)?;
            match srs.mark() {
                Mark::None => srs.truncated(k),
                Mark::Drawn => Err(SrsError::InsecureInCache),
            }
        })
        .transpose()
    }

    /// Puts this SRS into the cache under its k; makes the folder.
    ///
    /// # Errors
    /// [`SrsError::InsecureInCache`] for a locally drawn one; [`SrsError::Artefact`] if the folder
    /// is not writable.
    pub fn store(&self, folder: &Path) -> Result<PathBuf, SrsError> {
        if self.mark() == Mark::Drawn {
            return Err(SrsError::InsecureInCache);
        }
        let path = Self::cache_path(folder, self.k());
        std::fs::create_dir_all(folder)
            .map_err(|source| ArtefactError::Write { path: folder.into(), source })?;
        self.write(&path)?;
        Ok(path)
    }
}

//! A directory of SRS files by k. Only files from elsewhere go in, so that a locally drawn SRS is
//! never picked up by accident.

use crate::error::SrsError;
use crate::srs::Srs;
use provenn_artefact::make_folder;
use provenn_artefact::temporary::remove_stale;
use provenn_verifier::Mark;
use std::path::{Path, PathBuf};

/// Logarithm of the powers of the largest ceremony; cut to what circuits can have.
const LARGEST: u32 = 28;

/// What files of 2^k powers are called: here, by those who convert ceremonies for halo2, and by ceremonies.
fn names(k: u32) -> [String; 7] {
    let whole = if k == LARGEST { String::new() } else { format!("_{k:02}") };
    [
        format!("kzg{k}.srs"),
        format!("kzg_bn254_{k}.srs"),
        format!("hermez-raw-{k}"),
        format!("perpetual-powers-of-tau-raw-{k}"),
        format!("powersOfTau28_hez_final{whole}.ptau"),
        format!("ppot_0080{whole}.ptau"),
        format!("{k}.ptau"),
    ]
}

impl Srs {
    /// Where the cache keeps an SRS of 2^k powers.
    #[must_use]
    pub fn cache_path(folder: &Path, k: u32) -> PathBuf {
        folder.join(format!("kzg{k}.srs"))
    }

    /// The cached SRS of 2^k powers; failing that, one truncated from the smallest larger file. Files that people have
    /// from elsewhere are found under the names that those give them.
    /// The file is checked like any other: its name proves nothing.
    ///
    /// # Errors
    /// [`SrsError`] if a file is there and is bad. An empty cache is `Ok(None)`.
    pub fn cached(folder: &Path, k: u32) -> Result<Option<Self>, SrsError> {
        let paths = (k..=LARGEST).flat_map(|k| names(k).map(|name| folder.join(name)));
        let Some(path) = paths.into_iter().find(|path| path.exists()) else { return Ok(None) };
        let srs = Self::read_for(&path, k)?;
        match srs.mark() {
            Mark::None => Ok(Some(srs)),
            Mark::Drawn => Err(SrsError::InsecureInCache),
        }
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
        make_folder(folder)?;
        remove_stale(folder);
        self.write(&path)?;
        Ok(path)
    }
}

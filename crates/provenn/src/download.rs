//! The SRS of a ceremony, downloaded.

use crate::error::Error;
use provenn_ceremony::{Event, Fetch};
use provenn_kzg_srs::Srs;
use std::path::Path;

/// The SRS for circuits of 2^k rows from a file that is fetched into a folder of cached files, unless it is there. Every
/// point is checked, and what was made of it is kept in the folder beside it: the Lagrange basis of powers of tau takes
/// minutes for a large k.
///
/// What is trusted in it is told by [`Srs::origin`]: a file that nobody published may be anybody's.
///
/// # Errors
/// [`Error::Fetch`] if it cannot be fetched, [`Error::Srs`] if it is no SRS or has fewer powers; one that is none does not
/// stay in the folder.
pub fn download_srs(
    fetch: &Fetch,
    k: u32,
    folder: &Path,
    observe: impl FnMut(Event<'_>),
) -> Result<Srs, Error> {
    let path = fetch.into_folder(folder, observe)?;
    let srs = match Srs::read_for(&path, k) {
        Ok(srs) => srs,
        Err(error) => {
            // A published file has its digest; of any other, nobody knows what it was to be.
            if fetch.published().is_none() {
                let _ = std::fs::remove_file(&path);
            }
            return Err(error.into());
        }
    };
    if path != Srs::cache_path(folder, k) {
        srs.store(folder)?;
    }
    Ok(srs)
}

//! Reading whole files with a limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Opens a file that is read at several places. A pipe is refused before it is waited for.
///
/// # Errors
/// Whatever opening reports, and what is no regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let got = std::fs::metadata(path)?;
    if !got.is_file() && !got.is_dir() {
        return Err(io::Error::other(
            "is a pipe or device, which cannot be read twice: copy it to a file first",
        ));
    }
    File::open(path)
}

/// Reads a file of at most `limit` bytes. A pipe does not say how long it is: it is read no further than that.
///
/// # Errors
/// Whatever opening and reading report, and a file beyond the limit.
pub fn read_at_most(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > limit {
        return Err(io::Error::other(format!("has {size} bytes, at most {limit} are read")));
    }
    let mut bytes = vec![];
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!(
            "has more than {limit} bytes, the most that are read"
        )));
    }
    Ok(bytes)
}

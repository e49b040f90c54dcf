//! Errors of this crate.

use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a file could not be fetched.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum FetchError {
    #[error("no ceremony published a file for k = {k}; they serve k from 1 to {most}")]
    K { k: u32, most: u32 },
    #[error("{url}: {reason}; expected http:// or https:// and a file's name at the end")]
    Url { url: String, reason: String },
    #[error(
        "{url}: the server answers {status}; try a --mirror, or download the file by other means and give it with --from"
    )]
    Refused { url: String, status: u16 },
    #[error(
        "{url}: {reason}, {tries} times without a byte more; what has arrived is kept, and the next try goes on from there"
    )]
    Interrupted { url: String, reason: String, tries: u32 },
    #[error("{url}: has {got} bytes, {expected} were published; it is another file")]
    Size { url: String, expected: u64, got: u64 },
    #[error("{url}: is more than {most} bytes, the most that an srs can have")]
    TooLarge { url: String, most: u64 },
    #[error(
        "{url}: its BLAKE2b digest is {got}, {expected} was published; it was damaged or replaced on its way and has been deleted, take another --mirror"
    )]
    Digest { url: String, expected: &'static str, got: String },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("there is no folder for caches on this system; name one with --cache")]
    NoFolder,
}

//! What is wrong with weights stored beside the model's file.

use thiserror::Error;

/// Why a tensor's external data cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExternalDataError {
    /// No file is named.
    #[error("names no file for its external data")]
    NoFile,
    /// A path that is absolute or goes upwards.
    #[error("names the external file {location}, which is outside the model's folder")]
    Outside {
        /// The path.
        location: String,
    },
    /// A path whose links lead elsewhere.
    #[error("names the external file {location}, which leads outside the model's folder")]
    LeadsOutside {
        /// The path.
        location: String,
    },
    /// A folder, or a device.
    #[error("names the external file {location}, which is no file")]
    NotAFile {
        /// The path.
        location: String,
    },
    /// A model without a folder.
    #[error("lies in the file {location}: load the model from its path, not from memory")]
    InMemory {
        /// The path.
        location: String,
    },
    /// The file cannot be read.
    #[error("lies in the file {location}, which cannot be read: {source}")]
    Read {
        /// The path.
        location: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The files are too large.
    #[error(
        "lies in the file {location} of {size} bytes: external files may have {limit} bytes together"
    )]
    TooLarge {
        /// The path.
        location: String,
        /// The file's size.
        size: u64,
        /// What all of them may have.
        limit: u64,
    },
    /// A place or a length that is no number.
    #[error("has the {key} {text}, which is no number")]
    NotANumber {
        /// Which.
        key: &'static str,
        /// What stands there.
        text: String,
    },
    /// An element type without a size.
    #[error("has an element type that external data cannot have")]
    ElementType,
    /// Extents whose product cannot be addressed.
    #[error("has the impossible shape {shape:?}")]
    Shape {
        /// The extents.
        shape: Vec<i64>,
    },
    /// Another length than its shape takes.
    #[error("of shape {shape:?} needs {expected} bytes, but claims {got}")]
    Length {
        /// The extents.
        shape: Vec<i64>,
        /// Bytes of the shape.
        expected: usize,
        /// Bytes that the model claims.
        got: usize,
    },
    /// A place beyond the file's end.
    #[error("lies at byte {offset} and has {length} bytes, its file has {size}")]
    BeyondEnd {
        /// Where it begins.
        offset: usize,
        /// Its bytes.
        length: usize,
        /// The file's bytes.
        size: usize,
    },
}

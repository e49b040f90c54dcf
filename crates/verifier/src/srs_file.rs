//! What files of an SRS begin with, and how they can fail to be one.
//!
//! Halo2's raw format is `k` as a little-endian `u32`, 2^k powers, 2^k Lagrange points, g₂, s·g₂.
//! Our container puts the artefact header and a byte for the [`Mark`] before the same bytes, and the
//! power after the last one behind them, if it is known.

use crate::points::{G1_BYTES, G2_BYTES};
use provenn_artefact::ArtefactError;
use std::io::Read;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Largest k of an SRS; the field allows circuits of at most this size at degree 5.
pub const MAX_K: u32 = 26;

/// What a file says of its SRS, for its owner's sake: it keeps test draws out of caches. Anybody can
/// change it, and no verifier looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Drawn by this program.
    Drawn,
    /// Nothing.
    None,
}

impl Mark {
    /// The byte that stands for it.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Mark::Drawn => 1,
            Mark::None => 2,
        }
    }

    /// The mark that a byte stands for, if it is one.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Mark::Drawn),
            2 => Some(Mark::None),
            _ => None,
        }
    }
}

/// Why a file is no SRS.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum SrsFileError {
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
    #[error(
        "{path}: no srs: {got}; expected a halo2 raw file, powers of tau (.ptau), or a file made by `get-srs` or `gen-srs`"
    )]
    Format { path: PathBuf, got: String },
    #[error(
        "{path}: says k = {k}, which takes {expected} bytes, but has {got}; it was cut or is no srs, fetch it again"
    )]
    Length { path: PathBuf, k: u32, expected: u64, got: u64 },
    #[error(
        "{path}: point {index} of {what} is not a valid point of the group; the file is damaged or hostile, fetch it again"
    )]
    Point { path: PathBuf, what: &'static str, index: usize },
    #[error("{path}: no powers of tau that can be read: {got}; fetch it again")]
    Ptau { path: PathBuf, got: String },
    #[error("{path}: {reason}; do not use this file, fetch it again from a source you trust")]
    Inconsistent { path: PathBuf, reason: &'static str },
}

/// Bytes of the mark.
pub const MARK_BYTES: u64 = 1;

/// Bytes of a raw file.
#[must_use]
pub fn raw_bytes(k: u32) -> u64 {
    4 + (2 * G1_BYTES as u64) * (1 << k) + 2 * G2_BYTES as u64
}

/// Reads k and checks that `size` bytes (from k on) are what it implies; `extra` more may be there.
///
/// # Errors
/// [`SrsFileError::Format`] or [`SrsFileError::Length`].
pub fn raw_k(
    path: &Path,
    reader: &mut impl Read,
    size: u64,
    extra: u64,
) -> Result<u32, SrsFileError> {
    let mut bytes = [0; 4];
    let got = |got: &str| SrsFileError::Format { path: path.into(), got: got.into() };
    reader.read_exact(&mut bytes).map_err(|_| got("fewer than four bytes"))?;
    let k = u32::from_le_bytes(bytes);
    if !(1..=MAX_K).contains(&k) {
        return Err(got(&format!("it would begin with k from 1 to {MAX_K}, this begins with {k}")));
    }
    if ![raw_bytes(k), raw_bytes(k) + extra].contains(&size) {
        return Err(SrsFileError::Length {
            path: path.into(),
            k,
            expected: raw_bytes(k),
            got: size,
        });
    }
    Ok(k)
}

/// Reads the mark of our container.
///
/// # Errors
/// [`SrsFileError::Format`] if there is none.
pub fn read_mark(path: &Path, reader: &mut impl Read) -> Result<Mark, SrsFileError> {
    let mut code = [0];
    reader.read_exact(&mut code).ok().and_then(|()| Mark::from_code(code[0])).ok_or_else(|| {
        SrsFileError::Format { path: path.into(), got: "a payload without a known mark".into() }
    })
}

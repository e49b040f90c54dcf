//! JSON files: read with a limit, written whole or not at all.

use crate::error::ArtefactError;
use crate::place;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Most bytes of a JSON file whose length nothing else bounds.
pub const LIMIT: u64 = 1 << 28;

/// Why a JSON file could not be read or written.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum JsonError {
    #[error("{path}: {source}; expected {what}, made by `{made_by}`")]
    Open { path: PathBuf, what: &'static str, made_by: &'static str, source: io::Error },
    #[error("{path}: has {got} bytes, at most {limit} are read as {what}; is it the right file?")]
    Size { path: PathBuf, what: &'static str, limit: u64, got: u64 },
    #[error("{path}: expected {what}: {source}; make it again with `{made_by}`")]
    Parse { path: PathBuf, what: &'static str, made_by: &'static str, source: serde_json::Error },
    #[error(transparent)]
    Write(#[from] ArtefactError),
}

/// Reads one JSON value of at most `limit` bytes; `what` and `made_by` go into errors.
///
/// # Errors
/// [`JsonError`] naming what is wrong with the file.
pub fn read<T: DeserializeOwned>(
    path: &Path,
    limit: u64,
    what: &'static str,
    made_by: &'static str,
) -> Result<T, JsonError> {
    let open = |source| JsonError::Open { path: path.into(), what, made_by, source };
    let file = File::open(path).map_err(open)?;
    let got = file.metadata().map_err(open)?.len();
    let size = |got| JsonError::Size { path: path.into(), what, limit, got };
    if got > limit {
        return Err(size(got));
    }
    // What has no length, or grows meanwhile, is not read beyond the limit either.
    let mut text = vec![];
    file.take(limit + 1).read_to_end(&mut text).map_err(open)?;
    if text.len() as u64 > limit {
        return Err(size(text.len() as u64));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(&text);
    let value = object(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|source| JsonError::Parse { path: path.into(), what, made_by, source })
}

/// Reads a struct from an object and from nothing else: derived readers take a list of the fields' values too.
///
/// # Errors
/// Whatever the reader reports, and all but an object.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_map(Object(PhantomData))
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

/// Writes one JSON value on lines of its own.
///
/// # Errors
/// [`JsonError::Write`] if the place is not writable.
pub fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), JsonError> {
    Ok(place::write_atomically(path, |file| fill(file, value))?)
}

/// As [`write()`], into a file that only its owner may read.
///
/// # Errors
/// [`JsonError::Write`] if the place is not writable.
pub fn write_private<T: Serialize>(path: &Path, value: &T) -> Result<(), JsonError> {
    Ok(place::write_private(path, |file| fill(file, value))?)
}

fn fill<T: Serialize>(file: &mut File, value: &T) -> io::Result<()> {
    let mut writer = BufWriter::new(file);
    serde_json::to_writer_pretty(&mut writer, value)?;
    writer.write_all(b"\n")?;
    writer.flush()
}

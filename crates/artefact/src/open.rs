//! Reading an artefact: header and digest are checked before the payload is parsed.

use crate::digest::PayloadDigest;
use crate::error::ArtefactError;
use crate::header::{HEADER_BYTES, Header, MAGIC};
use crate::kind::Kind;
use crate::read::open_regular;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// A payload whose header and digest were found correct.
#[derive(Debug)]
pub struct Payload<R = File> {
    reader: BufReader<R>,
    bytes: u64,
    digest: [u8; 32],
}

impl<R: Read> Payload<R> {
    /// Length of the payload; never more than the file holds.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The digest in the header.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The reader, standing before the payload.
    pub fn reader(&mut self) -> &mut BufReader<R> {
        &mut self.reader
    }

    /// Reads the whole payload of the file at `path`, unless it has more bytes than `limit`.
    ///
    /// # Errors
    /// `too_large` of its length, or [`ArtefactError::Read`].
    pub fn within<E: From<ArtefactError>>(
        mut self,
        path: &Path,
        limit: u64,
        too_large: impl FnOnce(u64) -> E,
    ) -> Result<Vec<u8>, E> {
        if self.bytes > limit {
            return Err(too_large(self.bytes));
        }
        let mut bytes = vec![];
        let read = self.reader.by_ref().take(self.bytes).read_to_end(&mut bytes);
        read.map_err(|source| ArtefactError::Read { path: path.into(), source })?;
        Ok(bytes)
    }
}

/// Whether a file begins with [`MAGIC`]; it stands at its start then.
///
/// # Errors
/// Whatever reading reports.
pub fn has_magic(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut start = vec![];
    (&mut *file).take(MAGIC.len() as u64).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(start == MAGIC)
}

/// What kind of artefact the regular file at `path` says it is, by its header alone.
#[must_use]
pub fn kind_of(path: &Path) -> Option<Kind> {
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    kind(&mut File::open(path).ok()?).ok()?
}

/// The kind that the header of a file names, if it is an artefact; the file stands at its start then.
///
/// # Errors
/// Whatever reading reports.
pub fn kind(file: &mut (impl Read + Seek)) -> io::Result<Option<Kind>> {
    let header = Header::read(file)?;
    file.rewind()?;
    Ok(header.and_then(|header| Kind::of(header.code)))
}

/// Opens an artefact of the given kind: checks magic, version, kind, length and digest.
///
/// # Errors
/// [`ArtefactError`] naming the first thing that differs.
pub fn open(path: &Path, expected: Kind) -> Result<Payload, ArtefactError> {
    let file = open_regular(path).map_err(|source| ArtefactError::Open {
        path: path.into(),
        expected,
        source,
    })?;
    let size = file.metadata().map_err(|source| ArtefactError::Read { path: path.into(), source });
    check(path, file, size?.len(), expected)
}

/// As [`open`], of bytes that came by another way than the file system; `name` goes into errors.
///
/// # Errors
/// [`ArtefactError`] naming the first thing that differs.
pub fn in_memory<'a>(
    name: &Path,
    bytes: &'a [u8],
    expected: Kind,
) -> Result<Payload<Cursor<&'a [u8]>>, ArtefactError> {
    check(name, Cursor::new(bytes), bytes.len() as u64, expected)
}

/// As [`open`], for a file of `size` bytes that is open and stands at its start.
///
/// # Errors
/// [`ArtefactError`] naming the first thing that differs.
pub fn check<R: Read + Seek>(
    path: &Path,
    file: R,
    size: u64,
    expected: Kind,
) -> Result<Payload<R>, ArtefactError> {
    let read = |source| ArtefactError::Read { path: path.into(), source };
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let header = Header::read(&mut reader).map_err(read)?;
    let header = header.ok_or_else(|| ArtefactError::Magic { path: path.into(), expected })?;
    match Kind::of(header.code) {
        Some(kind) if kind == expected && header.version == kind.version() => {}
        Some(kind) if kind == expected => {
            let (path, expected) = (path.into(), kind.version());
            return Err(ArtefactError::Version { path, expected, got: header.version });
        }
        Some(got) => {
            let path = path.into();
            return Err(ArtefactError::Kind { path, expected, got, got_bytes: size });
        }
        None => return Err(ArtefactError::Digest { path: path.into() }),
    }
    let Header { bytes, digest, .. } = header;
    if bytes.checked_add(HEADER_BYTES) != Some(size) {
        let expected = bytes.saturating_add(HEADER_BYTES);
        return Err(ArtefactError::Length { path: path.into(), expected, got: size });
    }
    let mut hash = PayloadDigest::new();
    let counted = io::copy(&mut reader.by_ref().take(bytes), &mut hash).map_err(read)?;
    if counted != bytes || hash.finish(expected, bytes) != digest {
        return Err(ArtefactError::Digest { path: path.into() });
    }
    reader.seek(SeekFrom::Start(HEADER_BYTES)).map_err(read)?;
    Ok(Payload { reader, bytes, digest })
}

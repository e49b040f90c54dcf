//! Binary artefact files: one header before every payload, checked before the payload is parsed.
//!
//! | bytes | field |
//! |---|---|
//! | 0..8 | `PROVENN\0` |
//! | 8..12 | version of the payload's format, little-endian |
//! | 12..16 | kind, little-endian |
//! | 16..24 | payload length, little-endian |
//! | 24..56 | BLAKE2b-256 of version, kind, length and payload |
//!
//! The digest guards against damage and against files in the wrong place, not against malice:
//! parsers of payloads must still be total.

pub use crate::kind::{ArtefactError, Kind};
pub use crate::read::{open_regular, read_at_most};
pub use crate::write::{check_place, end_of_links, write_atomically, write_private};
use blake2b_simd::{Params, State};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// First bytes of every artefact.
pub const MAGIC: [u8; 8] = *b"PROVENN\0";
/// Bytes before the payload.
pub const HEADER_BYTES: u64 = 56;

/// A payload whose header and digest were found correct.
#[derive(Debug)]
pub struct Payload {
    reader: BufReader<File>,
    bytes: u64,
    digest: [u8; 32],
}

impl Payload {
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
    pub fn reader(&mut self) -> &mut BufReader<File> {
        &mut self.reader
    }

    /// Reads the whole payload.
    ///
    /// # Errors
    /// Whatever reading reports.
    pub fn to_vec(mut self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![];
        self.reader.by_ref().take(self.bytes).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Whether a file begins with [`MAGIC`]; it stands at its start then.
///
/// # Errors
/// Whatever reading reports.
pub(crate) fn has_magic(file: &mut File) -> io::Result<bool> {
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
pub(crate) fn kind(file: &mut File) -> io::Result<Option<Kind>> {
    let header = read_header(file)?;
    file.rewind()?;
    Ok(header.and_then(|(_, code, _, _)| Kind::ALL.into_iter().find(|kind| kind.code() == code)))
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
    check(path, file, expected)
}

/// As [`open`], for a file that is open and stands at its start.
pub(crate) fn check(path: &Path, file: File, expected: Kind) -> Result<Payload, ArtefactError> {
    let read = |source| ArtefactError::Read { path: path.into(), source };
    let size = file.metadata().map_err(read)?.len();
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let (version, code, bytes, digest) = match read_header(&mut reader).map_err(read)? {
        Some(header) => header,
        None => return Err(ArtefactError::Magic { path: path.into(), expected }),
    };
    match Kind::ALL.into_iter().find(|kind| kind.code() == code) {
        Some(kind) if kind == expected && version == kind.version() => {}
        Some(kind) if kind == expected => {
            let (path, expected) = (path.into(), kind.version());
            return Err(ArtefactError::Version { path, expected, found: version });
        }
        Some(found) => {
            let path = path.into();
            return Err(ArtefactError::Kind { path, expected, found, found_bytes: size });
        }
        None => return Err(ArtefactError::Digest { path: path.into() }),
    }
    if bytes.checked_add(HEADER_BYTES) != Some(size) {
        let expected = bytes.saturating_add(HEADER_BYTES);
        return Err(ArtefactError::Length { path: path.into(), expected, found: size });
    }
    let mut hash = Hash::new();
    let counted = io::copy(&mut reader.by_ref().take(bytes), &mut hash).map_err(read)?;
    if counted != bytes || hash.finish(expected, bytes) != digest {
        return Err(ArtefactError::Digest { path: path.into() });
    }
    reader.seek(SeekFrom::Start(HEADER_BYTES)).map_err(read)?;
    Ok(Payload { reader, bytes, digest })
}

type Header = (u32, u32, u64, [u8; 32]);

/// `None` if the file is shorter than a header or starts otherwise.
fn read_header(reader: &mut impl Read) -> io::Result<Option<Header>> {
    let mut bytes = vec![];
    reader.take(HEADER_BYTES).read_to_end(&mut bytes)?;
    Ok((|| {
        let rest = bytes.strip_prefix(&MAGIC)?;
        let (version, rest) = rest.split_first_chunk()?;
        let (code, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let digest = rest.try_into().ok()?;
        let length = u64::from_le_bytes(*length);
        Some((u32::from_le_bytes(*version), u32::from_le_bytes(*code), length, digest))
    })())
}

/// Writes an artefact, whole or not at all, and never over one of another kind; only its owner may read a new
/// proving key. Returns the payload's digest.
///
/// # Errors
/// [`ArtefactError::Occupied`] or [`ArtefactError::Write`]; the file at `path` is then as it was before.
pub fn write<E: Into<io::Error>>(
    path: &Path,
    kind: Kind,
    payload: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<[u8; 32], ArtefactError> {
    match kind_of(path) {
        Some(found) if found != kind => {
            return Err(ArtefactError::Occupied { path: path.into(), writing: kind, found });
        }
        Some(_) | None => {}
    }
    let mut digest = [0; 32];
    let fill = |file: &mut File| {
        file.write_all(&[0; 56])?;
        let mut hash = Hash::new();
        let mut writer =
            BufWriter::with_capacity(1 << 20, Tee { file: &mut *file, hash: &mut hash, bytes: 0 });
        payload(&mut writer).map_err(Into::into)?;
        let tee = writer.into_inner().map_err(|error| error.into_error())?;
        let bytes = tee.bytes;
        digest = hash.finish(kind, bytes);
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&MAGIC)?;
        file.write_all(&kind.version().to_le_bytes())?;
        file.write_all(&kind.code().to_le_bytes())?;
        file.write_all(&bytes.to_le_bytes())?;
        file.write_all(&digest)
    };
    match kind {
        Kind::ProvingKey => write_private(path, fill)?,
        Kind::Srs | Kind::VerifierSrs | Kind::CompiledCircuit | Kind::VerifyingKey => {
            write_atomically(path, fill)?;
        }
    }
    Ok(digest)
}

/// BLAKE2b-256 of bytes, with a personalisation that says what they are (at most 16 bytes).
#[must_use]
pub fn digest(personal: &[u8; 16], bytes: &[u8]) -> [u8; 32] {
    let hash = Params::new().hash_length(32).personal(personal).hash(bytes);
    first_32(hash.as_bytes())
}

struct Hash(State);

impl Hash {
    fn new() -> Self {
        Hash(Params::new().hash_length(32).personal(b"provenn artefact").to_state())
    }

    fn finish(mut self, kind: Kind, bytes: u64) -> [u8; 32] {
        self.0.update(&kind.version().to_le_bytes());
        self.0.update(&kind.code().to_le_bytes());
        self.0.update(&bytes.to_le_bytes());
        first_32(self.0.finalize().as_bytes())
    }
}

fn first_32(bytes: &[u8]) -> [u8; 32] {
    std::array::from_fn(|i| bytes.get(i).copied().unwrap_or(0))
}

impl Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Tee<'a> {
    file: &'a mut File,
    hash: &'a mut Hash,
    bytes: u64,
}

impl Write for Tee<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hash.write_all(bytes.get(..n).unwrap_or(bytes))?;
        self.bytes += n as u64;
        Ok(n)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

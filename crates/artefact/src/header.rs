//! What stands before every payload.
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

use crate::kind::Kind;
use std::io::{self, Read, Write};

/// First bytes of every artefact.
pub const MAGIC: [u8; 8] = *b"PROVENN\0";
/// Bytes before the payload.
pub const HEADER_BYTES: u64 = 56;

/// The fields after [`MAGIC`], in order, as they stand in a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) version: u32,
    pub(crate) code: u32,
    pub(crate) bytes: u64,
    pub(crate) digest: [u8; 32],
}

impl Header {
    /// The header of a payload of this version of the program.
    pub(crate) fn of(kind: Kind, bytes: u64, digest: [u8; 32]) -> Self {
        Header { version: kind.version(), code: kind.code(), bytes, digest }
    }

    /// `None` if the file is shorter than a header or starts otherwise.
    pub(crate) fn read(reader: &mut impl Read) -> io::Result<Option<Self>> {
        let mut bytes = vec![];
        reader.take(HEADER_BYTES).read_to_end(&mut bytes)?;
        Ok(Self::parse(&bytes))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&MAGIC)?;
        let (version, rest) = rest.split_first_chunk()?;
        let (code, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let digest = rest.try_into().ok()?;
        let [version, code] = [version, code].map(|field| u32::from_le_bytes(*field));
        Some(Header { version, code, bytes: u64::from_le_bytes(*length), digest })
    }

    pub(crate) fn write(&self, writer: &mut impl Write) -> io::Result<()> {
        writer.write_all(&MAGIC)?;
        writer.write_all(&self.version.to_le_bytes())?;
        writer.write_all(&self.code.to_le_bytes())?;
        writer.write_all(&self.bytes.to_le_bytes())?;
        writer.write_all(&self.digest)
    }
}

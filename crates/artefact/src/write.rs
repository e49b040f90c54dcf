//! Writing an artefact: payload first, then the header that its digest goes into.

use crate::digest::PayloadDigest;
use crate::error::ArtefactError;
use crate::header::Header;
use crate::kind::Kind;
use crate::open::kind_of;
use crate::place::{write_atomically, write_private};
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

/// Writes an artefact, whole or not at all, and never over one of another kind; only its owner may read a new
/// proving key, opening or secret. Returns the payload's digest.
///
/// # Errors
/// [`ArtefactError::Occupied`] or [`ArtefactError::Write`]; the file at `path` is then as it was before.
pub fn write<E: Into<io::Error>>(
    path: &Path,
    kind: Kind,
    payload: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<[u8; 32], ArtefactError> {
    match kind_of(path) {
        Some(got) if got != kind => {
            return Err(ArtefactError::Occupied { path: path.into(), writing: kind, got });
        }
        Some(_) | None => {}
    }
    let mut digest = [0; 32];
    let fill = |file: &mut File| {
        file.write_all(&[0; 56])?;
        let mut hash = PayloadDigest::new();
        let mut writer =
            BufWriter::with_capacity(1 << 20, Tee { file: &mut *file, hash: &mut hash, bytes: 0 });
        payload(&mut writer).map_err(Into::into)?;
        let tee = writer.into_inner().map_err(|error| error.into_error())?;
        let bytes = tee.bytes;
        digest = hash.finish(kind, bytes);
        file.seek(SeekFrom::Start(0))?;
        Header::of(kind, bytes, digest).write(file)
    };
    match kind {
        Kind::ProvingKey | Kind::Opening | Kind::TensorOpening | Kind::DataSecret => {
            write_private(path, fill)?;
        }
        Kind::Srs
        | Kind::VerifierSrs
        | Kind::CompiledCircuit
        | Kind::VerifyingKey
        | Kind::Commitment
        | Kind::TensorCommitment => {
            write_atomically(path, fill)?;
        }
    }
    Ok(digest)
}

struct Tee<'a> {
    file: &'a mut File,
    hash: &'a mut PayloadDigest,
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

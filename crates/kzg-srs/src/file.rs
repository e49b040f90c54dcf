//! Reading and writing an [`Srs`]: in our container, or as halo2 (and ezkl) write it.
//!
//! Halo2's raw format is `k` as a little-endian `u32`, 2^k powers, 2^k Lagrange points, g₂, s·g₂.
//! Our container puts the artefact header and a byte for the [`Origin`] before the same bytes.

use crate::artefact::{self, ArtefactError, Kind};
use crate::check;
use crate::error::SrsError;
use crate::points::{self, G1_BYTES, G2_BYTES};
use crate::srs::{MAX_K, Origin, Srs};
use halo2_proofs::SerdeFormat;
use rand_core::OsRng;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

/// Bytes that say where an SRS comes from.
pub(crate) const ORIGIN_BYTES: u64 = 1;

/// Bytes of a raw file.
pub(crate) fn raw_bytes(k: u32) -> u64 {
    4 + (2 * G1_BYTES as u64) * (1 << k) + 2 * G2_BYTES as u64
}

/// Reads k and checks that `size` bytes (from k on) are what it implies.
pub(crate) fn raw_k(path: &Path, reader: &mut impl Read, size: u64) -> Result<u32, SrsError> {
    let mut bytes = [0; 4];
    let found = |found: &str| SrsError::Format { path: path.into(), found: found.into() };
    reader.read_exact(&mut bytes).map_err(|_| found("fewer than four bytes"))?;
    let k = u32::from_le_bytes(bytes);
    if &bytes == b"ptau" {
        return Err(found("a powers-of-tau file (.ptau), which this version does not import"));
    }
    if !(1..=MAX_K).contains(&k) {
        return Err(found(&format!(
            "it would begin with k from 1 to {MAX_K}, this begins with {k}"
        )));
    }
    if raw_bytes(k) != size {
        return Err(SrsError::Length { path: path.into(), k, expected: raw_bytes(k), found: size });
    }
    Ok(k)
}

pub(crate) fn read_origin(path: &Path, reader: &mut impl Read) -> Result<Origin, SrsError> {
    let mut code = [0];
    reader.read_exact(&mut code).ok().and_then(|()| Origin::from_code(code[0])).ok_or_else(|| {
        SrsError::Format { path: path.into(), found: "a payload without a known origin".into() }
    })
}

impl Srs {
    /// Reads an SRS in either format. Every point is checked; unless the file itself says that it
    /// is insecure, so are all relations between them (three multi-exponentiations).
    ///
    /// # Errors
    /// [`SrsError`] naming what is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, SrsError> {
        let open = |source| ArtefactError::Open { path: path.into(), expected: Kind::Srs, source };
        if artefact::has_magic(path).map_err(open)? {
            let mut payload = artefact::open(path, Kind::Srs)?;
            let size = payload.bytes();
            let origin = read_origin(path, payload.reader())?;
            return read_raw(path, payload.reader(), size.saturating_sub(ORIGIN_BYTES), origin);
        }
        let file = File::open(path).map_err(open)?;
        let size = file.metadata().map_err(open)?.len();
        read_raw(path, &mut BufReader::with_capacity(1 << 20, file), size, Origin::File)
    }

    /// Writes our container, which keeps the origin.
    ///
    /// # Errors
    /// [`SrsError::Artefact`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), SrsError> {
        artefact::write::<io::Error>(path, Kind::Srs, |mut writer| {
            writer.write_all(&[self.origin().code()])?;
            self.params().write_custom(&mut writer, SerdeFormat::RawBytes)
        })?;
        Ok(())
    }

    /// Writes halo2's raw format for other programs. It cannot say that an SRS is insecure.
    ///
    /// # Errors
    /// [`SrsError::Artefact`] if the place is not writable.
    pub fn write_raw(&self, path: &Path) -> Result<(), SrsError> {
        artefact::write_atomically(path, |file| {
            let mut writer = BufWriter::with_capacity(1 << 20, file);
            self.params().write_custom(&mut writer, SerdeFormat::RawBytes)?;
            writer.flush()
        })?;
        Ok(())
    }
}

fn read_raw(
    path: &Path,
    reader: &mut impl Read,
    size: u64,
    origin: Origin,
) -> Result<Srs, SrsError> {
    let io = |source| ArtefactError::Read { path: path.into(), source };
    let point = |what, index| SrsError::Point { path: path.into(), what, index };
    let k = raw_k(path, reader, size)?;
    let n = 1 << k;
    let g = points::read_g1s(reader, n).map_err(io)?.map_err(|i| point("g", i))?;
    let g_lagrange =
        points::read_g1s(reader, n).map_err(io)?.map_err(|i| point("g_lagrange", i))?;
    let g2 = points::read_g2(reader).map_err(io)?.ok_or_else(|| point("g2", 0))?;
    let s_g2 = points::read_g2(reader).map_err(io)?.ok_or_else(|| point("s_g2", 0))?;
    match origin {
        Origin::File => check::consistent(k, &g, &g_lagrange, &g2, &s_g2, OsRng),
        Origin::Insecure => check::generators(&g.first().copied().unwrap_or_default(), &g2),
    }
    .map_err(|reason| SrsError::Inconsistent { path: path.into(), reason })?;
    Ok(Srs::new(k, g, g_lagrange, g2, s_g2, origin))
}

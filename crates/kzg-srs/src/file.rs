//! Reading and writing an [`Srs`]: in our container, or as halo2 (and ezkl) write it.
//!
//! Halo2's raw format is `k` as a little-endian `u32`, 2^k powers, 2^k Lagrange points, g₂, s·g₂.
//! Our container puts the artefact header and a byte for the [`Mark`] before the same bytes, and the
//! power after the last one behind them, if it is known.

use crate::artefact::{self, ArtefactError, Kind};
use crate::check;
use crate::error::SrsError;
use crate::points::{self, G1_BYTES, G2_BYTES};
use crate::srs::{MAX_K, Mark, Origin, Srs};
use halo2_proofs::halo2curves::serde::SerdeObject;
use rand_core::OsRng;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

/// Bytes of the mark.
pub(crate) const MARK_BYTES: u64 = 1;

/// Bytes of a raw file.
pub(crate) fn raw_bytes(k: u32) -> u64 {
    4 + (2 * G1_BYTES as u64) * (1 << k) + 2 * G2_BYTES as u64
}

/// Reads k and checks that `size` bytes (from k on) are what it implies; `extra` more may be there.
pub(crate) fn raw_k(
    path: &Path,
    reader: &mut impl Read,
    size: u64,
    extra: u64,
) -> Result<u32, SrsError> {
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
    if ![raw_bytes(k), raw_bytes(k) + extra].contains(&size) {
        return Err(SrsError::Length { path: path.into(), k, expected: raw_bytes(k), found: size });
    }
    Ok(k)
}

pub(crate) fn read_mark(path: &Path, reader: &mut impl Read) -> Result<Mark, SrsError> {
    let mut code = [0];
    reader.read_exact(&mut code).ok().and_then(|()| Mark::from_code(code[0])).ok_or_else(|| {
        SrsError::Format { path: path.into(), found: "a payload without a known mark".into() }
    })
}

impl Srs {
    /// Reads an SRS in either format. Every point is checked; unless the file itself says that it
    /// was drawn here and it is of no ceremony, so are all relations between them (three multi-exponentiations).
    ///
    /// # Errors
    /// [`SrsError`] naming what is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, SrsError> {
        let open = |source| ArtefactError::Open { path: path.into(), expected: Kind::Srs, source };
        let mut file = artefact::open_regular(path).map_err(open)?;
        if artefact::has_magic(&mut file).map_err(open)? {
            let mut payload = artefact::check(path, file, Kind::Srs)?;
            let size = payload.bytes();
            let mark = read_mark(path, payload.reader())?;
            let size = size.saturating_sub(MARK_BYTES);
            return read_raw(path, payload.reader(), size, G1_BYTES as u64, mark);
        }
        let size = file.metadata().map_err(open)?.len();
        read_raw(path, &mut BufReader::with_capacity(1 << 20, file), size, 0, Mark::None)
    }

    /// Writes our container, which keeps the mark.
    ///
    /// # Errors
    /// [`SrsError::Artefact`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), SrsError> {
        artefact::write::<io::Error>(path, Kind::Srs, |mut writer| {
            writer.write_all(&[self.mark().code()])?;
            self.write_points(&mut writer)?;
            let beyond = self.powers().iter().skip(self.lagrange().len());
            beyond.into_iter().try_for_each(|power| power.write_raw(&mut writer))
        })?;
        Ok(())
    }

    /// Writes halo2's raw format for other programs. It holds no mark.
    ///
    /// # Errors
    /// [`SrsError::Artefact`] if the place is not writable.
    pub fn write_raw(&self, path: &Path) -> Result<(), SrsError> {
        artefact::write_atomically(path, |file| {
            let mut writer = BufWriter::with_capacity(1 << 20, file);
            self.write_points(&mut writer)?;
            writer.flush()
        })?;
        Ok(())
    }

    /// Halo2's raw format.
    fn write_points(&self, writer: &mut impl Write) -> io::Result<()> {
        let (g2, s_g2) = self.verifier().secret();
        writer.write_all(&self.k().to_le_bytes())?;
        let powers = self.powers().iter().take(self.lagrange().len());
        powers.chain(self.lagrange()).try_for_each(|point| point.write_raw(writer))?;
        g2.write_raw(writer)?;
        s_g2.write_raw(writer)
    }
}

fn read_raw(
    path: &Path,
    reader: &mut impl Read,
    size: u64,
    extra: u64,
    mark: Mark,
) -> Result<Srs, SrsError> {
    let io = |source| ArtefactError::Read { path: path.into(), source };
    let point = |what, index| SrsError::Point { path: path.into(), what, index };
    let k = raw_k(path, reader, size, extra)?;
    let n = 1 << k;
    let mut powers = points::read_g1s(reader, n).map_err(io)?.map_err(|i| point("g", i))?;
    let lagrange = points::read_g1s(reader, n).map_err(io)?.map_err(|i| point("g_lagrange", i))?;
    let g2 = points::read_g2(reader).map_err(io)?.ok_or_else(|| point("g2", 0))?;
    let s_g2 = points::read_g2(reader).map_err(io)?.ok_or_else(|| point("s_g2", 0))?;
    if size > raw_bytes(k) {
        powers.extend(points::read_g1s(reader, 1).map_err(io)?.map_err(|_| point("g", n))?);
    }
    let srs = Srs::new(k, powers, lagrange, (g2, s_g2), mark);
    // A mark that anybody can set must not spare a ceremony's name the check.
    match (mark, srs.origin()) {
        (Mark::Drawn, Origin::Unknown) => {
            check::generators(&srs.powers().first().copied().unwrap_or_default(), &g2)
        }
        (Mark::None, _) | (_, Origin::Ceremony(_)) => {
            check::consistent(k, srs.powers(), srs.lagrange(), &g2, &s_g2, OsRng)
        }
    }
    .map_err(|reason| SrsError::Inconsistent { path: path.into(), reason })?;
    Ok(srs)
}

//! Reading and writing an [`Srs`]: in our container, as halo2 (and ezkl) write it, or from powers of tau.
//!
//! The formats are described in [`provenn_verifier::srs_file`] and [`provenn_verifier::ptau`].

use crate::check;
use crate::error::SrsError;
use crate::points;
use crate::srs::Srs;
use halo2_proofs::halo2curves::bn256::G2Affine;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::serde::SerdeObject;
use provenn_artefact::{self as artefact, ArtefactError, Kind};
use provenn_verifier::points::{G1_BYTES, generators};
use provenn_verifier::srs_file::{MARK_BYTES, SrsFileError, raw_bytes, raw_k, read_mark};
use provenn_verifier::{MAX_K, Mark, Origin, VerifierSrs, ptau};
use rand_core::OsRng;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;

impl Srs {
    /// Reads an SRS in any format. Every point is checked; unless the file itself says that it
    /// was drawn here and it is of no ceremony, so are all relations between them (three multi-exponentiations).
    ///
    /// # Errors
    /// [`SrsError`] naming what is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, SrsError> {
        Self::read_as_far(path, None)
    }

    /// As [`read`](Self::read), for circuits of 2^k rows: of powers of tau, which may be of a far larger ceremony, only
    /// those that are needed; of others, everything, cut to size ([`truncated`](Self::truncated)).
    ///
    /// # Errors
    /// As [`read`](Self::read); [`SrsError::TooSmall`] if it has fewer powers, [`SrsError::K`] if k is out of range.
    pub fn read_for(path: &Path, k: u32) -> Result<Self, SrsError> {
        if !(1..=MAX_K).contains(&k) {
            return Err(SrsError::K { k });
        }
        Self::read_as_far(path, Some(k))?.truncated(k)
    }

    /// Of powers of tau, those for 2^k rows; else everything.
    fn read_as_far(path: &Path, k: Option<u32>) -> Result<Self, SrsError> {
        let open = |source| ArtefactError::Open { path: path.into(), expected: Kind::Srs, source };
        let mut file = artefact::open_regular(path).map_err(open)?;
        let size = file.metadata().map_err(open)?.len();
        if artefact::has_magic(&mut file).map_err(open)? {
            let mut payload = artefact::check(path, file, size, Kind::Srs)?;
            let size = payload.bytes();
            let mark = read_mark(path, payload.reader())?;
            let size = size.saturating_sub(MARK_BYTES);
            return Ok(read_raw(path, payload.reader(), size, G1_BYTES as u64, mark)?);
        }
        if ptau::is_one(&mut file).map_err(open)? {
            return crate::ptau::read(path, &mut file, size, k);
        }
        Ok(read_raw(path, &mut BufReader::with_capacity(1 << 20, file), size, 0, Mark::None)?)
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
        let g2 = <G2Affine as PrimeCurveAffine>::generator();
        writer.write_all(&self.k().to_le_bytes())?;
        let powers = self.powers().iter().take(self.lagrange().len());
        powers.chain(self.lagrange()).try_for_each(|point| point.write_raw(writer))?;
        g2.write_raw(writer)?;
        self.verifier().s_g2().write_raw(writer)
    }
}

fn read_raw(
    path: &Path,
    reader: &mut impl Read,
    size: u64,
    extra: u64,
    mark: Mark,
) -> Result<Srs, SrsFileError> {
    let io = |source| ArtefactError::Read { path: path.into(), source };
    let point = |what, index| SrsFileError::Point { path: path.into(), what, index };
    let k = raw_k(path, reader, size, extra)?;
    let n = 1 << k;
    let mut powers = points::read_g1s(reader, n).map_err(io)?.map_err(|i| point("g", i))?;
    let lagrange = points::read_g1s(reader, n).map_err(io)?.map_err(|i| point("g_lagrange", i))?;
    let g2 = points::read_g2(reader).map_err(io)?.ok_or_else(|| point("g2", 0))?;
    let s_g2 = points::read_g2(reader).map_err(io)?.ok_or_else(|| point("s_g2", 0))?;
    if size > raw_bytes(k) {
        powers.extend(points::read_g1s(reader, 1).map_err(io)?.map_err(|_| point("g", n))?);
    }
    let verifier = VerifierSrs::new(s_g2, mark).ok_or_else(|| point("s_g2", 0))?;
    let srs = Srs::new(k, powers, lagrange, verifier);
    // A mark that anybody can set must not spare a ceremony's name the check.
    match (mark, srs.origin()) {
        (Mark::Drawn, Origin::Unknown) => {
            generators(&srs.powers().first().copied().unwrap_or_default(), &g2)
        }
        (Mark::None, _) | (_, Origin::Ceremony(_)) => {
            check::consistent(k, srs.powers(), srs.lagrange(), [&g2, &s_g2], OsRng)
        }
    }
    .map_err(|reason| SrsFileError::Inconsistent { path: path.into(), reason })?;
    Ok(srs)
}

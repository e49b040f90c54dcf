//! The part of an SRS that verifying needs: three points.

use crate::artefact::{self, ArtefactError, Kind, Payload};
use crate::check;
use crate::error::SrsError;
use crate::file::{MARK_BYTES, raw_bytes, raw_k, read_mark};
use crate::points::{self, G1_BYTES, G2_BYTES};
use crate::srs::{Mark, Origin};
use halo2_proofs::halo2curves::bn256::{Bn256, G1Affine, G2Affine};
use halo2_proofs::halo2curves::serde::SerdeObject;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use rand_core::SeedableRng;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// The generators and s·g₂: 320 bytes that serve circuits of every k.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifierSrs {
    g: G1Affine,
    g2: G2Affine,
    s_g2: G2Affine,
    mark: Mark,
}

impl VerifierSrs {
    pub(crate) fn from_points(g: G1Affine, g2: G2Affine, s_g2: G2Affine, mark: Mark) -> Self {
        VerifierSrs { g, g2, s_g2, mark }
    }

    /// g₂ and s·g₂.
    pub(crate) fn secret(&self) -> (G2Affine, G2Affine) {
        (self.g2, self.s_g2)
    }

    /// Where it comes from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin::of(&self.digest())
    }

    /// What its file says of it.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// Digest of the three points.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        artefact::digest(b"provenn srs     ", &self.to_bytes())
    }

    /// Halo2's form for a circuit of 2^k rows; without the powers, so that only verifying works.
    #[must_use]
    pub fn params(&self, k: u32) -> ParamsKZG<Bn256> {
        params(k, vec![self.g], vec![], self.g2, self.s_g2)
    }

    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.g.to_raw_bytes();
        bytes.extend(self.g2.to_raw_bytes());
        bytes.extend(self.s_g2.to_raw_bytes());
        bytes
    }

    /// Writes it as a file of its own.
    ///
    /// # Errors
    /// [`SrsError::Artefact`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), SrsError> {
        artefact::write::<io::Error>(path, Kind::VerifierSrs, |writer| {
            writer.write_all(&[self.mark.code()])?;
            writer.write_all(&self.to_bytes())
        })?;
        Ok(())
    }

    /// Reads it from its own file or from a whole SRS in either format, without reading the powers.
    ///
    /// # Errors
    /// [`SrsError`] naming what is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, SrsError> {
        let io = |source| ArtefactError::Read { path: path.into(), source };
        let open = |source| ArtefactError::Open { path: path.into(), expected: Kind::Srs, source };
        // One handle from the first byte to the last: a file put in its place meanwhile is not read.
        let mut file = artefact::open_regular(path).map_err(open)?;
        if !artefact::has_magic(&mut file).map_err(io)? {
            let size = file.metadata().map_err(io)?.len();
            let k = raw_k(path, &mut file, size, 0)?;
            return Self::read_raw(path, &mut file, 4, k, Mark::None);
        }
        let whole = artefact::kind(&mut file).map_err(io)? == Some(Kind::Srs);
        let kind = if whole { Kind::Srs } else { Kind::VerifierSrs };
        let mut payload = artefact::check(path, file, kind)?;
        if kind == Kind::VerifierSrs {
            return Self::read_own(path, payload);
        }
        let size = payload.bytes().saturating_sub(MARK_BYTES);
        let mark = read_mark(path, payload.reader())?;
        let k = raw_k(path, payload.reader(), size, G1_BYTES as u64)?;
        let start = artefact::HEADER_BYTES + MARK_BYTES + 4;
        Self::read_raw(path, payload.reader(), start, k, mark)
    }

    fn read_own(path: &Path, mut payload: Payload) -> Result<Self, SrsError> {
        let mut bytes = [0; G1_BYTES + 2 * G2_BYTES];
        let mark = read_mark(path, payload.reader())?;
        if payload.bytes() != MARK_BYTES + bytes.len() as u64 {
            let found = "a payload of another length".into();
            return Err(SrsError::Format { path: path.into(), found });
        }
        let read = payload.reader().read_exact(&mut bytes);
        read.map_err(|source| ArtefactError::Read { path: path.into(), source })?;
        Self::from_bytes(path, &bytes, mark)
    }

    /// Picks the three points out of raw powers that begin at byte `start`.
    fn read_raw(
        path: &Path,
        file: &mut (impl Read + Seek),
        start: u64,
        k: u32,
        mark: Mark,
    ) -> Result<Self, SrsError> {
        let io = |source| ArtefactError::Read { path: path.into(), source };
        let mut bytes = [0; G1_BYTES + 2 * G2_BYTES];
        let (first, last) = bytes.split_at_mut(G1_BYTES);
        file.seek(SeekFrom::Start(start)).map_err(io)?;
        file.read_exact(first).map_err(io)?;
        file.seek(SeekFrom::Start(start + raw_bytes(k) - 4 - last.len() as u64)).map_err(io)?;
        file.read_exact(last).map_err(io)?;
        Self::from_bytes(path, &bytes, mark)
    }

    fn from_bytes(path: &Path, bytes: &[u8], mark: Mark) -> Result<Self, SrsError> {
        let point = |what| SrsError::Point { path: path.into(), what, index: 0 };
        let (g, rest) = bytes.split_at_checked(G1_BYTES).ok_or_else(|| point("g"))?;
        let (g2, s_g2) = rest.split_at_checked(G2_BYTES).ok_or_else(|| point("g2"))?;
        let g = points::g1(g).ok_or_else(|| point("g"))?;
        let g2 = points::g2(g2).ok_or_else(|| point("g2"))?;
        let s_g2 = points::g2(s_g2).ok_or_else(|| point("s_g2"))?;
        check::generators(&g, &g2)
            .map_err(|reason| SrsError::Inconsistent { path: path.into(), reason })?;
        Ok(VerifierSrs { g, g2, s_g2, mark })
    }
}

/// Halo2 constructs its parameters only through other parameters: the smallest serve.
pub(crate) fn params(
    k: u32,
    g: Vec<G1Affine>,
    g_lagrange: Vec<G1Affine>,
    g2: G2Affine,
    s_g2: G2Affine,
) -> ParamsKZG<Bn256> {
    let rng = rand_chacha::ChaCha20Rng::seed_from_u64(0);
    ParamsKZG::<Bn256>::setup(0, rng).from_parts(k, g, Some(g_lagrange), g2, s_g2)
}

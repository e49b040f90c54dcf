//! The part of an SRS that verifying needs: two generators, which are everybody's, and s·g₂.

use crate::ceremony::Origin;
use crate::points::{self, G1_BYTES, G2_BYTES};
use crate::ptau::{self, Ptau};
use crate::srs_file::{MARK_BYTES, Mark, SrsFileError, raw_bytes, raw_k, read_mark};
use halo2_proofs::halo2curves::bn256::{Bn256, G1Affine, G2Affine};
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::serde::SerdeObject;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use provenn_artefact::{self as artefact, ArtefactError, Kind};
use rand_core::SeedableRng;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes of the generators and s·g₂.
const POINTS: usize = G1_BYTES + 2 * G2_BYTES;

/// The generators and s·g₂: 320 bytes that serve circuits of every k.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifierSrs {
    s_g2: G2Affine,
    mark: Mark,
}

impl VerifierSrs {
    /// From s·g₂ over the standard generators. `None` if it is the identity or of another order.
    #[must_use]
    pub fn new(s_g2: G2Affine, mark: Mark) -> Option<Self> {
        points::is_of_order(&s_g2).then_some(VerifierSrs { s_g2, mark })
    }

    /// s·g₂.
    #[must_use]
    pub fn s_g2(&self) -> G2Affine {
        self.s_g2
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
        self.params_with(k, vec![G1Affine::generator()], vec![])
    }

    /// As [`params`](Self::params), with the powers in both bases.
    #[must_use]
    pub fn params_with(
        &self,
        k: u32,
        powers: Vec<G1Affine>,
        lagrange: Vec<G1Affine>,
    ) -> ParamsKZG<Bn256> {
        // Halo2 constructs its parameters only through other parameters: the smallest serve.
        let rng = rand_chacha::ChaCha20Rng::seed_from_u64(0);
        let g2 = <G2Affine as PrimeCurveAffine>::generator();
        let smallest = ParamsKZG::<Bn256>::setup(0, rng);
        smallest.from_parts(k, powers, Some(lagrange), g2, self.s_g2)
    }

    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = G1Affine::generator().to_raw_bytes();
        bytes.extend(<G2Affine as PrimeCurveAffine>::generator().to_raw_bytes());
        bytes.extend(self.s_g2.to_raw_bytes());
        bytes
    }

    /// Writes it as a file of its own.
    ///
    /// # Errors
    /// [`SrsFileError::Artefact`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), SrsFileError> {
        artefact::write::<io::Error>(path, Kind::VerifierSrs, |writer| {
            writer.write_all(&[self.mark.code()])?;
            writer.write_all(&self.to_bytes())
        })?;
        Ok(())
    }

    /// Reads it from its own file or from a whole SRS in either format, without reading the powers.
    ///
    /// # Errors
    /// [`SrsFileError`] naming what is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, SrsFileError> {
        let open = |source| ArtefactError::Open { path: path.into(), expected: Kind::Srs, source };
        // One handle from the first byte to the last: a file put in its place meanwhile is not read.
        let file = artefact::open_regular(path).map_err(open)?;
        let size = file.metadata().map_err(open)?.len();
        Self::read_from(path, file, size)
    }

    /// As [`read`](Self::read), of a file's bytes; `name` goes into errors.
    ///
    /// # Errors
    /// [`SrsFileError`] naming what is wrong with the file.
    pub fn read_bytes(name: &Path, bytes: &[u8]) -> Result<Self, SrsFileError> {
        Self::read_from(name, Cursor::new(bytes), bytes.len() as u64)
    }

    fn read_from(path: &Path, mut file: impl Read + Seek, size: u64) -> Result<Self, SrsFileError> {
        let io = |source| ArtefactError::Read { path: path.into(), source };
        if !artefact::has_magic(&mut file).map_err(io)? {
            if ptau::is_one(&mut file).map_err(io)? {
                return Self::read_ptau(path, &mut file, size);
            }
            let k = raw_k(path, &mut file, size, 0)?;
            return Self::read_raw(path, &mut file, 4, k, Mark::None);
        }
        let whole = artefact::kind(&mut file).map_err(io)? == Some(Kind::Srs);
        let kind = if whole { Kind::Srs } else { Kind::VerifierSrs };
        let mut payload = artefact::check(path, file, size, kind)?;
        let size = payload.bytes().saturating_sub(MARK_BYTES);
        let mark = read_mark(path, payload.reader())?;
        if kind == Kind::VerifierSrs {
            return Self::read_own(path, payload.reader(), size, mark);
        }
        let k = raw_k(path, payload.reader(), size, G1_BYTES as u64)?;
        let start = artefact::HEADER_BYTES + MARK_BYTES + 4;
        Self::read_raw(path, payload.reader(), start, k, mark)
    }

    fn read_own(
        path: &Path,
        reader: &mut impl Read,
        size: u64,
        mark: Mark,
    ) -> Result<Self, SrsFileError> {
        let mut bytes = [0; POINTS];
        if size != bytes.len() as u64 {
            let got = "a payload of another length".into();
            return Err(SrsFileError::Format { path: path.into(), got });
        }
        let read = reader.read_exact(&mut bytes);
        read.map_err(|source| ArtefactError::Read { path: path.into(), source })?;
        Self::from_bytes(path, &bytes, mark)
    }

    /// Picks the three points out of powers of tau.
    fn read_ptau(
        path: &Path,
        file: &mut (impl Read + Seek),
        size: u64,
    ) -> Result<Self, SrsFileError> {
        let io = |source| ArtefactError::Read { path: path.into(), source };
        let ptau = Ptau::read(path, file, size)?;
        let mut bytes = [0; POINTS];
        let (g1, g2) = bytes.split_at_mut(G1_BYTES);
        for (start, points) in [(ptau.g1, g1), (ptau.g2, g2)] {
            file.seek(SeekFrom::Start(start)).map_err(io)?;
            file.read_exact(points).map_err(io)?;
        }
        Self::from_bytes(path, &bytes, Mark::None)
    }

    /// Picks the three points out of raw powers that begin at byte `start`.
    fn read_raw(
        path: &Path,
        file: &mut (impl Read + Seek),
        start: u64,
        k: u32,
        mark: Mark,
    ) -> Result<Self, SrsFileError> {
        let io = |source| ArtefactError::Read { path: path.into(), source };
        let mut bytes = [0; POINTS];
        let (first, last) = bytes.split_at_mut(G1_BYTES);
        file.seek(SeekFrom::Start(start)).map_err(io)?;
        file.read_exact(first).map_err(io)?;
        file.seek(SeekFrom::Start(start + raw_bytes(k) - 4 - last.len() as u64)).map_err(io)?;
        file.read_exact(last).map_err(io)?;
        Self::from_bytes(path, &bytes, mark)
    }

    fn from_bytes(path: &Path, bytes: &[u8], mark: Mark) -> Result<Self, SrsFileError> {
        let point = |what| SrsFileError::Point { path: path.into(), what, index: 0 };
        let (g, rest) = bytes.split_at_checked(G1_BYTES).ok_or_else(|| point("g"))?;
        let (g2, s_g2) = rest.split_at_checked(G2_BYTES).ok_or_else(|| point("g2"))?;
        let g = points::g1(g).ok_or_else(|| point("g"))?;
        let g2 = points::g2(g2).ok_or_else(|| point("g2"))?;
        let s_g2 = points::g2(s_g2).ok_or_else(|| point("s_g2"))?;
        points::generators(&g, &g2)
            .map_err(|reason| SrsFileError::Inconsistent { path: path.into(), reason })?;
        Ok(VerifierSrs { s_g2, mark })
    }
}

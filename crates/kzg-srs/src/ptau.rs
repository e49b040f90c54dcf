//! Reading an [`Srs`] from powers of tau: as many as are needed, tied to each other, and their Lagrange basis made here.

use crate::check;
use crate::error::SrsError;
use crate::points;
use crate::srs::Srs;
use provenn_artefact::ArtefactError;
use provenn_verifier::ptau::Ptau;
use provenn_verifier::{MAX_K, Mark, SrsFileError, VerifierSrs};
use rand_core::OsRng;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Reads 2^k powers and one more; of the largest k that there is and that circuits can have, if none is given.
pub(crate) fn read(
    path: &Path,
    file: &mut (impl Read + Seek),
    size: u64,
    k: Option<u32>,
) -> Result<Srs, SrsError> {
    let io = |source| ArtefactError::Read { path: path.into(), source };
    let point = |what, index| SrsFileError::Point { path: path.into(), what, index };
    let ptau = Ptau::read(path, file, size)?;
    let k = k.unwrap_or(ptau.k.min(MAX_K));
    if ptau.k < k {
        return Err(SrsError::TooSmall { expected: k, got: ptau.k });
    }
    file.seek(SeekFrom::Start(ptau.g2)).map_err(io)?;
    let g2 = points::read_g2(file).map_err(io)?.ok_or_else(|| point("tauG2", 0))?;
    let s_g2 = points::read_g2(file).map_err(io)?.ok_or_else(|| point("tauG2", 1))?;
    file.seek(SeekFrom::Start(ptau.g1)).map_err(io)?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let powers = points::read_g1s(&mut reader, (1 << k) + 1).map_err(io)?;
    let powers = powers.map_err(|index| point("tauG1", index))?;
    check::of_one_secret(k, &powers, [&g2, &s_g2], OsRng)
        .map_err(|reason| SrsFileError::Inconsistent { path: path.into(), reason })?;
    let verifier = VerifierSrs::new(s_g2, Mark::None).ok_or_else(|| point("tauG2", 1))?;
    Ok(Srs::of_powers(k, powers, verifier))
}

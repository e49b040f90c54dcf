//! The secret of a committed data set, and the commitments that are drawn from it.
//!
//! Payload: 32 random bytes. The blinding values of proof i's commitment come from a generator whose seed is the digest of these
//! bytes, i, the SRS and all integers: equal data under one secret have one commitment, claim after claim, and the values of
//! two commitments have nothing in common unless all of this is equal (as nonces of deterministic signatures, RFC 6979).

use crate::Error;
use provenn_artefact::{self as artefact, Kind};
use provenn_kzg_srs::Srs;
use provenn_proof::TensorOpening;
use provenn_verifier::TensorCommitment;
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, RngCore, SeedableRng};
use std::fmt;
use std::io;
use std::path::Path;

/// Bytes of a secret.
const BYTES: u64 = 32;

/// What commitments to a data set are drawn from. Whoever has it and guesses the data can tell that the guess is right.
#[derive(Clone, PartialEq, Eq)]
pub struct DataSecret([u8; 32]);

impl fmt::Debug for DataSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Secrets are for no log.
        f.debug_struct("DataSecret").finish_non_exhaustive()
    }
}

impl DataSecret {
    /// A new one.
    pub fn draw(mut rng: impl RngCore + CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        DataSecret(bytes)
    }

    /// Reads a secret.
    ///
    /// # Errors
    /// [`Error::Write`] or [`Error::File`] naming the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let size = |got: u64| {
            let source = io::Error::other(format!("{got} bytes where a secret has {BYTES}"));
            Error::File { path: path.into(), source, advice: "take the one that `claim` wrote" }
        };
        let bytes = artefact::open(path, Kind::DataSecret)?.within(path, BYTES, size)?;
        let got = bytes.len() as u64;
        Ok(DataSecret(bytes.try_into().map_err(|_| size(got))?))
    }

    /// Writes it; only its owner may read a new file.
    ///
    /// # Errors
    /// [`Error::Write`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        artefact::write::<io::Error>(path, Kind::DataSecret, |w| w.write_all(&self.0))?;
        Ok(())
    }

    /// The opening of the commitment to the observations and labels of proof `index`, for circuits of as many rows as the SRS has.
    ///
    /// # Errors
    /// [`Error::Commit`] if they take more columns than a circuit has for them.
    pub(super) fn commit(
        &self,
        index: usize,
        tensors: &[Vec<i64>],
        srs: &Srs,
    ) -> Result<TensorOpening, Error> {
        let mut bytes = self.0.to_vec();
        bytes.extend((index as u64).to_le_bytes());
        bytes.extend(srs.digest());
        bytes.extend(srs.k().to_le_bytes());
        for tensor in tensors {
            bytes.extend((tensor.len() as u64).to_le_bytes());
            bytes.extend(tensor.iter().flat_map(|x| x.to_le_bytes()));
        }
        let seed = artefact::digest(b"provenn blinding", &bytes);
        Ok(TensorOpening::commit(tensors, srs, ChaCha20Rng::from_seed(seed))?)
    }
}

/// The digest of a data set by its commitments, in order: hex digits, without `0x`.
pub(super) fn digest_of<'a>(commitments: impl Iterator<Item = &'a TensorCommitment>) -> String {
    let digests: Vec<u8> = commitments.flat_map(TensorCommitment::digest).collect();
    hex::encode(artefact::digest(b"provenn data set", &digests))
}

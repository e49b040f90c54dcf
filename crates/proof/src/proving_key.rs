//! The proving key and its file.
//!
//! Payload: the verifying key, then the digest of the circuit (32 bytes). The circuit holds the
//! weights, as integers, and the copies: whatever else proving needs follows from these in less time
//! than reading it would take. The digest binds the two.

use provenn_artefact::{self as artefact, Kind};
use provenn_gadgets::{GadgetSet, Standard};
use provenn_verifier::verifying_key::{KeyError, MOST_BYTES, VerifyingKey};
use std::io;
use std::path::Path;

/// What a prover needs beside the circuit and the SRS.
#[derive(Clone, Debug)]
pub struct ProvingKey {
    verifying: VerifyingKey,
    circuit_digest: [u8; 32],
}

impl ProvingKey {
    pub(crate) fn new(verifying: VerifyingKey, circuit_digest: [u8; 32]) -> Self {
        ProvingKey { verifying, circuit_digest }
    }

    /// The verifying key that belongs to it.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// Digest of the circuit that it was made for.
    #[must_use]
    pub fn circuit_digest(&self) -> [u8; 32] {
        self.circuit_digest
    }

    /// Writes the key.
    ///
    /// # Errors
    /// [`KeyError::Artefact`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), KeyError> {
        artefact::write::<io::Error>(path, Kind::ProvingKey, |writer| {
            writer.write_all(self.verifying.to_bytes())?;
            writer.write_all(&self.circuit_digest)
        })?;
        Ok(())
    }

    /// Reads a key of the standard gadgets.
    ///
    /// # Errors
    /// [`KeyError`] naming the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        Self::read_of::<Standard>(path)
    }

    /// Reads a key of a gadget set.
    ///
    /// # Errors
    /// [`KeyError`] naming the file and what is wrong with it.
    pub fn read_of<G: GadgetSet>(path: &Path) -> Result<Self, KeyError> {
        let payload = artefact::open(path, Kind::ProvingKey)?;
        let bytes = payload.within(path, MOST_BYTES, |got| KeyError::Size { got }.at(path))?;
        Self::from_bytes::<G>(&bytes).map_err(|error| error.at(path))
    }

    fn from_bytes<G: GadgetSet>(bytes: &[u8]) -> Result<Self, KeyError> {
        let what = "digest of the circuit";
        let (verifying, digest) = bytes.split_last_chunk().ok_or(KeyError::Truncated { what })?;
        Ok(Self::new(VerifyingKey::from_bytes_of::<G>(verifying)?, *digest))
    }
}

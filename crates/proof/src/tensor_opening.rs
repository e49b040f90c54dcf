//! Committing to inputs or outputs: what the maker of a commitment knows of it, and its file, which is a secret.
//!
//! Payload: the commitment's (see [`provenn_verifier::tensor_commitment`]), digest of the tensors (32 bytes), blinding values of each
//! column (32 each, little-endian).

use crate::link::Opened;
use crate::opening::{OpeningError, Tail, read_tails, write_tails};
use crate::setup::columns_digest;
use provenn_artefact::{self as artefact, Kind};
use provenn_gadgets::TensorForm;
use provenn_gadgets::params::MOST_TENSOR_COLUMNS;
use provenn_kzg_srs::Srs;
use provenn_prover::{Bases, ProverError};
use provenn_verifier::{CommitmentError, TensorCommitment};
use rand_core::{CryptoRng, RngCore};
use std::fmt;
use std::io;
use std::path::Path;
use thiserror::Error;

/// Most bytes of an opening's payload.
const LIMIT: u64 = 1 << 17;

/// Why nothing was committed to.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
#[non_exhaustive]
pub enum CommitTensorsError {
    #[error(
        "tensors of {elements} elements take more than {MOST_TENSOR_COLUMNS} columns of 2^{k} rows; take a larger k"
    )]
    Room { elements: usize, k: u32 },
    #[error(transparent)]
    Prover(#[from] ProverError),
    #[error(transparent)]
    Commitment(#[from] CommitmentError),
}

/// What the maker of a commitment to inputs or outputs knows of it beside these.
#[derive(Clone, PartialEq, Eq)]
pub struct TensorOpening {
    commitment: TensorCommitment,
    tensors: [u8; 32],
    tails: Vec<Tail>,
}

impl fmt::Debug for TensorOpening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Secrets are for no log.
        f.debug_struct("TensorOpening")
            .field("form", self.commitment.form())
            .finish_non_exhaustive()
    }
}

impl TensorOpening {
    /// Commits to the integers of tensors, for circuits of as many rows as the SRS has.
    ///
    /// # Errors
    /// [`CommitTensorsError`] if they take more columns than a circuit has for them.
    pub fn commit(
        tensors: &[Vec<i64>],
        srs: &Srs,
        rng: impl RngCore + CryptoRng,
    ) -> Result<Self, CommitTensorsError> {
        let form = TensorForm { k: srs.k(), lengths: tensors.iter().map(Vec::len).collect() };
        let columns = form.columns().filter(|columns| *columns <= MOST_TENSOR_COLUMNS);
        let columns = columns.ok_or_else(|| {
            let elements = form.lengths.iter().fold(0_usize, |sum, n| sum.saturating_add(*n));
            CommitTensorsError::Room { elements, k: form.k }
        })?;
        let mut laid = vec![vec![]; columns];
        for (tensor, places) in tensors.iter().zip(form.places()) {
            for (&value, (column, row)) in tensor.iter().zip(places) {
                provenn_gadgets::column::set(&mut laid, column, row, value);
            }
        }
        let bases = Bases::new(srs.powers(), srs.lagrange())?;
        let columns: Vec<&[i64]> = laid.iter().map(Vec::as_slice).collect();
        let Opened { points, tails } = Opened::hiding(&columns, &bases, rng);
        let commitment = TensorCommitment::new(srs.digest(), form, points)?;
        Ok(TensorOpening { commitment, tensors: columns_digest(&columns), tails })
    }

    /// The commitment that it opens, for anybody.
    #[must_use]
    pub fn commitment(&self) -> &TensorCommitment {
        &self.commitment
    }

    /// Blinding values by column.
    pub(crate) fn tails(&self) -> &[Tail] {
        &self.tails
    }

    /// Whether these columns are what it opens.
    pub(crate) fn is_of(&self, columns: &[&[i64]]) -> bool {
        self.tensors == columns_digest(columns)
    }

    /// Reads an opening.
    ///
    /// # Errors
    /// [`OpeningError`] naming the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, OpeningError> {
        let payload = artefact::open(path, Kind::TensorOpening)?;
        let too_large = |got| OpeningError::Size { got, limit: LIMIT }.at(path);
        let bytes = payload.within(path, LIMIT, too_large)?;
        Self::from_bytes(&bytes).map_err(|error| error.at(path))
    }

    /// Writes it; only its owner may read a new file.
    ///
    /// # Errors
    /// [`OpeningError`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), OpeningError> {
        let bytes = self.commitment.to_bytes();
        let mut bytes = bytes.map_err(|error| OpeningError::Points(Box::new(error)))?;
        bytes.extend(self.tensors);
        write_tails(&self.tails, &mut bytes);
        artefact::write::<io::Error>(path, Kind::TensorOpening, |w| w.write_all(&bytes))?;
        Ok(())
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, OpeningError> {
        let parsed = TensorCommitment::parse(bytes);
        let (commitment, rest) = parsed.map_err(|error| OpeningError::Points(Box::new(error)))?;
        let truncated = OpeningError::Truncated { what: "tensors' digest" };
        let (tensors, rest) = rest.split_first_chunk().ok_or(truncated)?;
        let tails = read_tails(commitment.points().len(), rest)?;
        Ok(TensorOpening { commitment, tensors: *tensors, tails })
    }
}

//! Commitments to inputs or outputs, and their file.
//!
//! Payload: digest of the SRS's verifier's part (32 bytes), k (4, little-endian), number of tensors (4, little-endian), elements
//! of each (8, little-endian), number of points (4, little-endian), the points (32 each, compressed).
//!
//! A commitment is for no key: tensors of these lengths stand alike in all circuits of 2^k rows, so that one model's committed
//! outputs may be another's committed inputs.

use crate::commitment::{CommitmentError, check_points, read_points, write_points};
use halo2_proofs::halo2curves::bn256::G1Affine;
use provenn_artefact::{self as artefact, Kind, Payload};
use provenn_gadgets::TensorForm;
use provenn_gadgets::params::MOST_TENSOR_COLUMNS;
use std::io::{self, Read};
use std::path::Path;

/// Most bytes of a commitment's payload; each tensor has a column at least.
const LIMIT: u64 = 1 << 16;

/// A commitment to tensors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorCommitment {
    srs: [u8; 32],
    form: TensorForm,
    points: Vec<G1Affine>,
    digest: [u8; 32],
}

impl TensorCommitment {
    /// From the digest of the SRS's verifier's part, the tensors' form and the points of their columns.
    ///
    /// # Errors
    /// [`CommitmentError`] if the form has other columns, or a point hides nothing.
    pub fn new(
        srs: [u8; 32],
        form: TensorForm,
        points: Vec<G1Affine>,
    ) -> Result<Self, CommitmentError> {
        let columns = form.columns();
        let columns = columns.filter(|n| form.holds_something() && *n <= MOST_TENSOR_COLUMNS);
        let expected = columns.ok_or(CommitmentError::Form)?;
        if points.len() != expected {
            return Err(CommitmentError::TensorPoints { expected, got: points.len() });
        }
        check_points(&points)?;
        let digest = artefact::digest(b"provenn tensors ", &payload(srs, &form, &points)?);
        Ok(TensorCommitment { srs, form, points, digest })
    }

    /// Digest of all of it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Digest of the verifier's part of the SRS that it was made with.
    #[must_use]
    pub fn srs_digest(&self) -> [u8; 32] {
        self.srs
    }

    /// How many elements, in how long columns.
    #[must_use]
    pub fn form(&self) -> &TensorForm {
        &self.form
    }

    /// By column.
    #[must_use]
    pub fn points(&self) -> &[G1Affine] {
        &self.points
    }

    /// Reads a commitment, trusting nothing in it.
    ///
    /// # Errors
    /// [`CommitmentError`] naming the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, CommitmentError> {
        Self::read_payload(path, artefact::open(path, Kind::TensorCommitment)?)
    }

    /// As [`read`](Self::read), of a file's bytes; `name` goes into errors.
    ///
    /// # Errors
    /// [`CommitmentError`] naming the file and what is wrong with it.
    pub fn read_bytes(name: &Path, bytes: &[u8]) -> Result<Self, CommitmentError> {
        Self::read_payload(name, artefact::in_memory(name, bytes, Kind::TensorCommitment)?)
    }

    fn read_payload<R: Read>(path: &Path, payload: Payload<R>) -> Result<Self, CommitmentError> {
        let too_large = |got| CommitmentError::Size { got, limit: LIMIT }.at(path);
        let bytes = payload.within(path, LIMIT, too_large)?;
        Self::from_bytes(&bytes).map_err(|error| error.at(path))
    }

    /// Reads the payload, trusting nothing in it.
    ///
    /// # Errors
    /// [`CommitmentError`] naming what is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CommitmentError> {
        let (commitment, rest) = Self::parse(bytes)?;
        if rest.is_empty() {
            return Ok(commitment);
        }
        Err(CommitmentError::Trailing { extra: rest.len() })
    }

    /// Reads the payload at the beginning of some bytes; what follows it.
    ///
    /// # Errors
    /// [`CommitmentError`] naming what is wrong.
    pub fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), CommitmentError> {
        let truncated = |what| CommitmentError::Truncated { what };
        let (srs, rest) = bytes.split_first_chunk().ok_or(truncated("srs digest"))?;
        let (k, rest) = rest.split_first_chunk().ok_or(truncated("rows"))?;
        let (count, rest) = rest.split_first_chunk().ok_or(truncated("lengths"))?;
        let bytes = usize::try_from(u32::from_le_bytes(*count)).ok();
        let bytes = bytes.and_then(|count| count.checked_mul(8)).ok_or(truncated("lengths"))?;
        let (lengths, rest) = rest.split_at_checked(bytes).ok_or(truncated("lengths"))?;
        let lengths = lengths.as_chunks::<8>().0.iter();
        let lengths = lengths.map(|bytes| usize::try_from(u64::from_le_bytes(*bytes)));
        let lengths = lengths.collect::<Result<_, _>>().map_err(|_| CommitmentError::Form)?;
        let (points, rest) = read_points(rest)?;
        let form = TensorForm { k: u32::from_le_bytes(*k), lengths };
        Ok((Self::new(*srs, form, points)?, rest))
    }

    /// The payload; equal commitments have equal bytes.
    ///
    /// # Errors
    /// [`CommitmentError::Form`] if there are more tensors than it counts.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CommitmentError> {
        payload(self.srs, &self.form, &self.points)
    }

    /// Writes the commitment.
    ///
    /// # Errors
    /// [`CommitmentError::Artefact`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), CommitmentError> {
        let bytes = self.to_bytes()?;
        artefact::write::<io::Error>(path, Kind::TensorCommitment, |w| w.write_all(&bytes))?;
        Ok(())
    }
}

fn payload(
    srs: [u8; 32],
    form: &TensorForm,
    points: &[G1Affine],
) -> Result<Vec<u8>, CommitmentError> {
    let count = u32::try_from(form.lengths.len()).map_err(|_| CommitmentError::Form)?;
    let mut bytes = srs.to_vec();
    bytes.extend(form.k.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(form.lengths.iter().flat_map(|&length| (length as u64).to_le_bytes()));
    write_points(points, &mut bytes);
    Ok(bytes)
}

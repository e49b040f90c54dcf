//! The opening of a commitment to weights, and its file: a secret, as the weights are.
//!
//! Payload: digest of the verifying key that the commitment is for (32 bytes), digest of the weights (32), number of points (4, little-endian), the points (32 each,
//! compressed), blinding values of each column (32 each, little-endian).

use crate::link::Opened;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::ff::PrimeField;
use provenn_artefact::{self as artefact, ArtefactError, Kind};
use provenn_gadgets::params::UNUSABLE_ROWS;
use provenn_verifier::VerifyingKey;
use provenn_verifier::commitment::{Commitment, CommitmentError, read_points, write_points};
use provenn_verifier::transcript::decode_scalar;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Most bytes of an opening's payload.
const LIMIT: u64 = 1 << 22;

/// Blinding values of a column, by blinding row.
pub(crate) type Tail = [Fr; UNUSABLE_ROWS];

/// Why an opening could not be read, or is not the one that is needed.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
#[non_exhaustive]
pub enum OpeningError {
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
    #[error("{path}: {source}")]
    In { path: PathBuf, source: Box<OpeningError> },
    #[error("the opening has {got} bytes, at most {limit} are read; is it the right file?")]
    Size { got: u64, limit: u64 },
    #[error("the opening ends inside its {what}; make it again with `commit`")]
    Truncated { what: &'static str },
    #[error("the opening goes on for {extra} bytes after its end; make it again with `commit`")]
    Trailing { extra: usize },
    #[error(
        "blinding value {index} of the opening is no field element; make it again with `commit`"
    )]
    Scalar { index: usize },
    #[error("opening: {0}")]
    Points(Box<CommitmentError>),
    #[error(
        "the opening is for verifying key {got}, this key is {expected}; use the one that was made under this key, or make one with `commit`"
    )]
    Key { expected: String, got: String },
    #[error(
        "the opening is of other weights than the circuit's; make a commitment to these with `commit`"
    )]
    Weights,
    #[error(
        "the opening is of other {of} than the witness's; make a commitment to these with `commit --of {of}`"
    )]
    Tensors { of: &'static str },
    #[error(
        "an opening does not open its commitment: it was changed; take it as it was, or commit again"
    )]
    Damaged,
}

fn points(error: CommitmentError) -> OpeningError {
    OpeningError::Points(Box::new(error))
}

impl OpeningError {
    pub(crate) fn at(self, path: &Path) -> Self {
        match self {
            OpeningError::Artefact(_) | OpeningError::In { .. } => self,
            source => OpeningError::In { path: path.into(), source: Box::new(source) },
        }
    }
}

/// What the maker of a commitment knows of it beside the weights.
#[derive(Clone, PartialEq, Eq)]
pub struct Opening {
    key: [u8; 32],
    weights: [u8; 32],
    points: Vec<G1Affine>,
    tails: Vec<Tail>,
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Secrets are for no log.
        f.debug_struct("Opening").field("columns", &self.points.len()).finish_non_exhaustive()
    }
}

impl Opening {
    pub(crate) fn new(
        key: &VerifyingKey,
        weights: [u8; 32],
        points: Vec<G1Affine>,
        tails: Vec<Tail>,
    ) -> Self {
        Opening { key: key.digest(), weights, points, tails }
    }

    /// Digest of the commitment that it opens.
    #[must_use]
    pub fn commitment_digest(&self) -> [u8; 32] {
        Commitment::digest_of(self.key, &self.points)
    }

    /// Points and blinding values by column.
    pub(crate) fn opened(&self) -> Opened {
        Opened { points: self.points.clone(), tails: self.tails.clone() }
    }

    /// The commitment that it opens; who made it knows that its weights are in range.
    ///
    /// # Errors
    /// [`OpeningError`] if it is of another key, or of other weights than those with this digest.
    pub(crate) fn commitment(
        &self,
        key: &VerifyingKey,
        weights: [u8; 32],
    ) -> Result<Commitment, OpeningError> {
        if self.key != key.digest() {
            let [expected, got] = [key.digest(), self.key].map(hex::encode);
            return Err(OpeningError::Key { expected, got });
        }
        if self.weights != weights {
            return Err(OpeningError::Weights);
        }
        Commitment::unsound_unchecked(key, self.points.clone()).map_err(points)
    }

    /// Reads an opening.
    ///
    /// # Errors
    /// [`OpeningError`] naming the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, OpeningError> {
        let payload = artefact::open(path, Kind::Opening)?;
        let too_large = |got| OpeningError::Size { got, limit: LIMIT }.at(path);
        let bytes = payload.within(path, LIMIT, too_large)?;
        Self::from_bytes(&bytes).map_err(|error| error.at(path))
    }

    /// Writes it; only its owner may read a new file.
    ///
    /// # Errors
    /// [`OpeningError::Artefact`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), OpeningError> {
        artefact::write::<io::Error>(path, Kind::Opening, |writer| {
            writer.write_all(&self.to_bytes())
        })?;
        Ok(())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = [self.key, self.weights].concat();
        write_points(&self.points, &mut bytes);
        write_tails(&self.tails, &mut bytes);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, OpeningError> {
        let truncated = |what| OpeningError::Truncated { what };
        let (key, rest) = bytes.split_first_chunk().ok_or(truncated("key's digest"))?;
        let (weights, rest) = rest.split_first_chunk().ok_or(truncated("weights' digest"))?;
        let (points, rest) = read_points(rest).map_err(points)?;
        let tails = read_tails(points.len(), rest)?;
        Ok(Opening { key: *key, weights: *weights, points, tails })
    }
}

/// Blinding values of columns, one after the other.
pub(crate) fn write_tails(tails: &[Tail], bytes: &mut Vec<u8>) {
    bytes.extend(tails.iter().flatten().flat_map(Fr::to_repr));
}

/// All that is left: blinding values of so many columns.
pub(crate) fn read_tails(columns: usize, bytes: &[u8]) -> Result<Vec<Tail>, OpeningError> {
    let truncated = OpeningError::Truncated { what: "blinding values" };
    let needed = columns.saturating_mul(UNUSABLE_ROWS * 32);
    let (values, rest) = bytes.split_at_checked(needed).ok_or(truncated)?;
    if !rest.is_empty() {
        return Err(OpeningError::Trailing { extra: rest.len() });
    }
    let scalars = values.as_chunks::<32>().0.iter().enumerate();
    let scalar = |(index, bytes)| decode_scalar(bytes).ok_or(OpeningError::Scalar { index });
    let scalars: Vec<Fr> = scalars.map(scalar).collect::<Result<_, _>>()?;
    Ok(scalars.as_chunks::<UNUSABLE_ROWS>().0.to_vec())
}

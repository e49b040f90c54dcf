//! Commitments to weights, and their file.
//!
//! Payload: digest of the verifying key that the commitment is for (32 bytes), number of points (4, little-endian), the points
//! (32 each, compressed), the proof that all weights are in range.
//!
//! A commitment is its points, under one key. The proof of ranges is no part of its digest: another one says the same.

use crate::commitments::Commitments;
use crate::committed_key::CommittedKey;
use crate::srs::VerifierSrs;
use crate::transcript::{POINT_BYTES, decode_point};
use crate::verify::{VerifyError, VerifyOptions, check_srs, proof_holds};
use crate::verifying_key::VerifyingKey;
use halo2_proofs::halo2curves::bn256::G1Affine;
use halo2_proofs::halo2curves::group::GroupEncoding;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use provenn_artefact::{self as artefact, ArtefactError, Kind, Payload};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Most bytes of a commitment's payload: its points and its proof are as many as a verifier combines.
const LIMIT: u64 = 1 << 22;

/// Why a commitment could not be read, or does not convince.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
#[non_exhaustive]
pub enum CommitmentError {
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
    #[error("{path}: {source}")]
    In { path: PathBuf, source: Box<CommitmentError> },
    #[error("the commitment has {got} bytes, at most {limit} are read; is it the right file?")]
    Size { got: u64, limit: u64 },
    #[error("the commitment ends inside its {what}; make it again with `commit`")]
    Truncated { what: &'static str },
    #[error(
        "point {index} of the commitment is no point of the curve, or hides nothing; make it again with `commit`"
    )]
    Point { index: usize },
    #[error("the key's weights are fixed, so that there is no commitment to them; leave it out")]
    FixedWeights,
    #[error(
        "the commitment is for verifying key {got}, this key is {expected}; use the commitment that was made under this key"
    )]
    Key { expected: String, got: String },
    #[error(
        "the commitment has {got} points, the key {expected} columns of weights; make it again with `commit`"
    )]
    Points { expected: usize, got: usize },
    #[error(
        "the commitment is of more tensors than a circuit can have, or of none; make it again with `commit`"
    )]
    Form,
    #[error(
        "the commitment has {got} points, its tensors {expected} columns; make it again with `commit`"
    )]
    TensorPoints { expected: usize, got: usize },
    #[error("the commitment goes on for {extra} bytes after its end; make it again with `commit`")]
    Trailing { extra: usize },
    #[error("expected commitment {expected}, this is {got}; take the one whose digest you named")]
    Other { expected: String, got: String },
    #[error("that the committed weights are in range: {0}")]
    Ranges(VerifyError),
}

impl CommitmentError {
    pub(crate) fn at(self, path: &Path) -> Self {
        match self {
            CommitmentError::Artefact(_) | CommitmentError::In { .. } => self,
            source => CommitmentError::In { path: path.into(), source: Box::new(source) },
        }
    }
}

/// A commitment to weights that are in range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    key: [u8; 32],
    points: Vec<G1Affine>,
    digest: [u8; 32],
}

impl Commitment {
    /// Points that nobody has shown to be of weights in range. Whoever verifies with them takes that for granted; a prover may,
    /// of its own.
    ///
    /// # Errors
    /// [`CommitmentError::FixedWeights`] or [`CommitmentError::Points`] if they are not the key's.
    pub fn unsound_unchecked(
        key: &VerifyingKey,
        points: Vec<G1Affine>,
    ) -> Result<Self, CommitmentError> {
        let ranges = key.committed().and_then(CommittedKey::ranges);
        let columns = ranges.ok_or(CommitmentError::FixedWeights)?;
        let columns = columns.statement().params.weight_range_columns;
        if points.len() != columns {
            return Err(CommitmentError::Points { expected: columns, got: points.len() });
        }
        check_points(&points)?;
        Ok(Self::of(key.digest(), points))
    }

    fn of(key: [u8; 32], points: Vec<G1Affine>) -> Self {
        let digest = Self::digest_of(key, &points);
        Commitment { key, points, digest }
    }

    /// The digest of points under the key with this digest.
    #[must_use]
    pub fn digest_of(key: [u8; 32], points: &[G1Affine]) -> [u8; 32] {
        let mut bytes = key.to_vec();
        for point in points {
            bytes.extend_from_slice(point.to_bytes().as_ref());
        }
        artefact::digest(b"provenn commit  ", &bytes)
    }

    /// Digest of key and points.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Digest of the verifying key that it is for.
    #[must_use]
    pub fn key_digest(&self) -> [u8; 32] {
        self.key
    }

    /// By committed column.
    #[must_use]
    pub fn points(&self) -> &[G1Affine] {
        &self.points
    }
}

/// A commitment and the proof that its weights are in range, of which nothing is known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitmentFile {
    commitment: Commitment,
    range_proof: Vec<u8>,
}

impl CommitmentFile {
    /// From its parts.
    #[must_use]
    pub fn new(commitment: Commitment, range_proof: Vec<u8>) -> Self {
        CommitmentFile { commitment, range_proof }
    }

    /// Digest of the commitment, as proofs name it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.commitment.digest
    }

    /// Digest of the verifying key that it is for.
    #[must_use]
    pub fn key_digest(&self) -> [u8; 32] {
        self.commitment.key
    }

    /// Reads a commitment, trusting nothing in it.
    ///
    /// # Errors
    /// [`CommitmentError`] naming the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, CommitmentError> {
        Self::read_payload(path, artefact::open(path, Kind::Commitment)?)
    }

    /// As [`read`](Self::read), of a file's bytes; `name` goes into errors.
    ///
    /// # Errors
    /// [`CommitmentError`] naming the file and what is wrong with it.
    pub fn read_bytes(name: &Path, bytes: &[u8]) -> Result<Self, CommitmentError> {
        Self::read_payload(name, artefact::in_memory(name, bytes, Kind::Commitment)?)
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
        let (key, rest) =
            bytes.split_first_chunk().ok_or(CommitmentError::Truncated { what: "digest" })?;
        let (points, range_proof) = read_points(rest)?;
        let (commitment, range_proof) = (Commitment::of(*key, points), range_proof.to_vec());
        Ok(CommitmentFile { commitment, range_proof })
    }

    /// The payload; equal commitments with equal proofs have equal bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.commitment.key.to_vec();
        write_points(&self.commitment.points, &mut bytes);
        bytes.extend_from_slice(&self.range_proof);
        bytes
    }

    /// Writes the commitment.
    ///
    /// # Errors
    /// [`CommitmentError::Artefact`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), CommitmentError> {
        artefact::write::<io::Error>(path, Kind::Commitment, |writer| {
            writer.write_all(&self.to_bytes())
        })?;
        Ok(())
    }

    /// Checks that it is the key's and that all weights are in range. Once is enough for any number of proofs: options may
    /// name its digest afterwards.
    ///
    /// # Errors
    /// [`CommitmentError`] naming what does not hold.
    pub fn check(
        &self,
        key: &VerifyingKey,
        srs: &VerifierSrs,
        options: VerifyOptions,
    ) -> Result<Commitment, CommitmentError> {
        let committed = key.committed().ok_or(CommitmentError::FixedWeights)?;
        let ranges = committed.ranges().ok_or(CommitmentError::FixedWeights)?;
        if self.commitment.key != key.digest() {
            let [expected, got] = [key.digest(), self.commitment.key].map(hex::encode);
            return Err(CommitmentError::Key { expected, got });
        }
        let commitment = Commitment::unsound_unchecked(key, self.commitment.points.clone())?;
        check_srs(key, srs, options).map_err(CommitmentError::Ranges)?;
        match options.checked_commitment {
            Some(digest) if digest == commitment.digest => return Ok(commitment),
            Some(digest) => {
                let [expected, got] = [digest, commitment.digest].map(hex::encode);
                return Err(CommitmentError::Other { expected, got });
            }
            None => {}
        }
        let linked = Commitments::of_weights(&commitment).linked(committed.blinding());
        proof_holds(ranges, srs, Some(linked), &[], &self.range_proof)
            .map_err(CommitmentError::Ranges)?;
        Ok(commitment)
    }
}

/// That every point hides something.
pub(crate) fn check_points(points: &[G1Affine]) -> Result<(), CommitmentError> {
    match points.iter().position(|point| point.is_identity().into()) {
        Some(index) => Err(CommitmentError::Point { index }),
        None => Ok(()),
    }
}

/// Points with their number before them.
pub fn write_points(points: &[G1Affine], bytes: &mut Vec<u8>) {
    // A key has at most some thousand columns.
    bytes.extend(u32::try_from(points.len()).unwrap_or(u32::MAX).to_le_bytes());
    for point in points {
        bytes.extend_from_slice(point.to_bytes().as_ref());
    }
}

/// Points with their number before them, none of which is the identity, and what follows.
///
/// # Errors
/// [`CommitmentError::Truncated`] or [`CommitmentError::Point`].
pub fn read_points(bytes: &[u8]) -> Result<(Vec<G1Affine>, &[u8]), CommitmentError> {
    let truncated = || CommitmentError::Truncated { what: "points" };
    let (count, rest) = bytes.split_first_chunk().ok_or_else(truncated)?;
    let count = usize::try_from(u32::from_le_bytes(*count)).map_err(|_| truncated())?;
    let length = count.checked_mul(POINT_BYTES).ok_or_else(truncated)?;
    let (encoded, rest) = rest.split_at_checked(length).ok_or_else(truncated)?;
    let point = |(index, bytes)| decode_point(bytes).ok_or(CommitmentError::Point { index });
    let points = encoded.as_chunks::<POINT_BYTES>().0.iter().enumerate().map(point);
    let points: Vec<G1Affine> = points.collect::<Result<_, _>>()?;
    check_points(&points)?;
    Ok((points, rest))
}

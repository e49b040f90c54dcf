//! The verifier.
//!
//! In protocol order: the SRS is the key's and may be trusted; the public values are as many as the key says and each lies
//! in its tensor's range; the whole key goes into the transcript, and after it the commitments, if the key asks for any; the proof bytes are read
//! to the end, each value in its one encoding; halo2's equations hold; linked columns are the committed ones.

use crate::ceremony::Origin;
use crate::commitments::{Commitments, Linked};
use crate::link::{Recorded, holds};
use crate::public::{instance_length, tensors, to_signed};
use crate::srs::VerifierSrs;
use crate::transcript::{Malformed, StrictRead, absorb_commitment, absorb_key};
use crate::verifying_key::VerifyingKey;
use halo2_proofs::halo2curves::bn256::{Bn256, Fr};
use halo2_proofs::plonk::verify_proof;
use halo2_proofs::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_proofs::poly::kzg::multiopen::VerifierSHPLONK;
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use provenn_gadgets::{Statement, TensorVisibility};
use thiserror::Error;

/// What a verifier accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerifyOptions {
    /// Accept an SRS of unknown origin: whoever made it can perhaps forge proofs.
    pub allow_insecure_srs: bool,
    /// Accept the SRS with this digest of its verifier's part, and no other.
    pub trusted_srs: Option<[u8; 32]>,
    /// Accept the commitment with this digest, and no other: it was checked before, and its ranges are not checked again.
    pub checked_commitment: Option<[u8; 32]>,
}

impl VerifyOptions {
    /// Options for tests: any SRS will do.
    #[must_use]
    pub const fn allowing_insecure_srs() -> Self {
        VerifyOptions { allow_insecure_srs: true, trusted_srs: None, checked_commitment: None }
    }
}

/// Why a proof does not convince.
#[derive(Debug, Error, PartialEq, Eq)]
#[allow(missing_docs)] // the messages say what the fields are
#[non_exhaustive]
pub enum VerifyError {
    #[error(
        "the srs is of no known ceremony: whoever made it can perhaps forge proofs; name its digest {digest} with --srs-digest if you trust its source, or pass --allow-insecure-srs in tests"
    )]
    InsecureSrs { digest: String },
    #[error("expected srs {expected}, this is srs {got}; take the one whose digest you named")]
    OtherSrs { expected: String, got: String },
    #[error(
        "the verifying key was made with srs {expected}, this is srs {got}; use the srs that setup used"
    )]
    Srs { expected: String, got: String },
    #[error(
        "expected {expected} public values, got {got}; the proof is for another circuit or was changed"
    )]
    InstanceLength { expected: usize, got: usize },
    #[error(
        "public value {index} of {tensor:?} is outside {lo} to {hi}, where the circuit is sound; the proof was changed"
    )]
    InstanceRange { tensor: String, index: usize, lo: i64, hi: i64 },
    #[error("the proof ends after {got} bytes, inside a value; it was cut")]
    Truncated { got: usize },
    #[error("the proof goes on for {extra} bytes after its end; it was extended")]
    Trailing { extra: usize },
    #[error("the proof has no valid encoding at byte {offset}; it was changed")]
    Encoding { offset: usize },
    #[error(
        "the key is for committed weights, and nobody said which; name the commitment with --commitment"
    )]
    NoCommitment,
    #[error("the key's weights are fixed, so that there is no commitment to them; leave it out")]
    FixedWeights,
    #[error(
        "the commitment is for verifying key {got}, this key is {expected}; use the commitment that was made under this key"
    )]
    OtherCommitment { expected: String, got: String },
    #[error(
        "the key is for committed {of}, and nobody said which; name the commitment with --{of}-commitment"
    )]
    NoTensors { of: &'static str },
    #[error(
        "the key's {of} are not committed, so that there is no commitment to them; leave it out"
    )]
    Uncommitted { of: &'static str },
    #[error(
        "the commitment to {of} is for {what} {got}, this key is for {expected}; make one for this key with `commit --of {of}`"
    )]
    OtherTensors { of: &'static str, what: &'static str, expected: String, got: String },
    #[error("the proof is for something else than the commitments', or its link was changed")]
    Link,
    #[error(
        "the proof is invalid: these public values do not follow from this key, or something was changed"
    )]
    InvalidProof,
}

/// Verifies a proof that the public values satisfy the key's statement.
///
/// # Errors
/// [`VerifyError`]; nothing about the statement is known then.
pub fn verify(
    key: &VerifyingKey,
    srs: &VerifierSrs,
    instance: &[Fr],
    proof: &[u8],
    options: VerifyOptions,
) -> Result<(), VerifyError> {
    verify_committed(key, srs, Commitments::default(), instance, proof, options)
}

/// Verifies a proof that the public values satisfy the key's statement with the committed weights, inputs and outputs.
///
/// # Errors
/// [`VerifyError`]; nothing about the statement is known then.
pub fn verify_committed(
    key: &VerifyingKey,
    srs: &VerifierSrs,
    commitments: Commitments<'_>,
    instance: &[Fr],
    proof: &[u8],
    options: VerifyOptions,
) -> Result<(), VerifyError> {
    // 1. The commitments are those that the key asks for.
    commitments.check(key)?;
    // 2. The SRS.
    check_srs(key, srs, options)?;
    // 3. The public values.
    check_instance(key.statement(), instance)?;
    // 4. The proof.
    let linked = key.committed().map(|committed| commitments.linked(committed.blinding()));
    proof_holds(key, srs, linked, instance, proof)
}

/// Reads a proof to its end. Relations of the key's columns are checked against what is committed, which is there if there are any.
pub(crate) fn proof_holds(
    key: &VerifyingKey,
    srs: &VerifierSrs,
    committed: Option<Linked<'_>>,
    instance: &[Fr],
    proof: &[u8],
) -> Result<(), VerifyError> {
    let params = srs.params(key.statement().params.k);
    let mut transcript = StrictRead::new(proof);
    // The whole key, before the public values: a proof is for one statement and one SRS.
    absorb_key(&mut transcript, &key.digest()).map_err(|_| VerifyError::InvalidProof)?;
    // Before any challenge: a proof is for these commitments, which were there before them.
    for digest in committed.iter().flat_map(|linked| &linked.digests) {
        absorb_commitment(&mut transcript, digest).map_err(|_| VerifyError::InvalidProof)?;
    }
    let verified = verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
        &params,
        key.halo2(),
        SingleStrategy::new(&params),
        &[&key.statement().params.by_instance_column(instance)],
        &mut transcript,
    );
    let linked = match (&verified, committed) {
        (Ok(()), Some(Linked { points: of, blinding, .. })) => {
            let (cs, points) = (key.halo2().cs(), transcript.points());
            let recorded = Recorded::of(cs, points, transcript.challenges());
            recorded.is_some_and(|recorded| {
                holds(&mut transcript, key.relations(), &recorded, &of, blinding)
                    .is_ok_and(|holds| holds)
            })
        }
        (Ok(()), None) => key.relations().is_empty(),
        (Err(_), _) => false,
    };
    match (transcript.malformed(), transcript.remaining(), verified) {
        (Some(Malformed::Truncated(got)), _, _) => Err(VerifyError::Truncated { got }),
        (Some(Malformed::Encoding(offset)), _, _) => Err(VerifyError::Encoding { offset }),
        (None, _, Err(_)) => Err(VerifyError::InvalidProof),
        (None, _, Ok(())) if !linked => Err(VerifyError::Link),
        (None, 0, Ok(())) => Ok(()),
        (None, extra, Ok(())) => Err(VerifyError::Trailing { extra }),
    }
}

pub(crate) fn check_srs(
    key: &VerifyingKey,
    srs: &VerifierSrs,
    options: VerifyOptions,
) -> Result<(), VerifyError> {
    if key.srs_digest() != srs.digest() {
        let [expected, got] = [key.srs_digest(), srs.digest()].map(hex::encode);
        return Err(VerifyError::Srs { expected, got });
    }
    match (options.trusted_srs, srs.origin()) {
        (Some(digest), _) if digest == srs.digest() => Ok(()),
        (Some(digest), _) => {
            let [expected, got] = [digest, srs.digest()].map(hex::encode);
            Err(VerifyError::OtherSrs { expected, got })
        }
        (None, Origin::Ceremony(_)) => Ok(()),
        (None, Origin::Unknown) if options.allow_insecure_srs => Ok(()),
        (None, Origin::Unknown) => {
            Err(VerifyError::InsecureSrs { digest: hex::encode(srs.digest()) })
        }
    }
}

/// Checks that the values are as many as the statement says, and each in its tensor's range.
///
/// # Errors
/// [`VerifyError::InstanceLength`] or [`VerifyError::InstanceRange`].
pub fn check_instance(statement: &Statement, instance: &[Fr]) -> Result<(), VerifyError> {
    let got = instance.len();
    // A key whose statement overflows cannot be constructed.
    let expected = instance_length(statement).unwrap_or(usize::MAX);
    if expected != got {
        return Err(VerifyError::InstanceLength { expected, got });
    }
    let mut values = instance.iter();
    for shown in tensors(statement) {
        let (tensor, count) = (shown.tensor, shown.values().unwrap_or(usize::MAX));
        if shown.visibility == TensorVisibility::Hashed {
            // Any field element; that elements behind it lie in their range is proved.
            values.by_ref().take(count).for_each(drop);
            continue;
        }
        for (index, &value) in values.by_ref().take(count).enumerate() {
            if !to_signed(value).is_some_and(|value| (tensor.lo..=tensor.hi).contains(&value)) {
                let (tensor, lo, hi) = (tensor.name.clone(), tensor.lo, tensor.hi);
                return Err(VerifyError::InstanceRange { tensor, index, lo, hi });
            }
        }
    }
    Ok(())
}

//! `proof.json`. Every field that says what was proved is checked or recomputed by [`ProofFile::verify`]: no
//! copy can say something else. How the proof was made is the prover's word.

use crate::commitments::Commitments;
use crate::public::{instance_length, pretty, pretty_digest, tensors, to_signed};
use crate::srs::VerifierSrs;
use crate::transcript::decode_scalar;
use crate::verify::{VerifyError, VerifyOptions, check_instance, verify_committed};
use crate::verifying_key::VerifyingKey;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::PrimeField;
use provenn_artefact::json::{self, JsonError};
use provenn_gadgets::{ShownTensor, Statement, TensorVisibility};
use serde::{Deserialize, Serialize};
use std::path::Path;
use thiserror::Error;

/// Version of the format.
/// Version 1 left statement and SRS out of the transcript.
pub const VERSION: u32 = 2;

/// Most bytes of a proof file beside its public values.
const PROOF_BYTES: u64 = 1 << 22;
/// Most bytes for each of these.
const VALUE_BYTES: u64 = 512;

/// A proof and what it proves, as on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofFile {
    /// [`VERSION`].
    pub version: u32,
    /// Digest of the verifying key that the proof is for, in hex.
    pub vk_digest: String,
    /// Digest of the commitment to weights that the proof is for, in hex; a key of fixed weights has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment_digest: Option<String>,
    /// The same of the commitment to inputs, where they are committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inputs_commitment_digest: Option<String>,
    /// The same of the commitment to outputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs_commitment_digest: Option<String>,
    /// The public values as one list, whatever instance columns they stand in: 64 hex digits each, little-endian.
    pub instances: Vec<Vec<String>>,
    /// The public values as reals.
    #[serde(deserialize_with = "provenn_artefact::json::object")]
    pub pretty_public_inputs: PrettyPublicInputs,
    /// The proof: `0x` and hex digits.
    pub hex_proof: String,
    /// The prover's word that the quotient's pieces are blinded, for which its SRS had a power beyond the rows. It is
    /// about the prover's own secrets: nobody can check it, and what is proved does not depend on it.
    pub quotient_blinded: bool,
}

/// The public values as reals, one list per tensor; of a hashed one its digest, `0x` and hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrettyPublicInputs {
    /// Per public input.
    pub inputs: Vec<Vec<String>>,
    /// Per public output.
    pub outputs: Vec<Vec<String>>,
}

/// Why a proof file does not convince.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum ProofFileError {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error(
        "the proof file has version {got}, this program reads {VERSION}; make it again with `prove`"
    )]
    Version { got: u32 },
    #[error(
        "the proof is for verifying key {got}, this key is {expected}; use the key that it was proved with"
    )]
    Key { expected: String, got: String },
    #[error(
        "the proof is for {of} of commitment {got}, this one is {expected}; use the commitment that it was proved with"
    )]
    Commitment { of: &'static str, expected: String, got: String },
    #[error("hex_proof is not 0x and lower-case hex digits; the file was changed")]
    HexProof,
    #[error("instances: expected one column, got {got}; the file was changed")]
    Columns { got: usize },
    #[error(
        "instances: value {index} is not 64 lower-case hex digits of a field element; the file was changed"
    )]
    Instance { index: usize },
    #[error(
        "pretty_public_inputs: {what} {tensor} element {index} shows {got:?}, the instances say {expected:?}; the file was changed"
    )]
    Pretty { what: &'static str, tensor: usize, index: usize, expected: String, got: String },
    #[error(
        "pretty_public_inputs: {what} show other numbers of values than the verifying key has; the file was changed"
    )]
    PrettyLength { what: &'static str },
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

impl ProofFile {
    /// A file for a proof.
    ///
    /// # Errors
    /// [`VerifyError`] if the public values are not ones of this key.
    pub fn new(
        key: &VerifyingKey,
        instance: &[Fr],
        proof: &[u8],
        quotient_blinded: bool,
    ) -> Result<Self, VerifyError> {
        check_instance(key.statement(), instance)?;
        Ok(ProofFile {
            version: VERSION,
            vk_digest: hex::encode(key.digest()),
            commitment_digest: None,
            inputs_commitment_digest: None,
            outputs_commitment_digest: None,
            instances: vec![instance.iter().map(|value| hex::encode(value.to_repr())).collect()],
            pretty_public_inputs: display(key.statement(), instance),
            hex_proof: format!("0x{}", hex::encode(proof)),
            quotient_blinded,
        })
    }

    /// The same, of a proof for what is committed.
    #[must_use]
    pub fn for_committed(mut self, commitments: Commitments<'_>) -> Self {
        let digests = commitments.digests().map(|digest| digest.map(hex::encode));
        let [weights, inputs, outputs] = digests;
        self.commitment_digest = weights;
        self.inputs_commitment_digest = inputs;
        self.outputs_commitment_digest = outputs;
        self
    }

    /// Reads a file, without checking what it says.
    ///
    /// # Errors
    /// [`JsonError`] naming the file and what is wrong with its form.
    pub fn read(path: &Path) -> Result<Self, JsonError> {
        json::read(path, json::LIMIT, "a proof", "prove")
    }

    /// Reads a file that can only be a proof for this key: one much longer than such a proof is refused unread.
    ///
    /// # Errors
    /// [`JsonError`] naming the file and what is wrong with its form.
    pub fn read_for(path: &Path, key: &VerifyingKey) -> Result<Self, JsonError> {
        // A public value takes 64 hex digits and at most 330 of its decimal form; a commitment or evaluation of
        // the proof 64 digits, of which there are some for each of at most 8000 commitments.
        let values = instance_length(key.statement()).unwrap_or(0) as u64;
        json::read(path, PROOF_BYTES + VALUE_BYTES * values, "a proof", "prove")
    }

    /// Writes the file.
    ///
    /// # Errors
    /// [`JsonError::Write`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), JsonError> {
        json::write(path, self)
    }

    /// The public values.
    ///
    /// # Errors
    /// [`ProofFileError`] if they are not canonical field elements in one column.
    pub fn instance(&self) -> Result<Vec<Fr>, ProofFileError> {
        let [column] = self.instances.as_slice() else {
            return Err(ProofFileError::Columns { got: self.instances.len() });
        };
        let value = |(index, text): (usize, &String)| {
            let bytes = decode_hex(text).and_then(|bytes| bytes.try_into().ok());
            bytes.and_then(|bytes| decode_scalar(&bytes)).ok_or(ProofFileError::Instance { index })
        };
        column.iter().enumerate().map(value).collect()
    }

    /// Checks every field and verifies the proof.
    ///
    /// # Errors
    /// [`ProofFileError`] naming the field at fault, or the verifier's error.
    pub fn verify(
        &self,
        key: &VerifyingKey,
        srs: &VerifierSrs,
        options: VerifyOptions,
    ) -> Result<(), ProofFileError> {
        self.verify_committed(key, srs, Commitments::default(), options)
    }

    /// As [`verify`](Self::verify), of a proof for committed weights, inputs or outputs.
    ///
    /// # Errors
    /// [`ProofFileError`] naming the field at fault, or the verifier's error.
    pub fn verify_committed(
        &self,
        key: &VerifyingKey,
        srs: &VerifierSrs,
        commitments: Commitments<'_>,
        options: VerifyOptions,
    ) -> Result<(), ProofFileError> {
        let (instance, proof) = self.check(key, commitments)?;
        Ok(verify_committed(key, srs, commitments, &instance, &proof, options)?)
    }

    /// Checks every field; public values and the proof's bytes.
    fn check(
        &self,
        key: &VerifyingKey,
        commitments: Commitments<'_>,
    ) -> Result<(Vec<Fr>, Vec<u8>), ProofFileError> {
        if self.version != VERSION {
            return Err(ProofFileError::Version { got: self.version });
        }
        let expected = hex::encode(key.digest());
        if self.vk_digest != expected {
            // What is no digest is not worth repeating at length.
            let got = self.vk_digest.chars().take(64).collect();
            return Err(ProofFileError::Key { expected, got });
        }
        commitments.check(key)?;
        let said = [
            ("weights", &self.commitment_digest),
            ("inputs", &self.inputs_commitment_digest),
            ("outputs", &self.outputs_commitment_digest),
        ];
        for ((of, got), expected) in said.into_iter().zip(commitments.digests()) {
            let expected = expected.map(hex::encode);
            if *got != expected {
                let [expected, got] = [&expected, got]
                    .map(|digest| digest.as_deref().unwrap_or("none").chars().take(64).collect());
                return Err(ProofFileError::Commitment { of, expected, got });
            }
        }
        let proof = self.hex_proof.strip_prefix("0x").and_then(decode_hex);
        let proof = proof.ok_or(ProofFileError::HexProof)?;
        let instance = self.instance()?;
        check_instance(key.statement(), &instance)?;
        let PrettyPublicInputs { inputs, outputs } = display(key.statement(), &instance);
        compare("inputs", &inputs, &self.pretty_public_inputs.inputs)?;
        compare("outputs", &outputs, &self.pretty_public_inputs.outputs)?;
        Ok((instance, proof))
    }
}

/// Lower-case hex only: one encoding per value.
fn decode_hex(text: &str) -> Option<Vec<u8>> {
    hex::decode(text).ok().filter(|_| !text.bytes().any(|byte| byte.is_ascii_uppercase()))
}

fn display(statement: &Statement, instance: &[Fr]) -> PrettyPublicInputs {
    let mut values = instance.iter();
    let list = |shown: ShownTensor<'_>| {
        let values = values.by_ref().take(shown.values().unwrap_or(0));
        if shown.visibility == TensorVisibility::Hashed {
            return values.map(|&digest| pretty_digest(digest)).collect();
        }
        let integers: Vec<i64> = values.filter_map(|&value| to_signed(value)).collect();
        pretty(&integers, &shown.tensor.grid)
    };
    let mut lists: Vec<Vec<String>> = tensors(statement).map(list).collect();
    let outputs = lists.split_off(statement.inputs.len());
    PrettyPublicInputs { inputs: lists, outputs }
}

fn compare(
    what: &'static str,
    expected: &[Vec<String>],
    got: &[Vec<String>],
) -> Result<(), ProofFileError> {
    let lengths = |lists: &[Vec<String>]| lists.iter().map(Vec::len).collect::<Vec<_>>();
    if lengths(expected) != lengths(got) {
        return Err(ProofFileError::PrettyLength { what });
    }
    for (tensor, (expected, got)) in expected.iter().zip(got).enumerate() {
        for (index, (expected, got)) in expected.iter().zip(got).enumerate() {
            if expected != got {
                let got = got.chars().take(64).collect();
                let expected = expected.clone();
                return Err(ProofFileError::Pretty { what, tensor, index, expected, got });
            }
        }
    }
    Ok(())
}

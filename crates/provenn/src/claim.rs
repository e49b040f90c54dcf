//! A claim over a data set: so many of its n labels are the model's, proof by proof of some observations each.
//!
//! The circuit is that of a model which [`counting_model`] makes of a classifier: it reads N observations and their labels,
//! both shown by digest or in a commitment, and states how many labels are right, and how many there are. Observations that
//! only fill up the last proof have the label −1, which is none. The data set's digest is one over what names the data of
//! each proof, in order.

mod secret;
mod stages;

pub use secret::DataSecret;
pub use stages::{ARTEFACTS, ClaimOptions, DATA_SECRET, artefacts, claim};

use crate::hashing::{hash_data, quantise_public};
use crate::workflow::{gen_witness, prove_committed, quantise_inputs};
use crate::{Error, InputData, OnnxModel};
use provenn_artefact as artefact;
use provenn_artefact::json::{self, JsonError};
use provenn_circuit::CompiledCircuit;
use provenn_gadgets::{PublicTensor, TensorVisibility, digest_of_digests, to_signed};
use provenn_kzg_srs::Srs;
pub use provenn_onnx_ir::NO_LABEL;
use provenn_proof::{Opening, Openings, ProveOptions, ProvingKey};
use provenn_verifier::{
    Commitment, CommitmentError, Commitments, ProofFile, TensorCommitment, VerifierSrs,
    VerifyOptions, VerifyingKey, parse_digest, pretty_digest,
};
use rand_core::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the format.
const VERSION: u32 = 1;
/// Most bytes of a claim.
const LIMIT: u64 = 1 << 30;
/// Most bytes of a model: protobuf has no longer messages.
const MODEL_LIMIT: u64 = (2 << 30) - 1;

/// Proofs over a data set, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Version of the format.
    pub version: u32,
    /// Labels that are the model's.
    pub right: usize,
    /// Labels.
    pub labels: usize,
    /// The data set's digest: `0x` and hex digits, of hashes; without `0x`, of commitments.
    pub data_digest: String,
    /// One for every N observations.
    pub proofs: Vec<ProofFile>,
    /// Where the data are committed: the commitment to those of each proof, a payload in hexadecimal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commitments: Vec<String>,
}

/// What the maker of a claim knows beside the data.
#[derive(Clone, Copy, Debug, Default)]
pub struct Secrets<'a> {
    /// The opening of the weights, where they are committed.
    pub weights: Option<&'a Opening>,
    /// What commitments to the data are drawn from, where these are committed.
    pub data: Option<&'a DataSecret>,
}

/// What is known once a claim was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifiedClaim {
    /// Labels that are the model's.
    pub right: usize,
    /// Labels.
    pub labels: usize,
    /// The data set's digest.
    pub data_digest: String,
    /// Digest of the counting model, as the key's maker states it; where weights are committed, of its architecture.
    pub model_digest: String,
    /// Digest of the verifying key.
    pub vk_digest: String,
    /// Digest of the commitment to the weights; none if the key fixes them.
    pub commitment_digest: Option<String>,
    /// Observations in a proof.
    pub per_proof: usize,
    /// Proofs.
    pub proofs: usize,
}

/// That a key names the model that counts this classifier's right labels.
///
/// # Errors
/// [`Error::Claim`] if it names another one, or that of [`counting_model`].
pub fn check_model(key: &VerifyingKey, path: &Path, output: Option<&str>) -> Result<(), Error> {
    if key.statement().params.commits_weights() {
        return Err(denied(
            "the key is for committed weights, and so for any model of an architecture: leave the model out",
        ));
    }
    let digest = artefact::digest(b"provenn model   ", &counting_model(path, output)?);
    match digest == key.statement().model {
        true => Ok(()),
        false => Err(denied(format!(
            "the key is of another model than that which counts right labels of {}",
            path.display()
        ))),
    }
}

/// The model that counts a classifier's right labels, as an ONNX file's bytes; `output` names the one that says the class,
/// where there are several.
///
/// # Errors
/// [`Error::Import`] if the file is no classifier.
pub fn counting_model(path: &Path, output: Option<&str>) -> Result<Vec<u8>, Error> {
    let read = |source| Error::File { path: path.into(), source, advice: "name an ONNX model" };
    let bytes = artefact::read_at_most(path, MODEL_LIMIT).map_err(read)?;
    provenn_onnx_ir::counting_model(&bytes, output)
        .map_err(|source| Error::Import { path: path.into(), source: source.into() })
}

/// A digest as this program writes it, however somebody did: of hashes a field element's, of commitments bytes'.
fn written(digest: &str, committed: bool) -> Result<String, Error> {
    let digits = digest.trim().to_lowercase();
    let digits = digits.strip_prefix("0x").unwrap_or(&digits);
    let digest = match committed {
        true => hex::decode(digits).ok().filter(|bytes| bytes.len() == 32).map(hex::encode),
        false => parse_digest(&format!("0x{digits}")).map(pretty_digest),
    };
    digest.ok_or_else(|| refused("the data's digest is none: 0x and 64 hex digits are expected"))
}

fn refused(reason: impl Into<String>) -> Error {
    Error::Counting { reason: reason.into() }
}

fn denied(reason: impl Into<String>) -> Error {
    Error::Claim { reason: reason.into() }
}

/// Observations with their labels, as inputs of a counting model that takes N at once: the last ones are filled up.
///
/// # Errors
/// [`Error::Counting`] if the data have no labels, or several inputs for an observation.
pub fn counted_data(
    data: &InputData,
    per_proof: usize,
    elements: usize,
) -> Result<InputData, Error> {
    let labels = data.labels.as_ref().ok_or_else(|| {
        refused("the data hold no labels; give a file with `labels`, a class for each observation")
    })?;
    if let Some(at) = labels.iter().position(|label| label.fract() != 0.0 || *label < 0.0) {
        return Err(refused(format!(
            "label {at} is {}, classes are 0, 1, 2 and so on",
            labels[at]
        )));
    }
    let values: Vec<&f64> = data.input_data.iter().flatten().collect();
    let of_one = elements.checked_div(per_proof).unwrap_or(0);
    if of_one == 0 || values.len() != of_one * labels.len() || labels.is_empty() {
        return Err(refused(format!(
            "the data have {} values for {} labels; the model takes {of_one} for an observation",
            values.len(),
            labels.len()
        )));
    }
    let mut lists = vec![];
    for (rows, labels) in values.chunks(elements).zip(labels.chunks(per_proof)) {
        let mut inputs: Vec<f64> = rows.iter().map(|x| **x).collect();
        inputs.resize(elements, 0.0);
        let mut labels = labels.to_vec();
        #[allow(clippy::cast_precision_loss)] // −1
        labels.resize(per_proof, NO_LABEL as f64);
        lists.extend([inputs, labels]);
    }
    Ok(InputData::new(lists))
}

/// The same with observations that have no label, so that calibration knows that there are such.
///
/// # Errors
/// As [`counted_data`].
pub fn calibration_data(
    data: &InputData,
    per_proof: usize,
    elements: usize,
) -> Result<InputData, Error> {
    let mut data = counted_data(data, per_proof, elements)?;
    let first = data.input_data.first().cloned().unwrap_or_default();
    #[allow(clippy::cast_precision_loss)] // −1
    data.input_data.extend([first, vec![NO_LABEL as f64; per_proof]]);
    Ok(data)
}

/// What a counting model takes at once: observations, and elements of all of them.
///
/// # Errors
/// [`Error::Counting`] if the model is not one.
pub fn taken(model: &OnnxModel) -> Result<(usize, usize), Error> {
    let graph = model.graph();
    let shapes: Vec<&[usize]> =
        graph.inputs.iter().filter_map(|id| graph.nodes.get(id.0)).map(|n| &*n.shape).collect();
    match shapes.as_slice() {
        [inputs, [labels]] => Ok((*labels, inputs.iter().product())),
        _ => Err(refused("the model does not take observations and a label for each of them")),
    }
}

const CLAMPED: &str = "some of the data lie outside the ranges that the key has, and their digest would be that of others; a claim over them takes a key that was calibrated on such data";

/// The digest of a data set, as claims under this key are about it, where they hash it.
///
/// # Errors
/// [`Error::Counting`] or [`Error::Hash`] if the key is not one of a claim by hashes, or the data do not fit.
pub fn data_digest(key: &VerifyingKey, data: &InputData) -> Result<String, Error> {
    let (per_proof, elements) = counted(key)?;
    if commits_data(key) {
        return Err(refused(
            "the key is for committed data, whose digest depends on a secret; name it with --data-secret, and the SRS",
        ));
    }
    let chunks = hash_data(key, &counted_data(data, per_proof, elements)?)?;
    if chunks.iter().flatten().any(|of| of.clamped > 0) {
        return Err(refused(CLAMPED));
    }
    let digests = chunks.iter().flatten().map(|of| parse_digest(&of.digest));
    let digests: Option<Vec<_>> = digests.collect();
    let digests = digests.ok_or_else(|| refused("a digest is none"))?;
    Ok(pretty_digest(digest_of_digests(&digests)))
}

/// The digest of a data set by the commitments that are drawn from a secret, as claims under this key are about it, where they
/// commit to it.
///
/// # Errors
/// [`Error::Counting`] if the key is not one of a claim by commitments, or the data do not fit.
pub fn committed_data_digest(
    key: &VerifyingKey,
    data: &InputData,
    srs: &Srs,
    secret: &DataSecret,
) -> Result<String, Error> {
    let (per_proof, elements) = counted(key)?;
    if !commits_data(key) {
        return Err(refused("the key hashes the data, whose digest takes no secret; leave it out"));
    }
    if srs.digest() != key.srs_digest() || srs.k() != key.statement().params.k {
        return Err(refused("the SRS is not the one that the key was made with"));
    }
    let inputs = &key.statement().inputs;
    let observations = counted_data(data, per_proof, elements)?.observations_of_public(inputs)?;
    let commitments = observations.iter().enumerate().map(|(at, tensors)| {
        let integers = inputs.iter().zip(tensors).map(|(public, tensor)| {
            match quantise_public(public, &tensor.data) {
                (integers, 0) => Ok(integers),
                _ => Err(refused(CLAMPED)),
            }
        });
        Ok(secret
            .commit(at, &integers.collect::<Result<Vec<_>, Error>>()?, srs)?
            .commitment()
            .clone())
    });
    let commitments = commitments.collect::<Result<Vec<TensorCommitment>, Error>>()?;
    Ok(secret::digest_of(commitments.iter()))
}

/// Whether the data of a claim's key are committed, and not hashed.
fn commits_data(key: &VerifyingKey) -> bool {
    key.statement().input_visibility == TensorVisibility::Committed
}

/// Observations that a key's proofs are about, and elements of all of them.
fn counted(key: &VerifyingKey) -> Result<(usize, usize), Error> {
    let statement = key.statement();
    let visibility = (statement.input_visibility, statement.output_visibility);
    let is_count = |tensor: &PublicTensor| {
        tensor.elements() == Some(1) && tensor.grid == provenn_gadgets::Grid::uniform(1.0)
    };
    let is_label = |tensor: &PublicTensor| {
        tensor.grid == provenn_gadgets::Grid::uniform(1.0) && tensor.lo <= NO_LABEL
    };
    match (visibility, statement.inputs.as_slice(), statement.outputs.as_slice()) {
        (
            (TensorVisibility::Hashed | TensorVisibility::Committed, TensorVisibility::Public),
            [inputs, labels],
            [right, given],
        ) if is_count(right) && is_count(given) && is_label(labels) => {
            match (labels.shape.as_slice(), inputs.elements()) {
                (&[per_proof], Some(elements))
                    if per_proof > 0 && elements.is_multiple_of(per_proof) =>
                {
                    Ok((per_proof, elements))
                }
                _ => Err(refused("the key's inputs are not observations and their labels")),
            }
        }
        _ => Err(refused(
            "the key is not one of a claim: hashed or committed observations and labels, and two public counts",
        )),
    }
}

/// Proves how many labels of a data set are right; `progress` is told of proofs done and of all.
///
/// # Errors
/// [`Error::Counting`] if circuit and data do not fit, or the error of a step.
pub fn prove_claim(
    compiled: &CompiledCircuit,
    key: &ProvingKey,
    srs: &Srs,
    secrets: Secrets<'_>,
    data: &InputData,
    mut rng: impl RngCore + CryptoRng + Send,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Claim, Error> {
    let (per_proof, elements) = counted(key.verifying_key())?;
    let commits = commits_data(key.verifying_key());
    if commits != secrets.data.is_some() {
        return Err(refused(match commits {
            true => "the data are committed, which takes their secret",
            false => "the data are hashed, which takes no secret",
        }));
    }
    let observations =
        counted_data(data, per_proof, elements)?.observations_of(compiled.graph())?;
    let (mut proofs, mut commitments) = (vec![], vec![]);
    for (done, observation) in observations.iter().enumerate() {
        progress(done, observations.len());
        let inputs = quantise_inputs(compiled, observation)?;
        if inputs.saturated.iter().any(|of| !of.is_empty()) {
            return Err(refused(
                "some of the data lie outside the ranges that were calibrated; calibrate on such data",
            ));
        }
        let witness = gen_witness(compiled, &inputs.values)?;
        let options = ProveOptions::default();
        let inputs = secrets.data.map(|secret| secret.commit(done, witness.inputs(), srs));
        let inputs = inputs.transpose()?;
        let openings =
            Openings { weights: secrets.weights, inputs: inputs.as_ref(), ..Openings::default() };
        let proved = prove_committed(compiled, key, srs, openings, &witness, options, &mut rng)?;
        proofs.push(proved.file);
        commitments.extend(inputs.map(|opening| opening.commitment().clone()));
    }
    progress(observations.len(), observations.len());
    let (mut right, mut labels, mut digests) = (0, 0, vec![]);
    for proof in &proofs {
        let counts = counts(proof, commits)?;
        right += counts.right;
        labels += counts.labels;
        digests.extend(counts.digests);
    }
    let data_digest = digest_of_data(&digests, &commitments);
    let bytes = commitments.iter().map(|of| Ok(hex::encode(of.to_bytes()?)));
    let commitments = bytes.collect::<Result<Vec<String>, CommitmentError>>()?;
    Ok(Claim { version: VERSION, right, labels, data_digest, proofs, commitments })
}

/// The digest of a data set: of the digests that proofs show, or of what these are linked to.
fn digest_of_data(digests: &[provenn_gadgets::Fr], commitments: &[TensorCommitment]) -> String {
    match commitments {
        [] => pretty_digest(digest_of_digests(digests)),
        _ => secret::digest_of(commitments.iter()),
    }
}

/// What one proof states.
struct Counts {
    right: usize,
    labels: usize,
    /// Of observations and of labels, where they are hashed.
    digests: Vec<provenn_gadgets::Fr>,
}

fn counts(proof: &ProofFile, committed: bool) -> Result<Counts, Error> {
    let instance = proof.instance()?;
    let (digests, [right, given]) = match (instance.as_slice(), committed) {
        (&[right, given], true) => (vec![], [right, given]),
        (&[inputs, labels, right, given], false) => (vec![inputs, labels], [right, given]),
        _ => return Err(denied("a proof states other things than digests and two counts")),
    };
    let count = |x| to_signed(x).and_then(|x| usize::try_from(x).ok());
    match (count(right), count(given)) {
        (Some(right), Some(labels)) => Ok(Counts { right, labels, digests }),
        _ => Err(denied("a proof states a count that is none")),
    }
}

impl Claim {
    /// Reads a claim, without checking what it says.
    ///
    /// # Errors
    /// [`JsonError`] naming the file and what is wrong with its form.
    pub fn read(path: &Path) -> Result<Self, JsonError> {
        json::read(path, LIMIT, "a claim", "claim")
    }

    /// Writes the claim.
    ///
    /// # Errors
    /// [`JsonError::Write`] if the place is not writable.
    pub fn write(&self, path: &Path) -> Result<(), JsonError> {
        json::write(path, self)
    }

    /// Verifies every proof, for the committed weights where the key has none, that digests and counts are what the claim
    /// says, and that it is about the data set with this digest, if there is one.
    ///
    /// # Errors
    /// [`Error::Claim`] naming what it says that proofs do not, or [`Error::Verify`] of a proof.
    pub fn verify(
        &self,
        key: &VerifyingKey,
        srs: &VerifierSrs,
        commitment: Option<&Commitment>,
        options: VerifyOptions,
        data_digest: Option<&str>,
    ) -> Result<VerifiedClaim, Error> {
        let committed = commits_data(key);
        let named = data_digest.map(|digest| written(digest, committed)).transpose()?;
        if let Some(expected) = named.filter(|digest| *digest != self.data_digest) {
            return Err(denied(format!(
                "it is about other data than those with digest {expected}"
            )));
        }
        if self.version != VERSION {
            return Err(denied(format!(
                "it has version {}, this program reads {VERSION}",
                self.version
            )));
        }
        let (per_proof, _) = counted(key)?;
        if self.proofs.is_empty() {
            return Err(denied("it has no proofs"));
        }
        let of_data = self.of_data(if committed { self.proofs.len() } else { 0 })?;
        let (mut right, mut labels, mut digests) = (0_usize, 0_usize, vec![]);
        for (at, proof) in self.proofs.iter().enumerate() {
            let inputs = of_data.get(at);
            let of = Commitments { weights: commitment, inputs, ..Commitments::default() };
            proof.verify_committed(key, srs, of, options)?;
            let counts = counts(proof, committed)?;
            // Only the last one is filled up.
            let whole = at + 1 == self.proofs.len() || counts.labels == per_proof;
            if counts.right > counts.labels || counts.labels > per_proof || !whole {
                return Err(denied("a proof counts other labels than those of its observations"));
            }
            // A proof is about N observations; no file has as many proofs as would overflow.
            right = right.saturating_add(counts.right);
            labels = labels.saturating_add(counts.labels);
            digests.extend(counts.digests);
        }
        let data_digest = digest_of_data(&digests, &of_data);
        if self.data_digest != data_digest {
            return Err(denied(format!(
                "its proofs are about data with digest {data_digest}, it says another"
            )));
        }
        if (self.right, self.labels) != (right, labels) {
            return Err(denied(format!(
                "it says {} of {} right, its proofs {right} of {labels}",
                self.right, self.labels
            )));
        }
        Ok(VerifiedClaim {
            right,
            labels,
            data_digest,
            model_digest: hex::encode(key.statement().model),
            vk_digest: hex::encode(key.digest()),
            commitment_digest: commitment.map(|of| hex::encode(of.digest())),
            per_proof,
            proofs: self.proofs.len(),
        })
    }

    /// The commitments to the data, of which there are to be so many.
    fn of_data(&self, count: usize) -> Result<Vec<TensorCommitment>, Error> {
        if self.commitments.len() != count {
            return Err(denied(format!(
                "it has {} commitments to data, {count} belong to its proofs under this key",
                self.commitments.len()
            )));
        }
        let parse = |text: &String| {
            let bytes = hex::decode(text).map_err(|_| denied("a commitment to data is no hex"))?;
            TensorCommitment::from_bytes(&bytes)
                .map_err(|error| denied(format!("a commitment to data is none: {error}")))
        };
        self.commitments.iter().map(parse).collect()
    }
}

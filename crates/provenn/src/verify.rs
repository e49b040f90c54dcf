//! Verifying from files: key, SRS and proof suffice. What a reader is told is what the key's statement says,
//! and that is in the proof.

use crate::commitment_files::CommitmentPaths;
use crate::named_values::NamedValues;
use crate::settings_file::read_text;
use crate::verifier_settings::{VerifierSettings, describe_difference};
use crate::{Error, SettingsProblem};
use provenn_artefact::{make_folder, write_atomically};
use provenn_gadgets::{ShownTensor, TensorVisibility};
use provenn_verifier::{Commitments, ProofFile, VerifierSrs, VerifyOptions, VerifyingKey};
use serde::Serialize;
use std::fmt;
use std::path::Path;

/// What is known once a proof was verified.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verified {
    /// Digest of the verifying key: whether it is the right one is for the reader to settle.
    pub vk_digest: String,
    /// Digest of the SRS.
    pub srs_digest: String,
    /// The ceremony that it came from, or "unknown".
    pub srs_origin: String,
    /// Digest of the model, as the key's maker states it; where weights are committed, of its architecture.
    pub model_digest: String,
    /// Digest of the commitment to the weights; none if the key fixes them.
    pub commitment_digest: Option<String>,
    /// Digest of the commitment to the inputs; none if they are not committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inputs_commitment_digest: Option<String>,
    /// Digest of the commitment to the outputs; none if they are not committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs_commitment_digest: Option<String>,
    /// Public inputs, and digests of hashed ones; none if they are private. Of committed ones the form alone is known.
    pub inputs: Vec<NamedValues>,
    /// Public outputs, and digests of hashed ones; none if they are private. Of committed ones the form alone is known.
    pub outputs: Vec<NamedValues>,
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, tensors) in [("input", &self.inputs), ("output", &self.outputs)] {
            if tensors.is_empty() {
                writeln!(f, "{what:<8}private")?;
            }
            tensors.iter().try_for_each(|tensor| writeln!(f, "{what:<8}{tensor}"))?;
        }
        writeln!(f, "key     {}", self.vk_digest)?;
        let architecture =
            if self.commitment_digest.is_some() { " (architecture alone)" } else { "" };
        writeln!(f, "model   {}{architecture}", self.model_digest)?;
        for (what, digest) in [
            ("weights", &self.commitment_digest),
            ("inputs", &self.inputs_commitment_digest),
            ("outputs", &self.outputs_commitment_digest),
        ] {
            if let Some(digest) = digest {
                writeln!(f, "{what:<7} {digest} (committed)")?;
            }
        }
        writeln!(f, "srs     {} (origin: {})", self.srs_digest, self.srs_origin)?;
        f.write_str("verified")
    }
}

/// Reads proof, key and SRS, and verifies. Settings are needed by nobody; if given, whole or as a verifier's
/// copy, everything that they say must be what the key says. Commitments are needed to all that is committed.
///
/// # Errors
/// The file's or the verifier's error.
pub fn verify_files(
    proof: &Path,
    settings: Option<&Path>,
    vk: &Path,
    srs: &Path,
    commitments: &CommitmentPaths,
    options: VerifyOptions,
) -> Result<Verified, Error> {
    let key = VerifyingKey::read(vk)?;
    if let Some(path) = settings {
        let text = read_text(path)?;
        let got = describe_difference(&text, &key)
            .map_err(|problem| problem.of(path.display().to_string()))?;
        if let Some(field) = got {
            return Err(Error::OtherStatement { settings: path.into(), field, key: vk.into() });
        }
    }
    let proof = ProofFile::read_for(proof, &key)?;
    let srs = VerifierSrs::read(srs)?;
    let files = commitments.read()?;
    let weights = files.checked_weights(&key, &srs, options)?;
    let commitments = files.commitments(weights.as_ref());
    verify_committed_proof(&proof, &key, &srs, commitments, options)
}

/// Verifies, and tells what is then known.
///
/// # Errors
/// [`Error::Verify`] naming the field at fault, or the verifier's error.
pub fn verify_proof(
    proof: &ProofFile,
    key: &VerifyingKey,
    srs: &VerifierSrs,
    options: VerifyOptions,
) -> Result<Verified, Error> {
    verify_committed_proof(proof, key, srs, Commitments::default(), options)
}

/// Verifies a proof for committed weights, inputs or outputs, and tells what is then known.
///
/// # Errors
/// [`Error::Verify`] naming the field at fault, or the verifier's error.
pub fn verify_committed_proof(
    proof: &ProofFile,
    key: &VerifyingKey,
    srs: &VerifierSrs,
    commitments: Commitments<'_>,
    options: VerifyOptions,
) -> Result<Verified, Error> {
    proof.verify_committed(key, srs, commitments, options)?;
    Ok(verified(proof, key, srs))
}

/// What a proof that verified says.
fn verified(proof: &ProofFile, key: &VerifyingKey, srs: &VerifierSrs) -> Verified {
    let (statement, shown) = (key.statement(), &proof.pretty_public_inputs);
    let named = |(shown, values): (ShownTensor<'_>, &Vec<String>)| NamedValues {
        name: shown.tensor.name.clone(),
        shape: shown.tensor.shape.clone(),
        // They were compared with the decimals of the instances.
        values: match shown.visibility {
            TensorVisibility::Public => {
                values.iter().map(|value| value.parse().unwrap_or(f64::NAN)).collect()
            }
            TensorVisibility::Hashed | TensorVisibility::Committed | TensorVisibility::Private => {
                vec![]
            }
        },
        digest: values.first().filter(|_| shown.visibility == TensorVisibility::Hashed).cloned(),
        committed: shown.visibility == TensorVisibility::Committed,
    };
    let values = shown.inputs.iter().chain(&shown.outputs);
    let mut inputs: Vec<NamedValues> = statement.shown().zip(values).map(named).collect();
    let outputs = inputs.split_off(statement.inputs.len().min(inputs.len()));
    Verified {
        vk_digest: hex::encode(key.digest()),
        srs_digest: hex::encode(srs.digest()),
        srs_origin: srs.origin().to_string(),
        model_digest: hex::encode(statement.model),
        // They were compared with the commitments'.
        commitment_digest: proof.commitment_digest.clone(),
        inputs_commitment_digest: proof.inputs_commitment_digest.clone(),
        outputs_commitment_digest: proof.outputs_commitment_digest.clone(),
        inputs,
        outputs,
    }
}

/// Writes what a verifier needs into a folder: `vk.key`, `kzg.srs` (three points), `settings.json` without anything of the
/// model that the key does not say, and commitments under the names that `commit` gives them.
///
/// # Errors
/// [`Error`] if the key is not of this SRS or the folder is not writable.
pub fn export_verifier(
    vk_path: &Path,
    srs_path: &Path,
    commitments: &CommitmentPaths,
    folder: &Path,
) -> Result<(), Error> {
    let (key, srs) = (VerifyingKey::read(vk_path)?, VerifierSrs::read(srs_path)?);
    if key.srs_digest() != srs.digest() {
        let [expected, got] = [key.srs_digest(), srs.digest()].map(hex::encode);
        return Err(Error::OtherSrs { key: vk_path.into(), srs: srs_path.into(), expected, got });
    }
    let files = commitments.read()?;
    files.check(&key, &srs)?;
    make_folder(folder)?;
    files.write(folder)?;
    key.write(&folder.join("vk.key"))?;
    srs.write(&folder.join("kzg.srs"))?;
    let settings = folder.join("settings.json");
    let text = serde_json::to_string_pretty(&VerifierSettings::of(&key))
        .map_err(|_| SettingsProblem::NoForm.of(settings.display().to_string()))?;
    Ok(write_atomically(&settings, |file| std::io::Write::write_all(file, text.as_bytes()))?)
}

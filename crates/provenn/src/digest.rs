//! Digests of artefacts: what one person tells another, so that both know to hold the same.

use crate::onnx_model::OnnxModel;
use crate::settings_file::read_verifier_settings;
use crate::workflow;
use crate::{Error, Visibility, settings_digest};
use provenn_artefact::{self as artefact, Kind};
use provenn_onnx_ir::ImportError;
use provenn_proof::{Opening, ProvingKey, TensorOpening, WitnessFile};
use provenn_verifier::{
    CommitmentFile, Origin, ProofFile, TensorCommitment, VerifierSrs, VerifyingKey,
};
use serde::Serialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// What to do about a file that cannot be read.
const ADVICE: &str = "give an artefact of provenn or an ONNX model";
/// Longest JSON file whose keys are looked at.
const LONGEST_JSON: u64 = 1 << 28;

/// What a model's digest in settings is one of.
fn modelled(weights: Visibility) -> &'static str {
    match weights {
        Visibility::Committed => "architecture",
        Visibility::Public | Visibility::Hashed | Visibility::Private | Visibility::Fixed => {
            "model"
        }
    }
}

/// The digest of a file by its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Digest {
    /// What the file holds.
    pub kind: &'static str,
    /// Hex digits.
    pub digest: String,
    /// What else is known of it.
    pub note: Option<String>,
}

/// The digest of any artefact: of a key as proofs name it, of an SRS as keys name it, of a compiled circuit as
/// witnesses name it, of settings and model as statements name them.
///
/// # Errors
/// The error of reading the file as what it seems to be.
pub fn digest_file(path: &Path) -> Result<Digest, Error> {
    artefact::open_regular(path).map_err(|source| file_error(path, source))?;
    let named = |kind, digest: [u8; 32], note| Digest { kind, digest: hex::encode(digest), note };
    match artefact::kind_of(path) {
        Some(Kind::VerifyingKey) => {
            let key = VerifyingKey::read(path)?;
            let note = format!("srs {} (origin: {})", hex::encode(key.srs_digest()), key.origin());
            Ok(named("verifying key", key.digest(), Some(note)))
        }
        Some(Kind::ProvingKey) => {
            let key = ProvingKey::read(path)?;
            let note = format!("of circuit {}", hex::encode(key.circuit_digest()));
            Ok(named("verifying key in this proving key", key.verifying_key().digest(), Some(note)))
        }
        Some(Kind::Srs | Kind::VerifierSrs) => srs(path),
        Some(Kind::CompiledCircuit) => {
            let compiled = workflow::read_compiled(path)?;
            Ok(Digest { kind: "circuit", digest: workflow::digest(&compiled)?, note: None })
        }
        Some(Kind::Commitment) => {
            let commitment = CommitmentFile::read(path)?;
            let note = format!("for verifying key {}", hex::encode(commitment.key_digest()));
            Ok(named("commitment", commitment.digest(), Some(note)))
        }
        Some(Kind::Opening) => {
            let opening = Opening::read(path)?;
            let note = "a secret, as the weights are".into();
            Ok(named("commitment that this opens", opening.commitment_digest(), Some(note)))
        }
        Some(Kind::TensorCommitment) => {
            let commitment = TensorCommitment::read(path)?;
            Ok(named("commitment", commitment.digest(), Some(tensors(&commitment))))
        }
        Some(Kind::TensorOpening) => {
            let opening = TensorOpening::read(path)?;
            let note = format!("{}; a secret, as they are", tensors(opening.commitment()));
            Ok(named("commitment that this opens", opening.commitment().digest(), Some(note)))
        }
        Some(Kind::DataSecret) => {
            let source = std::io::Error::other("a secret of commitments to data has no digest");
            let advice = "`hash --data-set --data-secret` prints that of the data";
            Err(Error::File { path: path.into(), source, advice })
        }
        None => foreign(path),
    }
}

/// What a commitment is to.
fn tensors(commitment: &TensorCommitment) -> String {
    let form = commitment.form();
    format!("to tensors of {:?} integers, in circuits of 2^{} rows", form.lengths, form.k)
}

fn file_error(path: &Path, source: std::io::Error) -> Error {
    Error::File { path: path.into(), source, advice: ADVICE }
}

fn srs(path: &Path) -> Result<Digest, Error> {
    let srs = VerifierSrs::read(path)?;
    let note = match srs.origin() {
        Origin::Ceremony(ceremony) => format!("of the ceremony {}", ceremony.name),
        Origin::Unknown => "of unknown origin".into(),
    };
    Ok(Digest { kind: "srs", digest: hex::encode(srs.digest()), note: Some(note) })
}

/// What has no header of ours: JSON, a raw SRS, or a model.
fn foreign(path: &Path) -> Result<Digest, Error> {
    if let Some(form) = Form::of(path)? {
        return form.digest(path);
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if extension != "onnx"
        && let Ok(digest) = srs(path)
    {
        return Ok(digest);
    }
    match OnnxModel::load(path, &BTreeMap::new()) {
        Ok(model) => Ok(Digest { kind: "model", digest: model.digest().to_owned(), note: None }),
        Err(Error::Import { source, path }) => Err(match *source {
            ImportError::Malformed { .. } | ImportError::TooLarge { .. } => Error::Unknown { path },
            ImportError::Read { source, .. } => Error::File { path, source, advice: ADVICE },
            other => Error::Import { source: Box::new(other), path },
        }),
        Err(error) => Err(error),
    }
}

/// JSON artefacts.
#[derive(Clone, Copy, Debug)]
enum Form {
    Proof,
    Witness,
    Settings,
    VerifierSettings,
}

impl Form {
    /// What the keys of a JSON object say that it is; `None` if the file is none.
    fn of(path: &Path) -> Result<Option<Self>, Error> {
        let file = File::open(path).map_err(|source| file_error(path, source))?;
        let reader = BufReader::new(file.take(LONGEST_JSON));
        let Ok(keys) = serde_json::from_reader::<_, BTreeMap<String, IgnoredAny>>(reader) else {
            return Ok(None);
        };
        let signs = [
            ("hex_proof", Form::Proof),
            ("compiled_digest", Form::Witness),
            ("run_args", Form::Settings),
            ("settings_digest", Form::VerifierSettings),
        ];
        match signs.into_iter().find(|(key, _)| keys.contains_key(*key)) {
            Some((_, form)) => Ok(Some(form)),
            None => Err(Error::Unknown { path: path.into() }),
        }
    }

    fn digest(self, path: &Path) -> Result<Digest, Error> {
        let of_contents = |kind, personal, bytes: Vec<u8>, note: String| {
            let digest = hex::encode(artefact::digest(personal, &bytes));
            Digest { kind, digest, note: Some(note) }
        };
        Ok(match self {
            Form::Proof => {
                let proof = ProofFile::read(path)?;
                let bytes = serde_json::to_vec(&proof).unwrap_or_default();
                let note = format!("for verifying key {}", proof.vk_digest);
                of_contents("proof", b"provenn proof   ", bytes, note)
            }
            Form::Witness => {
                let witness = WitnessFile::read(path)?;
                let bytes = serde_json::to_vec(&witness).unwrap_or_default();
                let note = format!("of circuit {}", witness.compiled_digest);
                of_contents("witness", b"provenn witness ", bytes, note)
            }
            Form::Settings => {
                let settings = crate::run::read_settings(path)?;
                let what = modelled(settings.run_args.param_visibility);
                let note = Some(format!("of {what} {}", settings.model_digest));
                Digest { kind: "settings", digest: hex::encode(settings_digest(&settings)?), note }
            }
            Form::VerifierSettings => {
                let copy = read_verifier_settings(path)?;
                let bytes = serde_json::to_vec(&copy).unwrap_or_default();
                let note = format!(
                    "of settings {}, for verifying key {}, of {} {}",
                    copy.settings_digest,
                    copy.vk_digest,
                    modelled(copy.param_visibility),
                    copy.model_digest
                );
                of_contents("verifier's copy of settings", b"provenn verifier", bytes, note)
            }
        })
    }
}

//! Digests of artefacts: what one person tells another, so that both know to hold the same.

use crate::workflow::{self, OnnxModel, hex};
use crate::{Error, settings_digest};
use provenn_kzg_srs::artefact::{self, Kind};
use provenn_kzg_srs::{Origin, VerifierSrs};
use provenn_proof::{ProofFile, ProvingKey, VerifyingKey, WitnessFile};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

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
    let named = |kind, digest: [u8; 32], note| Digest { kind, digest: hex(&digest), note };
    match artefact::kind_of(path) {
        Some(Kind::VerifyingKey) => {
            let key = VerifyingKey::read(path)?;
            let note = format!("srs {} (origin: {})", hex(&key.srs_digest()), key.origin());
            Ok(named("verifying key", key.digest(), Some(note)))
        }
        Some(Kind::ProvingKey) => {
            let key = ProvingKey::read(path)?;
            let note = format!("of circuit {}", hex(&key.circuit_digest()));
            Ok(named("verifying key in this proving key", key.verifying_key().digest(), Some(note)))
        }
        Some(Kind::Srs | Kind::VerifierSrs) => srs(path),
        Some(Kind::CompiledCircuit) => {
            let compiled = workflow::read_compiled(path)?;
            Ok(Digest { kind: "circuit", digest: workflow::digest(&compiled)?, note: None })
        }
        None => foreign(path),
    }
}

fn srs(path: &Path) -> Result<Digest, Error> {
    let srs = VerifierSrs::read(path)?;
    let note = match srs.origin() {
        Origin::Ceremony(ceremony) => format!("of the ceremony {}", ceremony.name),
        Origin::Unknown => "of unknown origin".into(),
    };
    Ok(Digest { kind: "srs", digest: hex(&srs.digest()), note: Some(note) })
}

/// What has no header of ours: JSON, a raw SRS, or a model.
fn foreign(path: &Path) -> Result<Digest, Error> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if extension == "json" {
        if let Ok(proof) = ProofFile::read(path) {
            let bytes = serde_json::to_vec(&proof).unwrap_or_default();
            let digest = hex(&artefact::digest(b"provenn proof   ", &bytes));
            let note = Some(format!("for verifying key {}", proof.vk_digest));
            return Ok(Digest { kind: "proof", digest, note });
        }
        if let Ok(witness) = WitnessFile::read(path) {
            let bytes = serde_json::to_vec(&witness).unwrap_or_default();
            let digest = hex(&artefact::digest(b"provenn witness ", &bytes));
            let note = Some(format!("of circuit {}", witness.compiled_digest));
            return Ok(Digest { kind: "witness", digest, note });
        }
        let settings = crate::run::read_settings(path)?;
        let note = Some(format!("of model {}", settings.model_digest));
        let digest = hex(&settings_digest(&settings)?);
        return Ok(Digest { kind: "settings", digest, note });
    }
    if extension != "onnx"
        && let Ok(digest) = srs(path)
    {
        return Ok(digest);
    }
    let model = OnnxModel::load(path, &BTreeMap::new())?;
    Ok(Digest { kind: "model", digest: model.digest().to_owned(), note: None })
}

//! `verify-claim`.

use crate::files::{Files, from_stdin};
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::claim::{Claim, check_model};
use provenn::{CommitmentFile, VerifierSrs, VerifyOptions, VerifyingKey, plural};
use std::path::PathBuf;

/// Verify every proof of a claim, and show how many labels of which data set are right.
#[derive(Args, Debug)]
pub(crate) struct VerifyClaim {
    /// The claim, made by `claim`.
    #[arg(long, value_name = "FILE", value_parser = from_stdin, default_value = "claim.json")]
    claim_path: PathBuf,
    /// The verifying key.
    #[arg(long, value_name = "FILE", default_value = "vk.key")]
    vk_path: PathBuf,
    /// The SRS of the key.
    #[arg(long, value_name = "FILE", default_value = "kzg.srs")]
    srs_path: PathBuf,
    /// The commitment to the weights, where the key is for committed ones.
    #[arg(long, value_name = "FILE")]
    commitment: Option<PathBuf>,
    /// You have checked the commitment with this digest before: no other is accepted, and it is not checked again.
    #[arg(long, value_name = "HEX", value_parser = super::verify::digest, requires = "commitment")]
    checked_commitment: Option<[u8; 32]>,
    /// The data set's digest, as its owner has published it (`hash --data-set`); another one is refused.
    #[arg(long, value_name = "DIGEST")]
    data_digest: Option<String>,
    /// The classifier, an ONNX file: that the key names the model that counts its right labels.
    #[arg(short = 'M', long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// The model's output that says the class, where there are several.
    #[arg(long, value_name = "NAME", requires = "model")]
    class_output: Option<String>,
    /// Accept the SRS with this digest, and no other.
    #[arg(long, value_name = "HEX", value_parser = super::verify::digest)]
    srs_digest: Option<[u8; 32]>,
    /// Accept an SRS of unknown origin, such as one drawn locally.
    #[arg(long)]
    allow_insecure_srs: bool,
}

impl VerifyClaim {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let options = VerifyOptions {
            allow_insecure_srs: self.allow_insecure_srs,
            trusted_srs: self.srs_digest,
            checked_commitment: self.checked_commitment,
        };
        Files::new().read("--claim-path", &self.claim_path).check()?;
        let key = VerifyingKey::read(&self.vk_path)?;
        if let Some(model) = &self.model {
            check_model(&key, model, self.class_output.as_deref())?;
        }
        let claim = Claim::read(&self.claim_path)?;
        let srs = VerifierSrs::read(&self.srs_path)?;
        let commitment = self.commitment.as_ref().map(|path| {
            Ok::<_, provenn::Error>(CommitmentFile::read(path)?.check(&key, &srs, options)?)
        });
        let commitment = commitment.transpose()?;
        let digest = self.data_digest.as_deref();
        let known = claim.verify(&key, &srs, commitment.as_ref(), options, digest)?;
        let (weights, architecture) = match &known.commitment_digest {
            None => (String::new(), ""),
            Some(of) => (format!("weights {of} (committed)\n"), "architecture alone; "),
        };
        let text = format!(
            "claim   {} of {} right\ndata    {}\nkey     {}\n{weights}model   {} ({architecture}counts right labels{})\nproofs  {}, of {} each\nverified",
            known.right,
            plural(known.labels, "label"),
            known.data_digest,
            known.vk_digest,
            known.model_digest,
            if self.model.is_some() {
                " of the model given"
            } else {
                ", as whoever made the key says"
            },
            known.proofs,
            plural(known.per_proof, "observation"),
        );
        let mut value = serde_json::to_value(&known)?;
        value["message"] = "verified".into();
        value["verified"] = true.into();
        output.data(&text, &value);
        Ok(())
    }
}

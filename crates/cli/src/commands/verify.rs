//! `verify`.

use crate::args::CommitmentArguments;
use crate::files::{Files, from_stdin};
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::VerifyOptions;
use provenn::run::verify_files;
use std::path::PathBuf;

/// Verify a proof, and show what it proves.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// The proof, made by `prove`.
    #[arg(long, value_name = "FILE", value_parser = from_stdin, default_value = "proof.json")]
    proof_path: PathBuf,
    /// Settings to compare with the key, which says all that a verifier needs.
    #[arg(short = 'S', long, value_name = "FILE", value_parser = from_stdin)]
    settings_path: Option<PathBuf>,
    /// The verifying key, made by `setup`.
    #[arg(long, value_name = "FILE", default_value = "vk.key")]
    vk_path: PathBuf,
    /// The SRS that `setup` used.
    #[arg(long, value_name = "FILE", default_value = "kzg.srs")]
    srs_path: PathBuf,
    #[command(flatten)]
    commitments: CommitmentArguments,
    /// You have checked the commitment with this digest before: no other is accepted, and it is not checked again.
    #[arg(long, value_name = "HEX", value_parser = digest, requires = "commitment")]
    checked_commitment: Option<[u8; 32]>,
    /// Accept the SRS with this digest, and no other.
    #[arg(long, value_name = "HEX", value_parser = digest)]
    srs_digest: Option<[u8; 32]>,
    /// Accept an SRS of unknown origin, such as one drawn locally.
    #[arg(long)]
    allow_insecure_srs: bool,
}

impl Verify {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let options = VerifyOptions {
            allow_insecure_srs: self.allow_insecure_srs,
            trusted_srs: self.srs_digest,
            checked_commitment: self.checked_commitment,
        };
        let Verify { proof_path, settings_path, vk_path, srs_path, .. } = &self;
        let files = Files::new().read("--proof-path", proof_path);
        let files =
            settings_path.iter().fold(files, |files, path| files.read("--settings-path", path));
        self.commitments.read(files).check()?;
        let (settings, commitments) = (settings_path.as_deref(), self.commitments.paths());
        let verified =
            verify_files(proof_path, settings, vk_path, srs_path, &commitments, options)?;
        let mut value = serde_json::to_value(&verified)?;
        value["message"] = "verified".into();
        value["verified"] = true.into();
        // No tensors is what a model cannot have: these are private.
        for (key, tensors) in [("inputs", &verified.inputs), ("outputs", &verified.outputs)] {
            if tensors.is_empty() {
                value[key] = serde_json::Value::Null;
            }
        }
        output.data(&verified.to_string(), &value);
        Ok(())
    }
}

pub(super) fn digest(text: &str) -> Result<[u8; 32], String> {
    let wrong =
        || format!("`{text}` is not 64 hex digits, as `provenn digest -q FILE` prints them");
    let text = text.strip_prefix("0x").unwrap_or(text);
    let byte = |i: usize| {
        let pair =
            text.get(2 * i..2 * i + 2).filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit()));
        pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
    let bytes = bytes.filter(|_| text.len() == 64).ok_or_else(wrong)?;
    bytes.try_into().map_err(|_| wrong())
}

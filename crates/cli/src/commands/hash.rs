//! `hash`.

use crate::args::data_source;
use crate::files::{Files, from_stdin};
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::claim::{DataSecret, committed_data_digest, data_digest};
use provenn::hashing::{NamedDigest, hash_data, hash_witness};
use provenn::{DataSource, Error, InputData, Srs, VerifyingKey, WitnessFile};
use serde_json::json;
use std::path::PathBuf;

/// Print the digests that proofs show of hashed tensors: of data, for which the verifying key is enough, or of a witness.
#[derive(Args, Debug)]
pub(crate) struct Hash {
    /// Observations whose inputs are hashed: a file, `-` for standard input, or JSON.
    #[arg(short = 'D', long, value_name = "DATA", value_parser = data_source, default_value = "input.json", conflicts_with = "witness")]
    data: DataSource,
    /// A witness in place of data, whose outputs have digests too.
    #[arg(short = 'W', long, value_name = "FILE", value_parser = from_stdin)]
    witness: Option<PathBuf>,
    /// One digest of a whole data set with labels, as claims are about it, under the key of a claim.
    #[arg(long, conflicts_with = "witness")]
    data_set: bool,
    /// What commitments to the data set are drawn from, where the key is for committed data: made by `claim`.
    #[arg(long, value_name = "FILE", requires = "data_set", requires = "srs_path")]
    data_secret: Option<PathBuf>,
    /// The SRS that the key was made with, for commitments.
    #[arg(long, value_name = "FILE", requires = "data_secret")]
    srs_path: Option<PathBuf>,
    /// The verifying key, made by `setup`: it says how tensors are rounded, and how many bits elements take.
    #[arg(long, value_name = "FILE", default_value = "vk.key")]
    vk_path: PathBuf,
}

impl Hash {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let mut files = Files::new().read("--vk-path", &self.vk_path);
        for (flag, path) in [("--data-secret", &self.data_secret), ("--srs-path", &self.srs_path)] {
            files = match path {
                Some(path) => files.read(flag, path),
                None => files,
            };
        }
        let data = self.data.name();
        let files = match (&self.witness, &self.data) {
            (Some(witness), _) => files.read("--witness", witness),
            (None, DataSource::File(_)) => files.read("--data", &data),
            (None, DataSource::Inline(_)) => files,
        };
        files.check()?;
        let key = VerifyingKey::read(&self.vk_path)?;
        if let Some(path) = &self.witness {
            let [inputs, outputs] = hash_witness(&key, &WitnessFile::read(path)?)?;
            show(output, "input", &inputs);
            show(output, "output", &outputs);
            return Ok(());
        }
        if self.data_set {
            let digest = self.digest_of_set(&key, &self.data.read()?);
            let digest = digest.map_err(|error| self.data.blame(error))?;
            let text = match output.quiet() {
                true => digest.clone(),
                false => format!("data    {digest}"),
            };
            output.data(&text, &json!({ "data_digest": digest }));
            return Ok(());
        }
        let observations = hash_data(&key, &self.data.read()?);
        for digests in observations.map_err(|error| self.data.blame(error))? {
            let clamped: usize = digests.iter().map(|digest| digest.clamped).sum();
            if clamped > 0 {
                output.warn(&format!(
                    "{} outside the ranges of the key, clamped as `gen-witness` does",
                    provenn::plural(clamped, "element")
                ));
            }
            show(output, "input", &digests);
        }
        Ok(())
    }

    fn digest_of_set(&self, key: &VerifyingKey, data: &InputData) -> Result<String, Error> {
        match (&self.data_secret, &self.srs_path) {
            (Some(secret), Some(srs)) => {
                let (secret, srs) = (DataSecret::read(secret)?, Srs::read(srs)?);
                committed_data_digest(key, data, &srs, &secret)
            }
            _ => data_digest(key, data),
        }
    }
}

fn show(output: &Output, what: &str, digests: &[NamedDigest]) {
    for of in digests {
        let text = match output.quiet() {
            true => of.digest.clone(),
            false => format!("{what:<8}{} {:?} digest {}", of.name, of.shape, of.digest),
        };
        output.data(&text, &json!({ what: of }));
    }
}

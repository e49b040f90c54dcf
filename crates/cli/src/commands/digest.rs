//! `digest`.

use crate::output::Output;
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// Print the digest by which others name a file: key, SRS, compiled circuit, proof, witness, settings or model.
#[derive(Args, Debug)]
pub(crate) struct Digest {
    /// The file; `-q` prints its digest alone.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Digest {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let digest = provenn::digest::digest_file(&self.file)?;
        let note = digest.note.as_ref().map(|note| format!("\n{note}")).unwrap_or_default();
        let text = match output.quiet() {
            true => digest.digest.clone(),
            false => format!("{}  {}{note}", digest.digest, digest.kind),
        };
        output.data(&text, &serde_json::to_value(&digest)?);
        Ok(())
    }
}

//! `export-verifier`.

use crate::output::Output;
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;

/// Write a folder for verifiers: the key, three points of the SRS, settings without the model's ranges.
#[derive(Args, Debug)]
pub(crate) struct ExportVerifier {
    #[arg(long, default_value = "vk.key")]
    vk_path: PathBuf,
    #[arg(long, default_value = "kzg.srs")]
    srs_path: PathBuf,
    /// Folder to write.
    #[arg(long, default_value = "verifier")]
    out: PathBuf,
}

impl ExportVerifier {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        provenn::export_verifier(&self.vk_path, &self.srs_path, &self.out)?;
        output.wrote(&self.out);
        Ok(())
    }
}

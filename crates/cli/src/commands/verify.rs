//! `verify`.

use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::VerifyOptions;
use provenn::run::verify_files;
use std::path::PathBuf;

/// Verify a proof.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    #[arg(long, default_value = "proof.json")]
    proof_path: PathBuf,
    #[arg(short = 'S', long, default_value = "settings.json")]
    settings_path: PathBuf,
    #[arg(long, default_value = "vk.key")]
    vk_path: PathBuf,
    #[arg(long, default_value = "kzg.srs")]
    srs_path: PathBuf,
    /// Accept a locally drawn SRS.
    #[arg(long)]
    allow_insecure_srs: bool,
}

impl Verify {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let options = VerifyOptions { allow_insecure_srs: self.allow_insecure_srs };
        let Verify { proof_path, settings_path, vk_path, srs_path, .. } = &self;
        verify_files(proof_path, settings_path, vk_path, srs_path, options)?;
        output.say("verified");
        Ok(())
    }
}

//! `verify`.

use crate::files::from_stdin;
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::VerifyOptions;
use provenn::run::verify_files;
use std::path::PathBuf;

/// Verify a proof.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// The proof, made by `prove`.
    #[arg(long, value_name = "FILE", value_parser = from_stdin, default_value = "proof.json")]
    proof_path: PathBuf,
    /// The settings that the circuit was compiled with.
    #[arg(short = 'S', long, value_name = "FILE", value_parser = from_stdin, default_value = "settings.json")]
    settings_path: PathBuf,
    /// The verifying key, made by `setup`.
    #[arg(long, value_name = "FILE", default_value = "vk.key")]
    vk_path: PathBuf,
    /// The SRS that `setup` used.
    #[arg(long, value_name = "FILE", default_value = "kzg.srs")]
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

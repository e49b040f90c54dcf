//! `setup`.

use crate::output::Output;
use anyhow::{Context, Result};
use clap::Args;
use provenn::Srs;
use std::path::PathBuf;

/// Make proving and verifying key.
#[derive(Args, Debug)]
pub(crate) struct Setup {
    #[arg(long, default_value = "model.compiled")]
    compiled_circuit: PathBuf,
    #[arg(long, default_value = "kzg.srs")]
    srs_path: PathBuf,
    #[arg(long, default_value = "vk.key")]
    vk_path: PathBuf,
    #[arg(long, default_value = "pk.key")]
    pk_path: PathBuf,
}

impl Setup {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let compiled = provenn::read_compiled(&self.compiled_circuit)?;
        let srs = Srs::read(&self.srs_path)?;
        let key =
            provenn::setup(&compiled, &srs).with_context(|| self.srs_path.display().to_string())?;
        key.write(&self.pk_path)?;
        key.verifying_key().write(&self.vk_path)?;
        output.wrote(&self.pk_path);
        output.wrote(&self.vk_path);
        Ok(())
    }
}

//! `gen-srs`.

use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::Srs;
use rand_core::OsRng;
use std::path::PathBuf;

/// Draw an SRS locally. Whoever draws it can forge proofs: for tests.
#[derive(Args, Debug)]
pub(crate) struct GenSrs {
    #[arg(long)]
    logrows: u32,
    #[arg(long, default_value = "kzg.srs")]
    srs_path: PathBuf,
}

impl GenSrs {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        Srs::draw_insecure(self.logrows, OsRng)?.write(&self.srs_path)?;
        output.warn(
            "whoever draws an srs can forge proofs; verify refuses it without --allow-insecure-srs",
        );
        output.wrote(&self.srs_path);
        Ok(())
    }
}

//! `gen-srs`.

use crate::args::logrows;
use crate::files::{Files, Holds};
use crate::output::Output;
use anyhow::{Result, bail};
use clap::Args;
use provenn::Srs;
use provenn::artefact::Kind;
use rand_core::OsRng;
use std::path::PathBuf;

/// Draw an SRS locally. Whoever draws it can forge proofs: for tests.
#[derive(Args, Debug)]
pub(crate) struct GenSrs {
    /// Serves circuits of 2^K rows.
    #[arg(short = 'K', long, value_name = "K", value_parser = logrows())]
    logrows: u32,
    /// Where the SRS goes.
    #[arg(long, value_name = "FILE", default_value = "kzg.srs")]
    srs_path: PathBuf,
    /// Replace an SRS that is there already; keys made with it are then useless.
    #[arg(long)]
    force: bool,
}

impl GenSrs {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let path = &self.srs_path;
        Files::new().write("--srs-path", path, Holds::Artefact(Kind::Srs)).check()?;
        if !self.force && Holds::at(path) == Some(Holds::Artefact(Kind::Srs)) {
            bail!(
                "{}: holds an srs already, and keys made with it work with no other; give another --srs-path, or replace it with --force",
                path.display()
            );
        }
        Srs::draw_insecure(self.logrows, OsRng)?.write(path)?;
        output.warn(
            "whoever draws an srs can forge proofs; verify refuses it without --allow-insecure-srs",
        );
        output.wrote(path);
        Ok(())
    }
}

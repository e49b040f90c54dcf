//! `inspect`.

use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::write_atomically;
use std::io::Write;
use std::path::PathBuf;

/// Show rows, columns and cells per node.
#[derive(Args, Debug)]
pub(crate) struct Inspect {
    #[arg(long, default_value = "model.compiled")]
    compiled_circuit: PathBuf,
    /// Draw the layout.
    #[arg(long)]
    svg: Option<PathBuf>,
}

impl Inspect {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let compiled = provenn::read_compiled(&self.compiled_circuit)?;
        if let Some(path) = &self.svg {
            write_atomically(path, |file| file.write_all(compiled.draw().as_bytes()))?;
            output.wrote(path);
        }
        let inspection = compiled.inspect();
        output.data(&inspection.to_string(), &serde_json::to_value(&inspection)?);
        Ok(())
    }
}

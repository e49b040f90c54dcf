//! `mock`.

use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::WitnessFile;
use std::path::PathBuf;

/// Check every constraint without proving.
#[derive(Args, Debug)]
pub(crate) struct Mock {
    #[arg(short = 'W', long, default_value = "witness.json")]
    witness: PathBuf,
    #[arg(long, default_value = "model.compiled")]
    compiled_circuit: PathBuf,
}

impl Mock {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let compiled = provenn::read_compiled(&self.compiled_circuit)?;
        provenn::mock(&compiled, &WitnessFile::read(&self.witness)?)?;
        output.say("every constraint holds");
        Ok(())
    }
}

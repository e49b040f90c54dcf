//! `gen-witness`.

use crate::output::Output;
use crate::warnings;
use anyhow::{Context, Result};
use clap::Args;
use provenn::InputData;
use std::path::PathBuf;

/// Run the quantised model on an input.
#[derive(Args, Debug)]
pub(crate) struct GenWitness {
    #[arg(short = 'D', long, default_value = "input.json")]
    data: PathBuf,
    #[arg(long, default_value = "model.compiled")]
    compiled_circuit: PathBuf,
    #[arg(short = 'O', long, default_value = "witness.json")]
    output: PathBuf,
}

impl GenWitness {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let compiled = provenn::read_compiled(&self.compiled_circuit)?;
        let observation = InputData::read(&self.data)?
            .first_observation(compiled.graph())
            .with_context(|| self.data.display().to_string())?;
        let inputs = provenn::quantise_inputs(&compiled, &observation)?;
        warnings::saturation(output, &provenn::saturation(&compiled, &observation)?);
        provenn::gen_witness(&compiled, &inputs.values)?.write(&self.output)?;
        output.wrote(&self.output);
        Ok(())
    }
}

//! `mock`.

use crate::args::CircuitArgument;
use crate::files::{Files, from_stdin};
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::WitnessFile;
use std::path::PathBuf;

/// Check every constraint without proving.
#[derive(Args, Debug)]
pub(crate) struct Mock {
    /// The witness, made by `gen-witness`.
    #[arg(short = 'W', long, value_name = "FILE", value_parser = from_stdin, default_value = "witness.json")]
    witness: PathBuf,
    #[command(flatten)]
    circuit: CircuitArgument,
}

impl Mock {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        Files::new()
            .read("--witness", &self.witness)
            .read("--compiled-circuit", &self.circuit.compiled_circuit)
            .check()?;
        let compiled = provenn::read_compiled(&self.circuit.compiled_circuit)?;
        let file = WitnessFile::read(&self.witness)?;
        provenn::mock(&compiled, &provenn::read_witness(&compiled, &file, None)?)?;
        output.say("every constraint holds");
        Ok(())
    }
}

//! `inspect`.

use crate::args::CircuitArgument;
use crate::files::{Files, Holds, to_stdout};
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::write_atomically;
use std::io::Write;
use std::path::PathBuf;

/// Show rows, columns and cells per node.
#[derive(Args, Debug)]
pub(crate) struct Inspect {
    #[command(flatten)]
    circuit: CircuitArgument,
    /// Also draw the layout.
    #[arg(long, value_name = "FILE", value_parser = to_stdout)]
    svg: Option<PathBuf>,
}

impl Inspect {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let mut output = *output;
        if let Some(path) = &self.svg {
            Files::new()
                .read("--compiled-circuit", &self.circuit.compiled_circuit)
                .write("--svg", path, Holds::Picture)
                .check()?;
            output = output.beside(&[path]);
        }
        let compiled = provenn::read_compiled(&self.circuit.compiled_circuit)?;
        if let Some(path) = &self.svg {
            write_atomically(path, |file| file.write_all(compiled.draw().as_bytes()))?;
            output.wrote(path);
        }
        let inspection = compiled.inspect();
        output.data(&inspection.to_string(), &serde_json::to_value(&inspection)?);
        Ok(())
    }
}

//! `gen-witness`.

use crate::args::{CircuitArgument, data_source};
use crate::files::{Files, Holds, to_stdout};
use crate::output::Output;
use crate::usage::UsageError;
use crate::warnings;
use anyhow::Result;
use clap::Args;
use provenn::{DataSource, plural};
use std::path::PathBuf;

/// Run the quantised model on an input.
#[derive(Args, Debug)]
pub(crate) struct GenWitness {
    /// The input: a file, `-` for standard input, or JSON.
    #[arg(short = 'D', long, value_name = "DATA", value_parser = data_source, default_value = "input.json")]
    data: DataSource,
    /// Which observation, where the data hold several; they are counted from 0.
    #[arg(long, value_name = "INDEX")]
    index: Option<usize>,
    #[command(flatten)]
    circuit: CircuitArgument,
    /// Where the witness goes; a new file is for its owner alone.
    #[arg(short = 'O', long, value_name = "FILE", value_parser = to_stdout, default_value = "witness.json")]
    output: PathBuf,
}

impl GenWitness {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let output = &output.beside(&[&self.output]);
        let data_path = self.data.name();
        let files = Files::new().read("--compiled-circuit", &self.circuit.compiled_circuit);
        let files = match &self.data {
            DataSource::File(_) => files.read("--data", &data_path),
            DataSource::Inline(_) => files,
        };
        files.write("--output", &self.output, Holds::Witness).check()?;
        let compiled = provenn::read_compiled(&self.circuit.compiled_circuit)?;
        let observations = self.data.read()?.observations_of(compiled.graph());
        let mut observations = observations.map_err(|error| self.data.blame(error))?;
        let (index, count) = (self.index.unwrap_or(0), observations.len());
        if index >= count {
            return Err(UsageError::new(format!(
                "{}: has {}, --index is {index}; the last is {}",
                data_path.display(),
                plural(count, "observation"),
                count.saturating_sub(1)
            ))
            .into());
        }
        if count > 1 && self.index.is_none() {
            output.warn(&format!(
                "{}: has {count} observations, the first is taken; choose with --index",
                data_path.display()
            ));
        }
        let observation = observations.swap_remove(index);
        let inputs = provenn::quantise_inputs(&compiled, &observation)?;
        let witness = provenn::gen_witness(&compiled, &inputs.values)?;
        warnings::saturation(output, &provenn::saturation(&compiled, &observation, &witness)?);
        provenn::witness_file(&compiled, &witness)?.write(&self.output)?;
        output.outputs(&provenn::witness_outputs(&compiled, &witness));
        output.wrote(&self.output);
        Ok(())
    }
}

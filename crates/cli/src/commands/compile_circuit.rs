//! `compile-circuit`.

use crate::args::ModelArgument;
use crate::files::{Files, Holds, from_stdin};
use crate::output::Output;
use crate::warnings;
use anyhow::{Context, Result};
use clap::Args;
use provenn::OnnxModel;
use provenn::artefact::Kind;
use provenn::run::read_settings;
use std::path::PathBuf;

/// Quantise, plan and lay out the circuit.
#[derive(Args, Debug)]
pub(crate) struct CompileCircuit {
    #[command(flatten)]
    model: ModelArgument,
    /// The settings, made by `gen-settings` and `calibrate-settings`.
    #[arg(short = 'S', long, value_name = "FILE", value_parser = from_stdin, default_value = "settings.json")]
    settings_path: PathBuf,
    /// Where the compiled circuit goes.
    #[arg(short = 'O', long, value_name = "FILE", default_value = "model.compiled")]
    compiled_circuit: PathBuf,
}

impl CompileCircuit {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        Files::new()
            .read("--model", &self.model.model)
            .read("--settings-path", &self.settings_path)
            .write(
                "--compiled-circuit",
                &self.compiled_circuit,
                Holds::Artefact(Kind::CompiledCircuit),
            )
            .check()?;
        let settings = read_settings(&self.settings_path)?;
        let model = OnnxModel::load_for(&self.model.model, &settings, &self.settings_path)?;
        let compiled = provenn::compile_circuit(&model, &settings)
            .with_context(|| self.settings_path.display().to_string())?;
        warnings::imprecision(output, &provenn::coarse_outputs(&model, &settings));
        provenn::write_compiled(&compiled, &self.compiled_circuit)?;
        output.say(&format!("{}: k = {}", self.compiled_circuit.display(), compiled.params().k));
        Ok(())
    }
}

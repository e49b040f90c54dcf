//! `compile-circuit`.

use crate::output::Output;
use crate::warnings;
use anyhow::{Context, Result};
use clap::Args;
use provenn::OnnxModel;
use provenn::run::read_settings;
use std::path::PathBuf;

/// Quantise, plan and lay out the circuit.
#[derive(Args, Debug)]
pub(crate) struct CompileCircuit {
    #[arg(short = 'M', long, default_value = "network.onnx")]
    model: PathBuf,
    #[arg(short = 'S', long, default_value = "settings.json")]
    settings_path: PathBuf,
    #[arg(long, default_value = "model.compiled")]
    compiled_circuit: PathBuf,
}

impl CompileCircuit {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let settings = read_settings(&self.settings_path)?;
        let model = OnnxModel::load(&self.model, &settings.run_args.variables)?;
        let compiled = provenn::compile_circuit(&model, &settings)
            .with_context(|| self.settings_path.display().to_string())?;
        warnings::imprecision(output, &provenn::coarse_outputs(&settings));
        provenn::write_compiled(&compiled, &self.compiled_circuit)?;
        output.say(&format!("{}: k = {}", self.compiled_circuit.display(), compiled.shape().k));
        Ok(())
    }
}

//! `gen-settings`.

use crate::args::RunArguments;
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::OnnxModel;
use provenn::run::write_settings;
use std::path::PathBuf;

/// Make settings from run arguments alone.
#[derive(Args, Debug)]
pub(crate) struct GenSettings {
    #[arg(short = 'M', long, default_value = "network.onnx")]
    model: PathBuf,
    #[arg(short = 'O', long, default_value = "settings.json")]
    settings_path: PathBuf,
    #[command(flatten)]
    run: RunArguments,
}

impl GenSettings {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let run_args = self.run.run_args();
        let model = OnnxModel::load(&self.model, &run_args.variables)?;
        write_settings(&provenn::gen_settings(&model, &run_args)?, &self.settings_path)?;
        output.wrote(&self.settings_path);
        Ok(())
    }
}

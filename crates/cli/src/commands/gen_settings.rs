//! `gen-settings`.

use crate::args::{ModelArgument, RunArguments, of_argument};
use crate::files::{Files, Holds, to_stdout};
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::run::write_settings;
use provenn::{OnnxModel, RunArgs};
use std::path::PathBuf;

/// Make settings from run arguments alone.
#[derive(Args, Debug)]
pub(crate) struct GenSettings {
    #[command(flatten)]
    model: ModelArgument,
    /// Where the settings go.
    #[arg(short = 'O', long, value_name = "FILE", value_parser = to_stdout, default_value = "settings.json")]
    settings_path: PathBuf,
    #[command(flatten)]
    run: RunArguments,
}

impl GenSettings {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        Files::new()
            .read("--model", &self.model.model)
            .write("--settings-path", &self.settings_path, Holds::Settings)
            .check()?;
        let run_args = self.run.run_args()?;
        let RunArgs { variables, fixed, .. } = &run_args;
        let model =
            OnnxModel::load_fixed(&self.model.model, variables, fixed).map_err(of_argument)?;
        output.notes(&model.notes());
        write_settings(&provenn::gen_settings(&model, &run_args)?, &self.settings_path)?;
        output.wrote(&self.settings_path);
        Ok(())
    }
}

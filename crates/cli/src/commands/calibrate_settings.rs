//! `calibrate-settings`: a progress display, the choice, and on demand the frontier.

use crate::args::{CalibrationArguments, ModelArgument, data_source};
use crate::blame::blamed;
use crate::files::{
    Files, Holds, from_stdin, is_pipe, is_stdin, is_stdout, same_file, stdout, to_stdout,
};
use crate::frontier;
use crate::model_name::model_name;
use crate::output::Output;
use crate::usage::UsageError;
use crate::warnings;
use anyhow::Result;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use provenn::calibration::{calibrate as calibrate_model, frontier as whole_frontier, pareto};
use provenn::run::{read_settings, write_settings};
use provenn::{DataSource, OnnxModel};
use serde_json::json;
use std::path::PathBuf;

/// Choose ranges from data.
#[derive(Args, Debug)]
pub(crate) struct CalibrateSettings {
    #[command(flatten)]
    model: ModelArgument,
    /// Observations like those to be proved: a file, `-` for standard input, or JSON.
    #[arg(short = 'D', long, value_name = "DATA", value_parser = data_source, default_value = "calibration.json")]
    data: DataSource,
    /// The settings [default: those of -O, or settings.json].
    #[arg(short = 'S', long, value_name = "FILE", value_parser = from_stdin)]
    settings_path: Option<PathBuf>,
    /// Where the changed settings go [default: where they were; from standard input, to standard output].
    #[arg(short = 'O', long, value_name = "FILE", value_parser = to_stdout)]
    output: Option<PathBuf>,
    #[command(flatten)]
    calibration: CalibrationArguments,
}

impl CalibrateSettings {
    /// Which settings are read, and where the changed ones go.
    fn places(&self) -> (PathBuf, PathBuf) {
        let (given, output) = (self.settings_path.as_ref(), self.output.as_ref());
        let read = given.or(output.filter(|path| !is_stdout(path))).cloned();
        let read = read.unwrap_or_else(|| "settings.json".into());
        let written = match output {
            Some(path) => path.clone(),
            None if is_stdin(&read) => stdout(),
            None => read.clone(),
        };
        (read, written)
    }

    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let (settings_path, changed_path) = &self.places();
        let output = &output.beside(&[changed_path]);
        let CalibrateSettings { model, data, calibration: arguments, .. } = &self;
        arguments.check()?;
        let (path, data_path) = (&model.model, data.name());
        let files = Files::new().read("--model", path);
        let files = match data {
            DataSource::File(_) => files.read("--data", &data_path),
            DataSource::Inline(_) => files,
        };
        let files = match same_file(settings_path, changed_path) {
            true => files,
            false => files.read("--settings-path", settings_path),
        };
        files.write("--output", changed_path, Holds::Settings).check()?;
        if settings_path == changed_path && is_pipe(settings_path) {
            return Err(UsageError::new(format!(
                "{}: is a pipe, from which the settings are read; say with -O where the changed ones go",
                settings_path.display()
            ))
            .into());
        }
        if let Some(folder) = &arguments.pareto {
            frontier::check(folder)?;
        }
        let mut settings = read_settings(settings_path)?;
        arguments.amend(&mut settings.run_args);
        let model = OnnxModel::load_for(path, &settings, settings_path)?;
        let observations = data.read()?;
        let bar = if output.progress() { ProgressBar::new(0) } else { ProgressBar::hidden() };
        bar.set_style(ProgressStyle::with_template(
            "{spinner} [{bar:24}] {pos}/{len} candidates {elapsed}",
        )?);
        let mut progress = |done: usize, total: usize| {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        };
        let found =
            calibrate_model(&model, &settings, &observations, &arguments.options(), &mut progress);
        bar.finish_and_clear();
        let found = found.map_err(|error| blamed(error, data, settings_path))?;
        warnings::imprecision(output, &found.imprecise);
        write_settings(&found.chosen.settings, changed_path)?;
        if let Some(folder) = &arguments.pareto {
            bar.reset();
            let options = arguments.options();
            let front =
                whole_frontier(&model, &found, &observations, &options, &mut |done, total| {
                    bar.set_length(total as u64);
                    bar.set_position(done as u64);
                });
            bar.finish_and_clear();
            frontier::write(&front?, folder, &model_name(path), output)?;
        }
        let chosen = pareto::point(&found.chosen);
        output.data(
            &format!(
                "{}: k = {}, error {:.3e} on the data, modelled {:.2} CPU s and {:.0} MiB per proof",
                changed_path.display(),
                chosen.k,
                chosen.error,
                chosen.prove_seconds,
                chosen.prove_bytes / f64::from(1 << 20),
            ),
            &json!({ "settings": changed_path, "chosen": chosen, "candidates": found.tried.len() }),
        );
        Ok(())
    }
}

//! `quantization-error`: a progress display, and the report for a terminal, a browser or a machine.

use crate::args::{ModelArgument, data_source};
use crate::blame::blamed;
use crate::files::{Files, Holds, from_stdin, to_stdout};
use crate::model_name::model_name;
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use provenn::run::read_settings;
use provenn::{
    DataProblem, DataSource, Error, InputData, OnnxModel, quantization_error, write_atomically,
};
use std::io::Write;
use std::path::PathBuf;

/// Compare the quantised model with the float model over many observations.
#[derive(Args, Debug)]
pub(crate) struct QuantizationError {
    #[command(flatten)]
    model: ModelArgument,
    /// The settings, made by `gen-settings` and `calibrate-settings`.
    #[arg(short = 'S', long, value_name = "FILE", value_parser = from_stdin, default_value = "settings.json")]
    settings_path: PathBuf,
    /// Observations: a .json, .jsonl, .npy or .npz file, `-` for standard input, or JSON.
    #[arg(short = 'D', long, value_name = "DATA", value_parser = data_source, default_value = "input.json")]
    data: DataSource,
    /// A label per observation (.npy or a JSON list), unless the data hold them.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Also write the report as a page with pictures.
    #[arg(long, value_name = "FILE", value_parser = to_stdout)]
    html: Option<PathBuf>,
}

impl QuantizationError {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let QuantizationError { model, settings_path, data, labels, html } = &self;
        let (model, data_path) = (&model.model, data.name());
        let mut output = *output;
        let mut files = Files::new().read("--model", model).read("--settings-path", settings_path);
        if let DataSource::File(_) = data {
            files = files.read("--data", &data_path);
        }
        if let Some(path) = html {
            files = files.write("--html", path, Holds::Picture);
            output = output.beside(&[path]);
        }
        files.check()?;
        let settings = read_settings(settings_path)?;
        let network = OnnxModel::load_for(model, &settings, settings_path)?;
        let mut observations = data.read()?;
        if let Some(labels) = labels {
            observations.labels = Some(InputData::read_labels(labels)?);
        }
        let bar = if output.progress() { ProgressBar::new(0) } else { ProgressBar::hidden() };
        bar.set_style(ProgressStyle::with_template(
            "{spinner} [{bar:24}] {pos}/{len} observations {elapsed}",
        )?);
        let found = quantization_error(&network, &settings, &observations, &mut |done, total| {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        });
        bar.finish_and_clear();
        let found = found.map_err(|error| match (&error, labels) {
            (Error::Labels { .. }, Some(path)) => {
                Error::Data { path: path.clone(), source: DataProblem::Misfit(Box::new(error)) }
            }
            _ => blamed(error, data, settings_path),
        })?;
        if let Some(path) = html {
            let page = found.html(&format!("Quantisation error of {}", model_name(model)));
            write_atomically(path, |file| file.write_all(page.as_bytes()))?;
            output.wrote(path);
        }
        output.data(found.to_string().trim_end(), &serde_json::to_value(&found)?);
        Ok(())
    }
}

//! `quantization-error`: a progress display, and the report for a terminal, a browser or a machine.

use crate::model_name::model_name;
use crate::output::Output;
use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use provenn::run::read_settings;
use provenn::{InputData, OnnxModel, quantization_error, write_atomically};
use std::io::Write;
use std::path::PathBuf;

/// Compare the quantised model with the float model over many observations.
#[derive(Args, Debug)]
pub(crate) struct QuantizationError {
    #[arg(short = 'M', long, default_value = "network.onnx")]
    model: PathBuf,
    #[arg(short = 'S', long, default_value = "settings.json")]
    settings_path: PathBuf,
    /// Observations: .json, .jsonl, .npy or .npz.
    #[arg(short = 'D', long, default_value = "input.json")]
    data: PathBuf,
    /// A label per observation (.npy or a JSON list), unless the data hold them.
    #[arg(long)]
    labels: Option<PathBuf>,
    /// Write the report as a page with pictures.
    #[arg(long)]
    html: Option<PathBuf>,
}

impl QuantizationError {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let QuantizationError { model, settings_path, data, labels, html } = &self;
        let settings = read_settings(settings_path)?;
        let network = OnnxModel::load(model, &settings.run_args.variables)?;
        let mut observations = InputData::read(data)?;
        if let Some(labels) = labels {
            observations.labels = Some(InputData::read_labels(labels)?);
        }
        let bar = if output.json() { ProgressBar::hidden() } else { ProgressBar::new(0) };
        bar.set_style(ProgressStyle::with_template(
            "{spinner} [{bar:24}] {pos}/{len} observations {elapsed}",
        )?);
        let found = quantization_error(&network, &settings, &observations, &mut |done, total| {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        });
        bar.finish_and_clear();
        let found = found.with_context(|| data.display().to_string())?;
        if let Some(path) = html {
            let page = found.html(&format!("Quantisation error of {}", model_name(model)));
            write_atomically(path, |file| file.write_all(page.as_bytes()))?;
            output.wrote(path);
        }
        output.data(found.to_string().trim_end(), &serde_json::to_value(&found)?);
        Ok(())
    }
}

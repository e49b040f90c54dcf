//! `quantization-error`: a progress display, and the report for a terminal, a browser or a machine.

use crate::commands::wrote;
use crate::output::Output;
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use provenn::run::read_settings;
use provenn::{InputData, OnnxModel, quantization_error, write_atomically};
use std::io::Write;
use std::path::Path;

pub(crate) fn report(
    [model, settings, data]: [&Path; 3],
    labels: Option<&Path>,
    html: Option<&Path>,
    output: &Output,
) -> Result<()> {
    let settings = read_settings(settings)?;
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
        let page = found.html(&format!("Quantisation error of {}", model.display()));
        write_atomically(path, |file| file.write_all(page.as_bytes()))?;
        wrote(output, path);
    }
    output.data(found.to_string().trim_end(), &serde_json::to_value(&found)?);
    Ok(())
}

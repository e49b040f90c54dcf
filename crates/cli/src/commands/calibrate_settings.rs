//! `calibrate-settings`: a progress display, the choice, and on demand the frontier.

use crate::args::{CalibrationArguments, ModelArgument, data_source};
use crate::files::{Files, Holds};
use crate::model_name::model_name;
use crate::output::Output;
use crate::warnings;
use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use provenn::calibration::{
    Frontier, calibrate as calibrate_model, frontier as whole_frontier, pareto,
};
use provenn::run::{read_settings, write_settings};
use provenn::{DataSource, OnnxModel, write_atomically};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Choose ranges from data.
#[derive(Args, Debug)]
pub(crate) struct CalibrateSettings {
    #[command(flatten)]
    model: ModelArgument,
    /// Observations like those to be proved: a file, `-` for standard input, or JSON.
    #[arg(short = 'D', long, value_name = "DATA", value_parser = data_source, default_value = "calibration.json")]
    data: DataSource,
    /// The settings, which are changed.
    #[arg(
        short = 'S',
        visible_short_alias = 'O',
        long,
        value_name = "FILE",
        default_value = "settings.json"
    )]
    settings_path: PathBuf,
    #[command(flatten)]
    calibration: CalibrationArguments,
}

impl CalibrateSettings {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let CalibrateSettings { model, data, settings_path, calibration: arguments } = &self;
        let (path, data_path) = (&model.model, data.name());
        let files = Files::new().read("--model", path);
        let files = match data {
            DataSource::File(_) => files.read("--data", &data_path),
            DataSource::Inline(_) => files,
        };
        files.write("--settings-path", settings_path, Holds::Settings).check()?;
        let mut settings = read_settings(settings_path)?;
        arguments.amend(&mut settings.run_args);
        let model = OnnxModel::load(path, &settings.run_args.variables)?;
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
        let found = found.with_context(|| data_path.display().to_string())?;
        warnings::imprecision(output, &found.imprecise);
        write_settings(&found.chosen.settings, settings_path)?;
        if let Some(folder) = &arguments.pareto {
            bar.reset();
            let options = arguments.options();
            let front =
                whole_frontier(&model, &found, &observations, &options, &mut |done, total| {
                    bar.set_length(total as u64);
                    bar.set_position(done as u64);
                });
            bar.finish_and_clear();
            write_frontier(&front?, folder, &model_name(path), output)?;
        }
        let chosen = pareto::point(&found.chosen);
        output.data(
            &format!(
                "{}: k = {}, error {:.3e} on the data, modelled {:.2} CPU s and {:.0} MiB per proof",
                settings_path.display(),
                chosen.k,
                chosen.error,
                chosen.prove_seconds,
                chosen.prove_bytes / f64::from(1 << 20),
            ),
            &json!({ "settings": settings_path, "chosen": chosen, "candidates": found.tried.len() }),
        );
        Ok(())
    }
}

/// Writes settings per point, `pareto.json` and `pareto.svg`, and prints the table.
fn write_frontier(front: &Frontier, folder: &Path, model: &str, output: &Output) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let points = front.points.iter().map(pareto::point).collect::<Vec<_>>();
    for (i, candidate) in front.points.iter().enumerate() {
        write_settings(&candidate.settings, &folder.join(format!("settings_{i}.json")))?;
    }
    let svg = pareto::draw(front, model);
    write_atomically(&folder.join("pareto.svg"), |file| file.write_all(svg.as_bytes()))?;
    let json = serde_json::to_string_pretty(&points)?;
    write_atomically(&folder.join("pareto.json"), |file| file.write_all(json.as_bytes()))?;
    let value = json!({
        "frontier": points, "chosen": front.chosen, "observations": front.observations,
    });
    output.data(&pareto::table(front), &value);
    output.wrote(folder);
    Ok(())
}

//! `run`: progress while it works, a table when it is done.

use crate::args::{ProveArguments, RunArguments, TargetArgument};
use crate::output::Output;
use crate::warnings;
use anyhow::Result;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use provenn::run::{Observer, Report, RunOptions, run as run_stages};
use rand_core::OsRng;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

struct Progress {
    bar: ProgressBar,
    output: Output,
}

impl Observer for Progress {
    fn begin(&mut self, stage: &'static str) {
        self.bar.set_message(stage);
        if self.output.json() {
            self.output.say(&format!("{stage} begins"));
        }
    }
    fn end(&mut self, stage: &'static str, seconds: f64) {
        self.bar.inc(1);
        if self.output.json() {
            self.output.say(&format!("{stage} took {seconds:.3} s"));
        }
    }
}

/// Every step at once, with a test SRS.
#[derive(Args, Debug)]
pub(crate) struct Run {
    #[arg(short = 'M', long, default_value = "network.onnx")]
    model: PathBuf,
    #[arg(short = 'D', long, default_value = "input.json")]
    data: PathBuf,
    /// Observations to calibrate on (the input itself if absent).
    #[arg(long)]
    calibration: Option<PathBuf>,
    /// Folder for the artefacts.
    #[arg(long, default_value = "out")]
    out: PathBuf,
    /// Write a report as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "resources")]
    target: TargetArgument,
    #[command(flatten)]
    prove: ProveArguments,
    #[command(flatten)]
    run: RunArguments,
}

impl Run {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let options = RunOptions {
            model: self.model,
            data: self.data,
            calibration: self.calibration,
            out: self.out,
            run_args: self.run.run_args(),
            target: self.target.into(),
            prove: self.prove.options(),
        };
        let bar = if output.json() {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(provenn::run::STAGES.len() as u64)
        };
        bar.set_style(ProgressStyle::with_template(
            "{spinner} [{bar:24}] {pos}/{len} {msg} {elapsed}",
        )?);
        bar.enable_steady_tick(Duration::from_millis(120));
        let mut progress = Progress { bar: bar.clone(), output: *output };
        let result = run_stages(&options, &mut progress, OsRng);
        bar.finish_and_clear();
        let result = result?;
        warnings::imprecision(output, &result.imprecise);
        warnings::saturation(output, &result.saturation);
        warnings::blinding(output, result.quotient_blinded);
        if let Some(path) = &self.report {
            let text = serde_json::to_string_pretty(&result)?;
            provenn::write_atomically(path, |file| {
                std::io::Write::write_all(file, text.as_bytes())
            })?;
        }
        output.data(&table(&result)?, &serde_json::to_value(&result)?);
        Ok(())
    }
}

/// Artefacts by the stage that writes them.
const WRITTEN: [(&str, &[&str]); 6] = [
    ("calibrate", &["settings.json"]),
    ("compile", &["model.compiled"]),
    ("srs", &["kzg.srs"]),
    ("setup", &["pk.key", "vk.key"]),
    ("witness", &["witness.json"]),
    ("prove", &["proof.json"]),
];

fn table(report: &Report) -> Result<String> {
    let mut text =
        format!("{:<12}{:>10}{:>10}{:>14}  written\n", "stage", "seconds", "cpu s", "bytes");
    for stage in provenn::run::STAGES {
        let (Some(wall), Some(cpu)) = (report.seconds.get(stage), report.cpu_seconds.get(stage))
        else {
            continue;
        };
        write!(text, "{stage:<12}{wall:>10.3}{cpu:>10.2}")?;
        if let Some((_, files)) = WRITTEN.iter().find(|(name, _)| *name == stage) {
            let bytes: u64 = files.iter().filter_map(|file| report.bytes.get(file)).sum();
            write!(text, "{bytes:>14}  {}", files.join(", "))?;
        }
        writeln!(text)?;
    }
    let [wall, cpu] =
        [&report.seconds, &report.cpu_seconds].map(|seconds| seconds.values().sum::<f64>());
    let bytes: u64 = report.bytes.values().sum();
    writeln!(text, "{:<12}{wall:>10.3}{cpu:>10.2}{bytes:>14}", "total")?;
    writeln!(
        text,
        "\nk = {}, {} advice and {} fixed columns, peak memory {} MiB",
        report.k,
        report.advice_columns,
        report.fixed_columns,
        report.peak_rss_bytes >> 20
    )?;
    for (quantised, float) in report.outputs.iter().zip(&report.float_outputs) {
        writeln!(text, "output  {}", shown(quantised))?;
        writeln!(text, "float   {}", shown(float))?;
    }
    writeln!(text, "error   max {:.3e}, mean {:.3e}", report.max_abs_error, report.mean_abs_error)?;
    if let Some(all) = &report.quantization_error {
        writeln!(text, "\n{all}")?;
    }
    write!(text, "{}", if report.verified { "verified" } else { "not verified" })?;
    Ok(text)
}

fn shown(values: &[f64]) -> String {
    const MOST: usize = 12;
    let mut text =
        values.iter().take(MOST).map(|v| format!("{v:.5}")).collect::<Vec<_>>().join(" ");
    if values.len() > MOST {
        text.push_str(" …");
    }
    text
}

//! `run`: progress while it works, a table when it is done.

use crate::args::{
    ModelArgument, ProveArguments, RunArguments, TargetArgument, data_source, of_argument,
};
use crate::files::{Files, Holds, to_stdout};
use crate::output::Output;
use crate::usage::UsageError;
use crate::warnings;
use anyhow::{Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use provenn::artefact::Kind;
use provenn::run::{
    OF_INPUTS, OF_OUTPUTS, OF_WEIGHTS, Observer, Report, RunOptions, artefacts, commitment_paths,
    commits, run as run_stages,
};
use provenn::{DataSource, Mark, VerifierSrs};
use rand_core::OsRng;
use std::fmt::Write;
use std::path::{Path, PathBuf};
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
    fn progress(&mut self, stage: &'static str, done: usize, total: usize) {
        self.bar.set_message(format!("{stage}, {done} of {total} steps"));
    }
}

/// Every step at once, with a test SRS.
#[derive(Args, Debug)]
pub(crate) struct Run {
    #[command(flatten)]
    model: ModelArgument,
    /// The input to prove: a file, `-` for standard input, or JSON. Of several observations, the first.
    #[arg(short = 'D', long, value_name = "DATA", value_parser = data_source, default_value = "input.json")]
    data: DataSource,
    /// Observations to calibrate on; the input itself if absent.
    #[arg(long, value_name = "DATA", value_parser = data_source)]
    calibration: Option<DataSource>,
    /// Folder for the files that the steps make. They are put there when all are complete.
    #[arg(long, value_name = "FOLDER", default_value = "out")]
    out: PathBuf,
    /// Also write a folder for verifiers, as `export-verifier` does.
    #[arg(long, value_name = "FOLDER")]
    verifier: Option<PathBuf>,
    /// Also write a report as JSON.
    #[arg(long, value_name = "FILE", value_parser = to_stdout)]
    report: Option<PathBuf>,
    /// What calibration aims at.
    #[arg(long, value_enum, value_name = "AIM", default_value = "resources")]
    target: TargetArgument,
    #[command(flatten)]
    prove: ProveArguments,
    #[command(flatten)]
    run: RunArguments,
}

impl Run {
    /// That nothing of the user's is replaced.
    fn check(&self) -> Result<()> {
        if self.out == Path::new("-") {
            let text = "--out is a folder, not standard output; name a folder".into();
            return Err(UsageError::new(text).into());
        }
        let sources: Vec<_> =
            [("--data", Some(&self.data)), ("--calibration", self.calibration.as_ref())]
                .into_iter()
                .filter_map(|(flag, source)| match source? {
                    DataSource::File(path) => Some((flag, path)),
                    DataSource::Inline(_) => None,
                })
                .collect();
        let names = artefacts(&self.run.run_args()?);
        let outputs: Vec<_> = names.iter().map(|name| self.out.join(name)).collect();
        if self.verifier.as_ref().is_some_and(|folder| same_folder(folder, &self.out)) {
            let text = "--verifier and --out name one folder; give each its own".into();
            return Err(UsageError::new(text).into());
        }
        if let Some(folder) = &self.verifier {
            super::export_verifier::check("--verifier", folder, Files::new())?;
        }
        let mut files = Files::new().read("--model", &self.model.model);
        for (flag, path) in sources {
            files = files.read(flag, path);
        }
        for (path, name) in outputs.iter().zip(names) {
            files = files.write("--out", path, holds(name));
        }
        if let Some(path) = &self.report {
            files = files.write("--report", path, Holds::Report);
        }
        files.check()?;
        let srs = self.out.join("kzg.srs");
        if Holds::at(&srs).is_some()
            && VerifierSrs::read(&srs).is_ok_and(|s| s.mark() != Mark::Drawn)
        {
            bail!(
                "{}: holds an srs that was not drawn locally, which the test srs of this command would replace; choose another folder with --out",
                srs.display()
            );
        }
        Ok(())
    }

    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        self.check()?;
        let beside: Vec<&Path> = self.report.iter().map(PathBuf::as_path).collect();
        let output = &output.beside(&beside);
        let options = RunOptions {
            model: self.model.model,
            data: self.data,
            calibration: self.calibration,
            out: self.out,
            run_args: self.run.run_args()?,
            target: self.target.into(),
            prove: self.prove.options()?,
        };
        let bar = if output.progress() {
            let without = usize::from(!commits(&options.run_args));
            ProgressBar::new((provenn::run::STAGES.len() - without) as u64)
        } else {
            ProgressBar::hidden()
        };
        bar.set_style(ProgressStyle::with_template(
            "{spinner} [{bar:24}] {pos}/{len} {msg} {elapsed}",
        )?);
        bar.enable_steady_tick(Duration::from_millis(120));
        let mut progress = Progress { bar: bar.clone(), output: *output };
        let result = run_stages(&options, &mut progress, OsRng);
        bar.finish_and_clear();
        let result = result.map_err(of_argument)?;
        output.notes(&result.notes);
        warnings::imprecision(output, &result.imprecise);
        warnings::saturation(output, &result.saturation);
        warnings::blinding(output, options.prove.prover, result.quotient_blinded);
        if let Some(folder) = &self.verifier {
            let [key, srs] = ["vk.key", "kzg.srs"].map(|name| options.out.join(name));
            let commitments = commitment_paths(&options.run_args, &options.out);
            provenn::export_verifier(&key, &srs, &commitments, folder)?;
        }
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

fn same_folder(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    one.components().eq(other.components()) || real(one).is_some_and(|one| real(other) == Some(one))
}

/// What a run writes under a name.
pub(super) fn holds(name: &str) -> Holds {
    match name {
        "settings.json" => Holds::Settings,
        "witness.json" => Holds::Witness,
        "proof.json" => Holds::Proof,
        "model.compiled" => Holds::Artefact(Kind::CompiledCircuit),
        "kzg.srs" => Holds::Artefact(Kind::Srs),
        "vk.key" => Holds::Artefact(Kind::VerifyingKey),
        "commitment.pf" => Holds::Artefact(Kind::Commitment),
        "opening.secret" => Holds::Artefact(Kind::Opening),
        "inputs.pf" | "outputs.pf" => Holds::Artefact(Kind::TensorCommitment),
        "inputs.secret" | "outputs.secret" => Holds::Artefact(Kind::TensorOpening),
        _ => Holds::Artefact(Kind::ProvingKey),
    }
}

/// Artefacts by the stage that writes them, as far as a run has them.
const WRITTEN: [(&str, &[&str]); 7] = [
    ("calibrate", &["settings.json"]),
    ("compile", &["model.compiled"]),
    ("srs", &["kzg.srs"]),
    ("setup", &["pk.key", "vk.key"]),
    ("witness", &["witness.json"]),
    ("commit", [OF_WEIGHTS, OF_INPUTS, OF_OUTPUTS].as_flattened()),
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
            let files: Vec<&str> =
                files.iter().copied().filter(|file| report.bytes.contains_key(file)).collect();
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

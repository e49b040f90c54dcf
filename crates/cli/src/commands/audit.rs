//! `audit`.

use crate::files::{Files, Holds, to_stdout};
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::audit::{Subject, audit_files};
use provenn::write_atomically;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Report what a proof of a circuit says, who learns what, every proven interval, and what it was made from.
#[derive(Args, Debug)]
pub(crate) struct Audit {
    /// The compiled circuit, made by `compile-circuit` [default: model.compiled, unless a key is given].
    #[arg(short = 'M', long, visible_alias = "model", value_name = "FILE")]
    compiled_circuit: Option<PathBuf>,
    /// The verifying key, made by `setup`; without a circuit, the report says what the key alone tells.
    #[arg(long, value_name = "FILE")]
    vk_path: Option<PathBuf>,
    /// The SRS, to say where it comes from.
    #[arg(long, value_name = "FILE")]
    srs_path: Option<PathBuf>,
    /// The settings, to say what they chose.
    #[arg(short = 'S', long, value_name = "FILE")]
    settings_path: Option<PathBuf>,
    /// Where the report goes as a page.
    #[arg(long, value_name = "FILE", value_parser = to_stdout, default_value = "audit.html")]
    html: PathBuf,
    /// Where it goes as JSON.
    #[arg(long, value_name = "FILE", value_parser = to_stdout, default_value = "audit.json")]
    report: PathBuf,
}

impl Audit {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let Audit { compiled_circuit, vk_path, srs_path, settings_path, html, report } = &self;
        let reads = [
            ("--compiled-circuit", compiled_circuit),
            ("--vk-path", vk_path),
            ("--srs-path", srs_path),
            ("--settings-path", settings_path),
        ];
        let reads = reads.into_iter().filter_map(|(flag, path)| Some((flag, path.as_deref()?)));
        reads
            .fold(Files::new(), |files, (flag, path)| files.read(flag, path))
            .write("--html", html, Holds::Picture)
            .write("--report", report, Holds::Audit)
            .check()?;
        let output = output.beside(&[html, report]);
        let key = vk_path.as_deref();
        let subject = match (compiled_circuit.as_deref(), key) {
            (Some(circuit), key) => Subject::Circuit { circuit, key },
            (None, Some(key)) => Subject::Key(key),
            (None, None) => Subject::Circuit { circuit: Path::new("model.compiled"), key },
        };
        let audit = audit_files(subject, srs_path.as_deref(), settings_path.as_deref())?;
        let json = audit.json()?;
        write_atomically(html, |file| file.write_all(audit.html().as_bytes()))?;
        output.wrote(html);
        write_atomically(report, |file| file.write_all(json.as_bytes()))?;
        output.wrote(report);
        output.data(&audit.to_string(), &serde_json::to_value(&audit)?);
        Ok(())
    }
}

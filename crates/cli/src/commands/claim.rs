//! `claim`.

use crate::args::{ModelArgument, RunArguments, data_source};
use crate::files::{Files, Holds};
use crate::output::Output;
use crate::usage::UsageError;
use anyhow::Result;
use clap::Args;
use provenn::artefact::Kind;
use provenn::claim::{ClaimOptions, DATA_SECRET, artefacts, claim};
use provenn::{DataSource, plural};
use rand_core::OsRng;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Prove how many labels of a data set a classifier gives: every step at once, some observations to a proof.
#[derive(Args, Debug)]
pub(crate) struct Claim {
    #[command(flatten)]
    model: ModelArgument,
    /// The model's output that says the class, or has a score for each; needed where there are several.
    #[arg(long, value_name = "NAME")]
    class_output: Option<String>,
    /// Observations with labels: a file, `-` for standard input, or JSON.
    #[arg(short = 'D', long, value_name = "DATA", value_parser = data_source, default_value = "input.json")]
    data: DataSource,
    /// The SRS, from `get-srs`, of as many rows as the circuit has or more; one for tests is drawn if it is absent.
    #[arg(long, value_name = "FILE")]
    srs_path: Option<PathBuf>,
    /// What commitments to the data are drawn from, `data.secret` of an earlier claim: equal data then have the digest that they had
    /// there. A new secret is drawn if it is absent and the data are committed.
    #[arg(long, value_name = "FILE")]
    data_secret: Option<PathBuf>,
    /// Folder for the claim and all that it takes. Files are put there when all are complete.
    #[arg(long, value_name = "FOLDER", default_value = "claim")]
    out: PathBuf,
    #[command(flatten)]
    run: RunArguments,
}

impl Claim {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        if self.out == Path::new("-") {
            let text = "--out is a folder, not standard output; name a folder".into();
            return Err(UsageError::new(text).into());
        }
        let mut files = Files::new().read("--model", &self.model.model);
        let data = self.data.name();
        if let DataSource::File(_) = &self.data {
            files = files.read("--data", &data);
        }
        if let Some(path) = &self.srs_path {
            files = files.read("--srs-path", path);
        }
        if let Some(path) = &self.data_secret {
            files = files.read("--data-secret", path);
        }
        let options = ClaimOptions {
            model: self.model.model.clone(),
            output: self.class_output.clone(),
            data: self.data.clone(),
            srs: self.srs_path.clone(),
            out: self.out.clone(),
            run_args: self.run.run_args()?,
            data_secret: self.data_secret.clone(),
        };
        let names = artefacts(&options).into_iter();
        let places: Vec<_> = names.map(|name| (name, self.out.join(name))).collect();
        for (name, path) in &places {
            files = files.write("--out", path, holds(name));
        }
        files.check()?;
        let made = claim(&options, OsRng, &mut |done, total| {
            output.detail(&format!("{done} of {}", plural(total, "proof")));
        })?;
        output.wrote(&self.out);
        let text = format!(
            "claim   {} of {} right, by {}\ndata    {}",
            made.right,
            plural(made.labels, "label"),
            plural(made.proofs.len(), "proof"),
            made.data_digest
        );
        let (right, labels, digest) = (made.right, made.labels, made.data_digest);
        let proofs = made.proofs.len();
        output.data(
            &text,
            &json!({ "right": right, "labels": labels, "proofs": proofs, "data_digest": digest }),
        );
        Ok(())
    }
}

fn holds(name: &str) -> Holds {
    match name {
        "claim.onnx" => Holds::Model,
        "claim.json" => Holds::Claim,
        DATA_SECRET => Holds::Artefact(Kind::DataSecret),
        of_a_run => super::run::holds(of_a_run),
    }
}

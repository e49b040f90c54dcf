//! `export-verifier`.

use crate::args::CommitmentArguments;
use crate::files::{Files, Holds};
use crate::output::Output;
use anyhow::{Result, bail};
use clap::Args;
use provenn::artefact::Kind;
use std::path::{Path, PathBuf};

/// Write a folder for verifiers: the key, three points of the SRS, settings without the model's ranges, commitments.
#[derive(Args, Debug)]
pub(crate) struct ExportVerifier {
    /// The verifying key, made by `setup`.
    #[arg(long, value_name = "FILE", default_value = "vk.key")]
    vk_path: PathBuf,
    /// The SRS that `setup` used.
    #[arg(long, value_name = "FILE", default_value = "kzg.srs")]
    srs_path: PathBuf,
    #[command(flatten)]
    commitments: CommitmentArguments,
    /// Folder to write.
    #[arg(long, value_name = "FOLDER", default_value = "verifier")]
    out: PathBuf,
}

impl ExportVerifier {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let files =
            Files::new().read("--vk-path", &self.vk_path).read("--srs-path", &self.srs_path);
        check("--out", &self.out, self.commitments.read(files))?;
        let commitments = self.commitments.paths();
        provenn::export_verifier(&self.vk_path, &self.srs_path, &commitments, &self.out)?;
        output.wrote(&self.out);
        Ok(())
    }
}

/// That the folder holds no other file under the names of what is written. Settings of a prover cannot be made again
/// without the data: what is not recognised is kept too.
pub(crate) fn check(flag: &'static str, folder: &Path, files: Files<'_>) -> Result<()> {
    let written = [
        ("vk.key", Holds::Artefact(Kind::VerifyingKey)),
        ("kzg.srs", Holds::Artefact(Kind::VerifierSrs)),
        ("settings.json", Holds::VerifierSettings),
        ("commitment.pf", Holds::Artefact(Kind::Commitment)),
        ("inputs.pf", Holds::Artefact(Kind::TensorCommitment)),
        ("outputs.pf", Holds::Artefact(Kind::TensorCommitment)),
    ]
    .map(|(name, holds)| (folder.join(name), holds));
    let all = written.iter().fold(files, |files, (path, holds)| files.write(flag, path, *holds));
    all.check()?;
    for (path, holds) in &written {
        if path.exists() && Holds::at(path).is_none() {
            bail!(
                "{}: holds something else, which {holds} would replace; choose another folder with {flag}, or remove the file",
                path.display()
            );
        }
    }
    Ok(())
}

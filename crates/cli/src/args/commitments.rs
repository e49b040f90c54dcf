//! Commitments that a verifier is handed.

use crate::files::Files;
use clap::Args;
use provenn::CommitmentPaths;
use std::path::PathBuf;

/// Files that `commit` made.
#[derive(Args, Debug)]
pub(crate) struct CommitmentArguments {
    /// The commitment to the weights, made by `commit`, where the key is for committed ones.
    #[arg(long, value_name = "FILE")]
    commitment: Option<PathBuf>,
    /// The commitment to the inputs, where the key is for committed ones.
    #[arg(long, value_name = "FILE")]
    inputs_commitment: Option<PathBuf>,
    /// The commitment to the outputs, where the key is for committed ones.
    #[arg(long, value_name = "FILE")]
    outputs_commitment: Option<PathBuf>,
}

impl CommitmentArguments {
    pub(crate) fn paths(&self) -> CommitmentPaths {
        CommitmentPaths {
            weights: self.commitment.clone(),
            inputs: self.inputs_commitment.clone(),
            outputs: self.outputs_commitment.clone(),
        }
    }

    /// They are read, beside other files.
    pub(crate) fn read<'a>(&'a self, files: Files<'a>) -> Files<'a> {
        let named = [
            ("--commitment", &self.commitment),
            ("--inputs-commitment", &self.inputs_commitment),
            ("--outputs-commitment", &self.outputs_commitment),
        ];
        let given = named.into_iter().filter_map(|(flag, path)| Some((flag, path.as_ref()?)));
        given.fold(files, |files, (flag, path)| files.read(flag, path))
    }
}

//! `commit`.

use crate::args::CircuitArgument;
use crate::files::{Files, Holds, from_stdin};
use crate::output::Output;
use crate::usage::UsageError;
use anyhow::Result;
use clap::{Args, ValueEnum};
use provenn::artefact::Kind;
use provenn::run::{OF_INPUTS, OF_OUTPUTS, OF_WEIGHTS};
use provenn::{ProvingKey, Srs, WitnessFile};
use rand_core::OsRng;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Of {
    /// Of a circuit, with a proof that they are in range: for one key.
    Weights,
    /// Of a witness: for all circuits of as many rows as the SRS has.
    Inputs,
    /// Of a witness: for all circuits of as many rows as the SRS has.
    Outputs,
}

/// Commit to the weights of a circuit, or to a witness' inputs or outputs, once for any number of proofs.
#[derive(Args, Debug)]
pub(crate) struct Commit {
    /// What to commit to.
    #[arg(long, value_enum, value_name = "WHAT", default_value = "weights")]
    of: Of,
    /// The witness whose inputs or outputs these are, made by `gen-witness`.
    #[arg(short = 'W', long, value_name = "FILE", value_parser = from_stdin, default_value = "witness.json")]
    witness: PathBuf,
    #[command(flatten)]
    circuit: CircuitArgument,
    /// The proving key of the weights' architecture, made by `setup`.
    #[arg(long, value_name = "FILE", default_value = "pk.key")]
    pk_path: PathBuf,
    /// The SRS that `setup` used.
    #[arg(long, value_name = "FILE", default_value = "kzg.srs")]
    srs_path: PathBuf,
    /// Where the commitment goes, which verifiers need [default: commitment.pf, inputs.pf or outputs.pf].
    #[arg(long, value_name = "FILE")]
    commitment_path: Option<PathBuf>,
    /// Where the opening goes, which proofs take: a secret, a new file is for its owner alone [default: opening.secret,
    /// inputs.secret or outputs.secret].
    #[arg(long, value_name = "FILE")]
    opening_path: Option<PathBuf>,
    /// Replace an opening that is there: no more proofs can then be made for its commitment.
    #[arg(long)]
    force: bool,
}

impl Commit {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let ([opening_name, commitment_name], [opening_kind, commitment_kind]) = match self.of {
            Of::Weights => (OF_WEIGHTS, [Kind::Opening, Kind::Commitment]),
            Of::Inputs => (OF_INPUTS, [Kind::TensorOpening, Kind::TensorCommitment]),
            Of::Outputs => (OF_OUTPUTS, [Kind::TensorOpening, Kind::TensorCommitment]),
        };
        let opening_path = self.opening_path.clone().unwrap_or_else(|| opening_name.into());
        let commitment_path =
            self.commitment_path.clone().unwrap_or_else(|| commitment_name.into());
        let files = Files::new()
            .read("--srs-path", &self.srs_path)
            .write("--commitment-path", &commitment_path, Holds::Artefact(commitment_kind))
            .write("--opening-path", &opening_path, Holds::Artefact(opening_kind));
        let files = match self.of {
            Of::Weights => files
                .read("--compiled-circuit", &self.circuit.compiled_circuit)
                .read("--pk-path", &self.pk_path),
            Of::Inputs | Of::Outputs => files.read("--witness", &self.witness),
        };
        files.check()?;
        if !self.force && opening_path.exists() {
            let path = opening_path.display();
            let text = format!(
                "{path} is there already, and without it nothing can be proved for its commitment; choose another --opening-path, or pass --force"
            );
            return Err(UsageError::new(text).into());
        }
        // A commitment without its opening serves nobody: that is written first.
        match self.of {
            Of::Weights => self.weights(&opening_path, &commitment_path)?,
            Of::Inputs | Of::Outputs => self.tensors(&opening_path, &commitment_path)?,
        }
        output.wrote(&opening_path);
        output.wrote(&commitment_path);
        Ok(())
    }

    fn weights(&self, opening_path: &Path, commitment_path: &Path) -> Result<()> {
        let compiled = provenn::read_compiled(&self.circuit.compiled_circuit)?;
        let (key, srs) = (ProvingKey::read(&self.pk_path)?, Srs::read(&self.srs_path)?);
        let (commitment, opening) = provenn::commit(&compiled, &key, &srs, OsRng)?;
        opening.write(opening_path)?;
        Ok(commitment.write(commitment_path)?)
    }

    fn tensors(&self, opening_path: &Path, commitment_path: &Path) -> Result<()> {
        let (witness, srs) = (WitnessFile::read(&self.witness)?, Srs::read(&self.srs_path)?);
        let tensors = if self.of == Of::Inputs { &witness.inputs } else { &witness.outputs };
        let opening = provenn::commit_tensors(tensors, &srs, OsRng)?;
        opening.write(opening_path)?;
        Ok(opening.commitment().write(commitment_path)?)
    }
}

//! `commit`.

use crate::args::CircuitArgument;
use crate::files::{Files, Holds};
use crate::output::Output;
use crate::usage::UsageError;
use anyhow::Result;
use clap::Args;
use provenn::artefact::Kind;
use provenn::{ProvingKey, Srs};
use rand_core::OsRng;
use std::path::PathBuf;

/// Commit to the weights of a circuit, once for any number of proofs.
#[derive(Args, Debug)]
pub(crate) struct Commit {
    #[command(flatten)]
    circuit: CircuitArgument,
    /// The proving key, made by `setup` for this architecture.
    #[arg(long, value_name = "FILE", default_value = "pk.key")]
    pk_path: PathBuf,
    /// The SRS that `setup` used.
    #[arg(long, value_name = "FILE", default_value = "kzg.srs")]
    srs_path: PathBuf,
    /// Where the commitment goes, which verifiers need.
    #[arg(long, value_name = "FILE", default_value = "commitment.pf")]
    commitment_path: PathBuf,
    /// Where the opening goes, which proofs take: a secret, a new file is for its owner alone.
    #[arg(long, value_name = "FILE", default_value = "opening.secret")]
    opening_path: PathBuf,
    /// Replace an opening that is there: no more proofs can then be made for its commitment.
    #[arg(long)]
    force: bool,
}

impl Commit {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        Files::new()
            .read("--compiled-circuit", &self.circuit.compiled_circuit)
            .read("--pk-path", &self.pk_path)
            .read("--srs-path", &self.srs_path)
            .write("--commitment-path", &self.commitment_path, Holds::Artefact(Kind::Commitment))
            .write("--opening-path", &self.opening_path, Holds::Artefact(Kind::Opening))
            .check()?;
        if !self.force && self.opening_path.exists() {
            let path = self.opening_path.display();
            let text = format!(
                "{path} is there already, and without it nothing can be proved for its commitment; choose another --opening-path, or pass --force"
            );
            return Err(UsageError::new(text).into());
        }
        let compiled = provenn::read_compiled(&self.circuit.compiled_circuit)?;
        let (key, srs) = (ProvingKey::read(&self.pk_path)?, Srs::read(&self.srs_path)?);
        let (commitment, opening) = provenn::commit(&compiled, &key, &srs, OsRng)?;
        // A commitment without its opening serves nobody.
        opening.write(&self.opening_path)?;
        commitment.write(&self.commitment_path)?;
        output.wrote(&self.opening_path);
        output.wrote(&self.commitment_path);
        Ok(())
    }
}

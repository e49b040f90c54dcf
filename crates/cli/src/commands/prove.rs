//! `prove`.

use crate::args::ProveArguments;
use crate::output::Output;
use crate::warnings;
use anyhow::Result;
use clap::Args;
use provenn::{ProvingKey, Srs, WitnessFile};
use rand_core::OsRng;
use std::path::PathBuf;

/// Prove.
#[derive(Args, Debug)]
pub(crate) struct Prove {
    #[arg(short = 'W', long, default_value = "witness.json")]
    witness: PathBuf,
    #[arg(long, default_value = "model.compiled")]
    compiled_circuit: PathBuf,
    #[arg(long, default_value = "pk.key")]
    pk_path: PathBuf,
    #[arg(long, default_value = "kzg.srs")]
    srs_path: PathBuf,
    #[arg(long, default_value = "proof.json")]
    proof_path: PathBuf,
    #[command(flatten)]
    prove: ProveArguments,
}

impl Prove {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let compiled = provenn::read_compiled(&self.compiled_circuit)?;
        let witness = WitnessFile::read(&self.witness)?;
        let (key, srs) = (ProvingKey::read(&self.pk_path)?, Srs::read(&self.srs_path)?);
        let options = self.prove.options();
        let proved = provenn::prove_with(&compiled, &key, &srs, &witness, options, OsRng)?;
        proved.file.write(&self.proof_path)?;
        warnings::blinding(output, proved.file.quotient_blinded);
        output.wrote(&self.proof_path);
        Ok(())
    }
}

//! `setup`.

use crate::args::CircuitArgument;
use crate::files::{Files, Holds};
use crate::output::Output;
use anyhow::{Context, Result, bail};
use clap::Args;
use provenn::Srs;
use provenn::artefact::Kind;
use std::path::PathBuf;

/// Make proving and verifying key.
#[derive(Args, Debug)]
pub(crate) struct Setup {
    #[command(flatten)]
    circuit: CircuitArgument,
    /// The SRS, from `get-srs` or `gen-srs`.
    #[arg(long, value_name = "FILE", default_value = "kzg.srs")]
    srs_path: PathBuf,
    /// Where the verifying key goes.
    #[arg(long, value_name = "FILE", default_value = "vk.key")]
    vk_path: PathBuf,
    /// Where the proving key goes; a new file is for its owner alone.
    #[arg(long, value_name = "FILE", default_value = "pk.key")]
    pk_path: PathBuf,
}

impl Setup {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        Files::new()
            .read("--compiled-circuit", &self.circuit.compiled_circuit)
            .read("--srs-path", &self.srs_path)
            .write("--pk-path", &self.pk_path, Holds::Artefact(Kind::ProvingKey))
            .write("--vk-path", &self.vk_path, Holds::Artefact(Kind::VerifyingKey))
            .check()?;
        let compiled = provenn::read_compiled(&self.circuit.compiled_circuit)?;
        let srs = Srs::read(&self.srs_path)?;
        let (needed, got) = (compiled.params().k, srs.k());
        if got > needed {
            let path = self.srs_path.display();
            bail!(
                "{path}: is an srs of k = {got}, the circuit needs k = {needed}; cut it with `get-srs --logrows {needed} --from {path} --srs-path kzg{needed}.srs`"
            );
        }
        let key =
            provenn::setup(&compiled, &srs).with_context(|| self.srs_path.display().to_string())?;
        key.write(&self.pk_path)?;
        key.verifying_key().write(&self.vk_path)?;
        output.wrote(&self.pk_path);
        output.wrote(&self.vk_path);
        Ok(())
    }
}

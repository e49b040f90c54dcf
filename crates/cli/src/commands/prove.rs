//! `prove`.

use crate::args::{CircuitArgument, ProveArguments};
use crate::files::{Files, Holds, from_stdin, to_stdout};
use crate::output::Output;
use crate::warnings;
use anyhow::Result;
use clap::Args;
use provenn::{Opening, Openings, ProvingKey, Srs, TensorOpening, WitnessFile};
use rand_core::OsRng;
use std::path::PathBuf;

/// Prove.
#[derive(Args, Debug)]
pub(crate) struct Prove {
    /// The witness, made by `gen-witness`.
    #[arg(short = 'W', long, value_name = "FILE", value_parser = from_stdin, default_value = "witness.json")]
    witness: PathBuf,
    #[command(flatten)]
    circuit: CircuitArgument,
    /// The proving key, made by `setup`.
    #[arg(long, value_name = "FILE", default_value = "pk.key")]
    pk_path: PathBuf,
    /// The SRS that `setup` used.
    #[arg(long, value_name = "FILE", default_value = "kzg.srs")]
    srs_path: PathBuf,
    /// The opening of the commitment to the weights, made by `commit`, where the circuit has committed ones.
    #[arg(long, value_name = "FILE")]
    opening_path: Option<PathBuf>,
    /// The opening of the commitment to the inputs, made by `commit --of inputs`, where they are committed.
    #[arg(long, value_name = "FILE")]
    inputs_opening: Option<PathBuf>,
    /// The opening of the commitment to the outputs, made by `commit --of outputs`, where they are committed.
    #[arg(long, value_name = "FILE")]
    outputs_opening: Option<PathBuf>,
    /// Where the proof goes.
    #[arg(long, value_name = "FILE", value_parser = to_stdout, default_value = "proof.json")]
    proof_path: PathBuf,
    #[command(flatten)]
    prove: ProveArguments,
}

impl Prove {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let options = self.prove.options()?;
        let openings = [
            ("--opening-path", &self.opening_path),
            ("--inputs-opening", &self.inputs_opening),
            ("--outputs-opening", &self.outputs_opening),
        ];
        let files = openings.into_iter().fold(Files::new(), |files, (flag, path)| match path {
            Some(path) => files.read(flag, path),
            None => files,
        });
        files
            .read("--witness", &self.witness)
            .read("--compiled-circuit", &self.circuit.compiled_circuit)
            .read("--pk-path", &self.pk_path)
            .read("--srs-path", &self.srs_path)
            .write("--proof-path", &self.proof_path, Holds::Proof)
            .check()?;
        let output = &output.beside(&[&self.proof_path]);
        let compiled = provenn::read_compiled(&self.circuit.compiled_circuit)?;
        let file = WitnessFile::read(&self.witness)?;
        let (key, srs) = (ProvingKey::read(&self.pk_path)?, Srs::read(&self.srs_path)?);
        let witness = provenn::read_witness(&compiled, &file, Some(&key))?;
        let weights = self.opening_path.as_deref().map(Opening::read).transpose()?;
        let tensors = |path: &Option<PathBuf>| path.as_deref().map(TensorOpening::read).transpose();
        let (inputs, outputs) = (tensors(&self.inputs_opening)?, tensors(&self.outputs_opening)?);
        let openings = Openings {
            weights: weights.as_ref(),
            inputs: inputs.as_ref(),
            outputs: outputs.as_ref(),
        };
        let proved =
            provenn::prove_committed(&compiled, &key, &srs, openings, &witness, options, OsRng)?;
        proved.file.write(&self.proof_path)?;
        output.outputs(&provenn::witness_outputs(&compiled, &witness));
        warnings::blinding(output, options.prover, proved.file.quotient_blinded);
        output.wrote(&self.proof_path);
        Ok(())
    }
}

//! One command, one file: its arguments and, beside them, what it does with them. A command only reads, calls
//! the library, and writes.

mod audit;
mod calibrate_settings;
mod claim;
mod commit;
mod compile_circuit;
mod completions;
mod digest;
mod export_verifier;
mod gen_random_data;
mod gen_settings;
mod gen_srs;
mod gen_witness;
mod get_srs;
mod hash;
mod inspect;
mod man;
mod mock;
mod prove;
mod quantization_error;
mod run;
mod setup;
mod table;
mod verify;
mod verify_claim;

use crate::args::Global;
use crate::exit::EXIT_CODES;
use crate::output::Output;
use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

/// Prove in zero knowledge that an output came from an ONNX model.
///
/// `-` stands for standard input and standard output wherever a JSON file is read or written. Colours follow NO_COLOR.
#[derive(Debug, Parser)]
#[command(name = "provenn", version, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

// The text that help shows is the doc comment of each command's arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Table(table::Table),
    GenSettings(gen_settings::GenSettings),
    CalibrateSettings(calibrate_settings::CalibrateSettings),
    CompileCircuit(compile_circuit::CompileCircuit),
    GenSrs(gen_srs::GenSrs),
    GetSrs(get_srs::GetSrs),
    Setup(setup::Setup),
    Commit(commit::Commit),
    GenWitness(gen_witness::GenWitness),
    Mock(mock::Mock),
    Prove(prove::Prove),
    Verify(verify::Verify),
    ExportVerifier(export_verifier::ExportVerifier),
    Digest(digest::Digest),
    Hash(hash::Hash),
    Inspect(inspect::Inspect),
    Audit(audit::Audit),
    GenRandomData(gen_random_data::GenRandomData),
    QuantizationError(quantization_error::QuantizationError),
    Claim(claim::Claim),
    VerifyClaim(verify_claim::VerifyClaim),
    Run(run::Run),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        match self {
            Command::Table(command) => command.execute(output),
            Command::GenSettings(command) => command.execute(output),
            Command::CalibrateSettings(command) => command.execute(output),
            Command::CompileCircuit(command) => command.execute(output),
            Command::GenSrs(command) => command.execute(output),
            Command::GetSrs(command) => command.execute(output),
            Command::Setup(command) => command.execute(output),
            Command::Commit(command) => command.execute(output),
            Command::GenWitness(command) => command.execute(output),
            Command::Mock(command) => command.execute(output),
            Command::Prove(command) => command.execute(output),
            Command::Verify(command) => command.execute(output),
            Command::ExportVerifier(command) => command.execute(output),
            Command::Digest(command) => command.execute(output),
            Command::Hash(command) => command.execute(output),
            Command::Inspect(command) => command.execute(output),
            Command::Audit(command) => command.execute(output),
            Command::GenRandomData(command) => command.execute(output),
            Command::QuantizationError(command) => command.execute(output),
            Command::Claim(command) => command.execute(output),
            Command::VerifyClaim(command) => command.execute(output),
            Command::Run(command) => command.execute(output),
            Command::Completions(command) => command.execute(Arguments::command(), output),
            Command::Man(command) => command.execute(Arguments::command(), output),
        }
    }
}

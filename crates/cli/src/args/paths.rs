//! The files that many commands take.

use crate::files::from_stdin;
use clap::Args;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct ModelArgument {
    /// The model, an ONNX file.
    #[arg(short = 'M', long, value_name = "FILE", default_value = "network.onnx")]
    pub(crate) model: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct CircuitArgument {
    /// The compiled circuit, made by `compile-circuit`.
    #[arg(
        short = 'M',
        long,
        visible_alias = "model",
        value_name = "FILE",
        value_parser = from_stdin,
        default_value = "model.compiled"
    )]
    pub(crate) compiled_circuit: PathBuf,
}

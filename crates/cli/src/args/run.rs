//! Arguments that shape the circuit.

use clap::{Args, ValueEnum};
use provenn::{RunArgs, Visibility};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum VisibilityArgument {
    /// In the statement.
    Public,
    /// Known to the prover only.
    Private,
}

impl From<VisibilityArgument> for Visibility {
    fn from(visibility: VisibilityArgument) -> Self {
        match visibility {
            VisibilityArgument::Public => Visibility::Public,
            VisibilityArgument::Private => Visibility::Private,
        }
    }
}

/// Arguments that shape the circuit.
#[derive(Args, Debug)]
pub(crate) struct RunArguments {
    /// Values of symbolic extents, as NAME=VALUE; batch_size is 1 unless given.
    #[arg(long, value_parser = variable)]
    variables: Vec<(String, usize)>,
    /// Inputs are multiples of 2^-SCALE.
    #[arg(long, allow_negative_numbers = true)]
    input_scale: Option<i32>,
    /// Outputs are multiples of 2^-SCALE.
    #[arg(long, allow_negative_numbers = true)]
    output_scale: Option<i32>,
    /// Bits of an activation.
    #[arg(long)]
    bits: Option<u32>,
    /// Bits that a rescale drops; weights are rounded to about 2^-SHIFT.
    #[arg(long)]
    shift: Option<u32>,
    /// Low bits of activation tables.
    #[arg(long)]
    low_bits: Option<u32>,
    /// Exactly 2^K rows.
    #[arg(long)]
    logrows: Option<u32>,
    /// Lay convolutions out with two challenge phases, which `--prover stock` needs.
    #[arg(long)]
    two_phases: bool,
    /// Who sees the inputs.
    #[arg(long, value_enum, default_value = "public")]
    input_visibility: VisibilityArgument,
    /// Who sees the outputs.
    #[arg(long, value_enum, default_value = "public")]
    output_visibility: VisibilityArgument,
}

impl RunArguments {
    pub(crate) fn run_args(&self) -> RunArgs {
        RunArgs {
            input_scale: self.input_scale,
            output_scale: self.output_scale,
            bits: self.bits,
            shift: self.shift,
            low_bits: self.low_bits,
            logrows: self.logrows,
            two_phases: self.two_phases,
            input_visibility: self.input_visibility.into(),
            output_visibility: self.output_visibility.into(),
            variables: self.variables.iter().cloned().collect(),
            ..RunArgs::default()
        }
    }
}

fn variable(text: &str) -> Result<(String, usize), String> {
    let parts = text.split_once('=').or_else(|| text.split_once("->"));
    parts
        .and_then(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
        .ok_or_else(|| format!("`{text}` is not NAME=VALUE with a positive integer"))
}

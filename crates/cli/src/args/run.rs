//! Arguments that shape the circuit.

use super::{VariablesArgument, range};
use anyhow::Result;
use clap::{Args, ValueEnum};
use provenn::limits::{BITS, LOW_BITS, SHIFT};
use provenn::{RunArgs, Visibility};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum VisibilityArgument {
    /// In the statement.
    Public,
    /// Their digests in the statement.
    Hashed,
    /// Known to the prover only.
    Private,
    /// In a commitment that hides them, made by `commit --of`.
    Committed,
}

impl From<VisibilityArgument> for Visibility {
    fn from(visibility: VisibilityArgument) -> Self {
        match visibility {
            VisibilityArgument::Public => Visibility::Public,
            VisibilityArgument::Hashed => Visibility::Hashed,
            VisibilityArgument::Private => Visibility::Private,
            VisibilityArgument::Committed => Visibility::Committed,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ParamVisibilityArgument {
    /// In the verifying key.
    Fixed,
    /// In a commitment that hides them, made by `commit`.
    Committed,
}

/// Arguments that shape the circuit.
#[derive(Args, Debug)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    variables: VariablesArgument,
    /// Inputs are multiples of 2^-SCALE.
    #[arg(short = 'S', long, value_name = "SCALE", value_parser = range::scale(), allow_negative_numbers = true)]
    input_scale: Option<i32>,
    /// Outputs are multiples of 2^-SCALE.
    #[arg(long, value_name = "SCALE", value_parser = range::scale(), allow_negative_numbers = true)]
    output_scale: Option<i32>,
    /// Bits of an activation.
    #[arg(long, value_name = "BITS", value_parser = range::within(&BITS))]
    bits: Option<u32>,
    /// Bits that a rescale drops; weights are rounded to about 2^-BITS.
    #[arg(long, value_name = "BITS", value_parser = range::within(&SHIFT))]
    shift: Option<u32>,
    /// Low bits of activation tables.
    #[arg(long, value_name = "BITS", value_parser = range::within(&LOW_BITS))]
    low_bits: Option<u32>,
    /// Exactly 2^K rows.
    #[arg(short = 'K', long, value_name = "K", value_parser = range::logrows())]
    logrows: Option<u32>,
    /// Lay convolutions out with two challenge phases, which `--prover stock` needs.
    #[arg(long)]
    two_phases: bool,
    /// Who sees the inputs.
    #[arg(long, value_enum, value_name = "WHO", default_value = "public")]
    input_visibility: VisibilityArgument,
    /// Who sees the outputs.
    #[arg(long, value_enum, value_name = "WHO", default_value = "public")]
    output_visibility: VisibilityArgument,
    /// Where the weights stand.
    #[arg(long, value_enum, value_name = "WHERE", default_value = "fixed")]
    param_visibility: ParamVisibilityArgument,
}

impl RunArguments {
    pub(crate) fn run_args(&self) -> Result<RunArgs> {
        Ok(RunArgs {
            input_scale: self.input_scale,
            output_scale: self.output_scale,
            bits: self.bits,
            shift: self.shift,
            low_bits: self.low_bits,
            logrows: self.logrows,
            two_phases: self.two_phases,
            input_visibility: self.input_visibility.into(),
            output_visibility: self.output_visibility.into(),
            param_visibility: self.param_visibility(),
            variables: self.variables.values()?,
            fixed: self.variables.fixed()?,
            ..RunArgs::default()
        })
    }

    pub(crate) fn param_visibility(&self) -> Visibility {
        match self.param_visibility {
            ParamVisibilityArgument::Fixed => Visibility::Fixed,
            ParamVisibilityArgument::Committed => Visibility::Committed,
        }
    }
}

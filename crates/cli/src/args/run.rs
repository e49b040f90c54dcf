//! Arguments that shape the circuit.

use super::{VariablesArgument, range};
use anyhow::Result;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use provenn::limits::{BITS, LOW_BITS, SHIFT};
use provenn::{Part, RunArgs, Visibility};
use std::ffi::OsStr;

/// Visibilities that a part of a model can have; others are refused with the reason, before anything is read.
#[derive(Clone, Debug)]
struct VisibilityParser(Part);

impl VisibilityParser {
    fn values(&self) -> impl Iterator<Item = PossibleValue> + use<> {
        let part = self.0;
        let possible =
            Visibility::ALL.into_iter().filter(move |who| who.refused_for(part).is_none());
        possible.map(|who| {
            let help = match who {
                Visibility::Public => "In the statement",
                Visibility::Hashed => "Their digests in the statement",
                Visibility::Private => "Known to the prover only",
                Visibility::Fixed => "In the verifying key",
                Visibility::Committed => "In a commitment that hides them, made by `commit`",
            };
            PossibleValue::new(who.name()).help(help)
        })
    }
}

impl TypedValueParser for VisibilityParser {
    type Value = Visibility;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Visibility, clap::Error> {
        let named = Visibility::ALL.into_iter().find(|who| value == who.name());
        if let Some(reason) = named.and_then(|who| who.refused_for(self.0)) {
            let refused = move |_: &str| Err::<Visibility, _>(reason);
            return refused.parse_ref(command, argument, value);
        }
        PossibleValuesParser::new(self.values()).parse_ref(command, argument, value)?;
        // A possible value is the name of one.
        named.ok_or_else(|| clap::Error::new(ErrorKind::InvalidValue))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.values()))
    }
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
    #[arg(long, value_parser = VisibilityParser(Part::Inputs), value_name = "WHO", default_value = "public")]
    input_visibility: Visibility,
    /// Who sees the outputs.
    #[arg(long, value_parser = VisibilityParser(Part::Outputs), value_name = "WHO", default_value = "public")]
    output_visibility: Visibility,
    /// Where the weights stand.
    #[arg(long, value_parser = VisibilityParser(Part::Weights), value_name = "WHERE", default_value = "fixed")]
    param_visibility: Visibility,
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
            input_visibility: self.input_visibility,
            output_visibility: self.output_visibility,
            param_visibility: self.param_visibility,
            variables: self.variables.values()?,
            fixed: self.variables.fixed()?,
            ..RunArgs::default()
        })
    }
}

//! What calibration is asked for.

use super::range;
use crate::usage::UsageError;
use clap::{Args, ValueEnum};
use provenn::limits::BITS;
use provenn::{CalibrationOptions, Metric, RunArgs, Target};
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TargetArgument {
    /// Cheapest circuit at a sane error.
    Resources,
    /// Smallest error.
    Accuracy,
}

impl From<TargetArgument> for Target {
    fn from(target: TargetArgument) -> Self {
        match target {
            TargetArgument::Resources => Target::Resources,
            TargetArgument::Accuracy => Target::Accuracy,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MetricArgument {
    /// Largest difference of an output.
    Max,
    /// Mean difference.
    Mean,
    /// Sum of differences over sum of magnitudes.
    Relative,
    /// Share of observations whose largest output is another.
    Top1,
}

impl From<MetricArgument> for Metric {
    fn from(metric: MetricArgument) -> Self {
        match metric {
            MetricArgument::Max => Metric::Max,
            MetricArgument::Mean => Metric::Mean,
            MetricArgument::Relative => Metric::Relative,
            MetricArgument::Top1 => Metric::Top1,
        }
    }
}

/// What calibration aims at, and within which limits.
#[derive(Args, Debug)]
pub(crate) struct CalibrationArguments {
    /// What to aim at.
    #[arg(long, value_enum, value_name = "AIM", default_value = "resources")]
    target: TargetArgument,
    /// The cheapest circuit whose error on the data is at most this; replaces --target.
    #[arg(long, value_name = "ERROR", value_parser = range::error, allow_negative_numbers = true)]
    max_error: Option<f64>,
    /// What errors are measured by.
    #[arg(long, value_enum, value_name = "METRIC", default_value = "max")]
    metric: MetricArgument,
    /// At most 2^K rows, which `compile-circuit` keeps.
    #[arg(long, value_name = "K", value_parser = range::logrows())]
    max_logrows: Option<u32>,
    /// Modelled memory of proving is at most this many GiB.
    #[arg(long, value_name = "GIB", value_parser = range::memory, allow_negative_numbers = true)]
    max_memory: Option<f64>,
    /// Inputs are multiples of 2^-SCALE.
    #[arg(long, value_name = "SCALE", value_parser = range::scale(), allow_negative_numbers = true)]
    input_scale: Option<i32>,
    /// Input scales to try, separated by commas.
    #[arg(
        long,
        value_name = "SCALE,…",
        value_delimiter = ',',
        value_parser = range::scale(),
        allow_negative_numbers = true,
        conflicts_with = "input_scale"
    )]
    scales: Vec<i32>,
    /// Bits of an activation.
    #[arg(long, value_name = "BITS", value_parser = range::within(&BITS))]
    bits: Option<u32>,
    /// Exactly 2^K rows.
    #[arg(short = 'K', long, value_name = "K", value_parser = range::logrows())]
    logrows: Option<u32>,
    /// Also write the frontier of error against cost to this folder: settings per point, a table, a picture.
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, default_missing_value = "pareto")]
    pub(crate) pareto: Option<PathBuf>,
}

impl CalibrationArguments {
    pub(crate) fn options(&self) -> CalibrationOptions {
        CalibrationOptions {
            target: self.target.into(),
            max_error: self.max_error,
            metric: self.metric.into(),
            max_logrows: self.max_logrows,
            max_memory_gib: self.max_memory,
            input_scales: self.scales.clone(),
        }
    }

    /// That the limits do not contradict each other.
    pub(crate) fn check(&self) -> Result<(), UsageError> {
        match (self.logrows, self.max_logrows) {
            (Some(given), Some(most)) if given > most => Err(UsageError::new(format!(
                "--logrows is {given} but --max-logrows is {most}; drop one of them"
            ))),
            _ => Ok(()),
        }
    }

    /// Arguments given here replace those of gen-settings.
    pub(crate) fn amend(&self, args: &mut RunArgs) {
        args.input_scale = self.input_scale.or(args.input_scale);
        args.bits = self.bits.or(args.bits);
        args.logrows = self.logrows.or(args.logrows);
    }
}

//! Commands and flags, named as users of this field know them.

use clap::{Args, Parser, Subcommand, ValueEnum};
use provenn::{CalibrationOptions, Metric, ProveOptions, ProverKind, RunArgs, Target, Visibility};
use std::path::PathBuf;

/// Prove in zero knowledge that an output came from an ONNX model.
#[derive(Debug, Parser)]
#[command(name = "provenn", version, about)]
pub(crate) struct Arguments {
    /// Write JSON lines instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

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

/// What calibration aims at, and within which limits.
#[derive(Args, Debug)]
pub(crate) struct CalibrationArguments {
    #[arg(long, value_enum, default_value = "resources")]
    target: TargetArgument,
    /// The cheapest circuit whose error on the data is at most this; replaces --target.
    #[arg(long)]
    max_error: Option<f64>,
    /// What errors are measured by.
    #[arg(long, value_enum, default_value = "max")]
    metric: MetricArgument,
    /// At most 2^K rows.
    #[arg(long)]
    max_logrows: Option<u32>,
    /// Modelled memory of proving is at most this many GiB.
    #[arg(long)]
    max_memory: Option<f64>,
    /// Inputs are multiples of 2^-SCALE.
    #[arg(long, allow_negative_numbers = true)]
    input_scale: Option<i32>,
    /// Bits of an activation.
    #[arg(long)]
    bits: Option<u32>,
    /// Exactly 2^K rows.
    #[arg(long)]
    logrows: Option<u32>,
    /// Also write the frontier of error against cost to this folder: settings per point, a table, a picture.
    #[arg(long, num_args = 0..=1, default_missing_value = "pareto")]
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
        }
    }

    /// Arguments given here replace those of gen-settings.
    pub(crate) fn amend(&self, args: &mut RunArgs) {
        args.input_scale = self.input_scale.or(args.input_scale);
        args.bits = self.bits.or(args.bits);
        args.logrows = self.logrows.or(args.logrows);
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ProverArgument {
    /// This program's own.
    Own,
    /// Halo2's, several times slower; the same verifier accepts both.
    Stock,
}

/// How to prove.
#[derive(Args, Debug)]
pub(crate) struct ProveArguments {
    /// Which prover computes the proof.
    #[arg(long, value_enum, default_value = "own")]
    prover: ProverArgument,
    /// GiB that the quotient's columns may take; less memory costs time.
    #[arg(long, value_parser = gib)]
    max_memory: Option<u64>,
}

impl ProveArguments {
    pub(crate) fn options(&self) -> ProveOptions {
        let prover = match self.prover {
            ProverArgument::Own => ProverKind::Own,
            ProverArgument::Stock => ProverKind::Stock,
        };
        ProveOptions { prover, max_memory: self.max_memory }
    }
}

/// Bytes from a number of GiB.
fn gib(text: &str) -> Result<u64, String> {
    let number: f64 = text.parse().map_err(|_| format!("`{text}` is not a number of GiB"))?;
    let bytes = (number * f64::from(1 << 30)).ceil();
    // Up to 2^53 every integer is a float.
    if !(1.0..=9_007_199_254_740_992.0).contains(&bytes) {
        return Err(format!("`{text}` is not a positive number of GiB"));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked above
    Ok(bytes as u64)
}

fn variable(text: &str) -> Result<(String, usize), String> {
    let parts = text.split_once('=').or_else(|| text.split_once("->"));
    parts
        .and_then(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
        .ok_or_else(|| format!("`{text}` is not NAME=VALUE with a positive integer"))
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the model's nodes.
    Table {
        #[arg(short = 'M', long, default_value = "network.onnx")]
        model: PathBuf,
        #[command(flatten)]
        run: RunArguments,
    },
    /// Make settings from run arguments alone.
    GenSettings {
        #[arg(short = 'M', long, default_value = "network.onnx")]
        model: PathBuf,
        #[arg(short = 'O', long, default_value = "settings.json")]
        settings_path: PathBuf,
        #[command(flatten)]
        run: RunArguments,
    },
    /// Choose ranges from data.
    CalibrateSettings {
        #[arg(short = 'M', long, default_value = "network.onnx")]
        model: PathBuf,
        #[arg(short = 'D', long, default_value = "calibration.json")]
        data: PathBuf,
        #[arg(short = 'S', long, default_value = "settings.json")]
        settings_path: PathBuf,
        #[command(flatten)]
        calibration: CalibrationArguments,
    },
    /// Quantise, plan and lay out the circuit.
    CompileCircuit {
        #[arg(short = 'M', long, default_value = "network.onnx")]
        model: PathBuf,
        #[arg(short = 'S', long, default_value = "settings.json")]
        settings_path: PathBuf,
        #[arg(long, default_value = "model.compiled")]
        compiled_circuit: PathBuf,
    },
    /// Draw an SRS locally. Whoever draws it can forge proofs: for tests.
    GenSrs {
        #[arg(long)]
        logrows: u32,
        #[arg(long, default_value = "kzg.srs")]
        srs_path: PathBuf,
    },
    /// Take an SRS from a local file or the cache, checked and cut to size.
    GetSrs {
        /// The k needed; taken from the compiled circuit if absent.
        #[arg(long)]
        logrows: Option<u32>,
        #[arg(long, default_value = "model.compiled")]
        compiled_circuit: PathBuf,
        /// A ceremony's file in halo2's raw format; it is added to the cache.
        #[arg(long)]
        from: Option<PathBuf>,
        /// Folder of cached SRS files.
        #[arg(long, env = "PROVENN_SRS_CACHE")]
        cache: Option<PathBuf>,
        #[arg(long, default_value = "kzg.srs")]
        srs_path: PathBuf,
    },
    /// Make proving and verifying key.
    Setup {
        #[arg(long, default_value = "model.compiled")]
        compiled_circuit: PathBuf,
        #[arg(long, default_value = "kzg.srs")]
        srs_path: PathBuf,
        #[arg(long, default_value = "vk.key")]
        vk_path: PathBuf,
        #[arg(long, default_value = "pk.key")]
        pk_path: PathBuf,
    },
    /// Run the quantised model on an input.
    GenWitness {
        #[arg(short = 'D', long, default_value = "input.json")]
        data: PathBuf,
        #[arg(long, default_value = "model.compiled")]
        compiled_circuit: PathBuf,
        #[arg(short = 'O', long, default_value = "witness.json")]
        output: PathBuf,
    },
    /// Check every constraint without proving.
    Mock {
        #[arg(short = 'W', long, default_value = "witness.json")]
        witness: PathBuf,
        #[arg(long, default_value = "model.compiled")]
        compiled_circuit: PathBuf,
    },
    /// Prove.
    Prove {
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
    },
    /// Verify a proof.
    Verify {
        #[arg(long, default_value = "proof.json")]
        proof_path: PathBuf,
        #[arg(short = 'S', long, default_value = "settings.json")]
        settings_path: PathBuf,
        #[arg(long, default_value = "vk.key")]
        vk_path: PathBuf,
        #[arg(long, default_value = "kzg.srs")]
        srs_path: PathBuf,
        /// Accept a locally drawn SRS.
        #[arg(long)]
        allow_insecure_srs: bool,
    },
    /// Show rows, columns and cells per node.
    Inspect {
        #[arg(long, default_value = "model.compiled")]
        compiled_circuit: PathBuf,
        /// Draw the layout.
        #[arg(long)]
        svg: Option<PathBuf>,
    },
    /// Write random observations of the model's input shapes.
    GenRandomData {
        #[arg(short = 'M', long, default_value = "network.onnx")]
        model: PathBuf,
        #[arg(short = 'D', long, default_value = "input.json")]
        data: PathBuf,
        /// How many observations.
        #[arg(long, default_value_t = 1)]
        observations: usize,
        /// Seed of the generator.
        #[arg(long, default_value_t = 0)]
        seed: u64,
        #[command(flatten)]
        run: RunArguments,
    },
    /// Compare the quantised model with the float model over many observations.
    QuantizationError {
        #[arg(short = 'M', long, default_value = "network.onnx")]
        model: PathBuf,
        #[arg(short = 'S', long, default_value = "settings.json")]
        settings_path: PathBuf,
        /// Observations: .json, .jsonl, .npy or .npz.
        #[arg(short = 'D', long, default_value = "input.json")]
        data: PathBuf,
        /// A label per observation (.npy or a JSON list), unless the data hold them.
        #[arg(long)]
        labels: Option<PathBuf>,
        /// Write the report as a page with pictures.
        #[arg(long)]
        html: Option<PathBuf>,
    },
    /// Every step at once, with a test SRS.
    Run {
        #[arg(short = 'M', long, default_value = "network.onnx")]
        model: PathBuf,
        #[arg(short = 'D', long, default_value = "input.json")]
        data: PathBuf,
        /// Observations to calibrate on (the input itself if absent).
        #[arg(long)]
        calibration: Option<PathBuf>,
        /// Folder for the artefacts.
        #[arg(long, default_value = "out")]
        out: PathBuf,
        /// Write a report as JSON.
        #[arg(long)]
        report: Option<PathBuf>,
        #[arg(long, value_enum, default_value = "resources")]
        target: TargetArgument,
        #[command(flatten)]
        prove: ProveArguments,
        #[command(flatten)]
        run: RunArguments,
    },
}

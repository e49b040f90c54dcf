//! The choice of S, the bits a rescale drops, and t, the low bits of activation tables.
//!
//! A larger S rounds weights more finely and may cost a limb. Fewer low bits make longer function tables and shorter range tables, and follow smooth functions more
//! closely. Each candidate is quantised and planned; the cheapest whose error on the data is near the best wins.

use crate::{Error, OnnxModel};
use provenn_circuit::{CompiledCircuit, PlanOptions};
use provenn_fixed_point::{QuantGraph, Settings, Target, Visibility};
use provenn_onnx_ir::Tensor;

const LOW_BITS: std::ops::RangeInclusive<u32> = 5..=12;
const SHIFTS: [u32; 4] = [12, 13, 14, 16];
/// Observations that the error is measured on.
const MEASURED: usize = 4;
/// A candidate's error may exceed the smallest by this factor when resources are the target.
const NEAR: f64 = 1.5;

/// How a model's settings translate to a plan's.
pub(crate) fn plan_options(settings: &Settings) -> PlanOptions {
    PlanOptions {
        logrows: settings.run_args.logrows,
        private_inputs: settings.run_args.input_visibility == Visibility::Private,
        private_outputs: settings.run_args.output_visibility == Visibility::Private,
    }
}

/// Chooses S and t unless the user did.
pub(crate) fn choose(
    model: &OnnxModel,
    settings: Settings,
    observations: &[Vec<Tensor>],
    target: Target,
) -> Result<Settings, Error> {
    let fixed = |given: Option<u32>, all: Vec<u32>| given.map_or(all, |one| vec![one]);
    let low_bits = fixed(settings.run_args.low_bits, LOW_BITS.collect());
    let shifts = fixed(settings.run_args.shift, SHIFTS.to_vec());
    let mut candidates = vec![];
    let mut failure = None;
    for (&shift, &low_bits) in shifts.iter().flat_map(|s| low_bits.iter().map(move |t| (s, t))) {
        let candidate = Settings { shift, low_bits, ..settings.clone() };
        match measure(model, &candidate, observations) {
            Ok((error, seconds)) => candidates.push((candidate, error, seconds)),
            Err(error) => failure = Some(error),
        }
    }
    let least = candidates.iter().map(|c| c.1).fold(f64::INFINITY, f64::min);
    let near = |error: f64| match target {
        Target::Resources => error <= least * NEAR,
        Target::Accuracy => error <= least,
    };
    let best = candidates.into_iter().filter(|c| near(c.1)).min_by(|a, b| a.2.total_cmp(&b.2));
    match (best, failure) {
        (Some((settings, ..)), _) => Ok(settings),
        (None, Some(error)) => Err(error),
        (None, None) => Ok(settings),
    }
}

/// Largest error on the data, and modelled seconds.
fn measure(
    model: &OnnxModel,
    settings: &Settings,
    observations: &[Vec<Tensor>],
) -> Result<(f64, f64), Error> {
    let graph = provenn_fixed_point::quantise(model.graph(), settings)
        .map_err(|error| Error::Quantise(error.to_string()))?;
    let mut error = 0.0_f64;
    for observation in observations.iter().take(MEASURED) {
        error = error.max(largest_error(model, &graph, observation)?);
    }
    let (_, cost) = CompiledCircuit::plan(&graph, &plan_options(settings))?;
    Ok((error, cost.prove_seconds))
}

fn largest_error(
    model: &OnnxModel,
    graph: &QuantGraph,
    observation: &[Tensor],
) -> Result<f64, Error> {
    let quantise = |error: String| Error::Quantise(error);
    let inputs = graph.quantise_inputs(observation).map_err(|error| quantise(error.to_string()))?;
    let values = graph.interpret(&inputs.values).map_err(|error| quantise(error.to_string()))?;
    let exact = model.graph().run(observation)?;
    let mut error = 0.0_f64;
    for (id, exact) in graph.outputs.iter().zip(&exact) {
        let step = graph.tensors[id.0].step;
        for (&x, &float) in values[id.0].iter().zip(&exact.data) {
            #[allow(clippy::cast_precision_loss)] // outputs are far below 2^52
            let real = x as f64 * step;
            error = error.max((real - f64::from(float)).abs());
        }
    }
    Ok(error)
}

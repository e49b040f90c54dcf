//! How far the quantised model is from the float model, over many observations.
//!
//! | module | holds |
//! |---|---|
//! | `statistics`, `histogram` | summaries of errors |
//! | `layers` | errors node by node, beside their bounds |
//! | `task` | classes, areas under curves, root-mean-square errors |
//! | `text`, `html`, `charts` | the report for people |

mod charts;
mod histogram;
mod html;
mod layers;
mod statistics;
mod task;
mod text;

pub use histogram::Histogram;
pub use layers::LayerError;
pub use statistics::{Statistics, mean, percentile};
pub use task::{Flip, Pair, Task};

use crate::{Error, InputData, OnnxModel, SettingsProblem};
use provenn_fixed_point::{ErrorBounds, QuantGraph, Saturation, Settings, quantise_with_bounds};
use provenn_onnx_ir::{Graph, NodeId, Op, Tensor};
use rayon::prelude::*;
use serde::Serialize;

/// Share of an output's largest magnitude below which relative errors are taken of that share.
pub const RELATIVE_FLOOR: f64 = 1e-3;
/// Observations between two reports of progress.
const CHUNK: usize = 64;
/// Points of a scatter plot, at most.
const POINTS: usize = 2000;

/// Errors of one model output.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OutputError {
    /// Name of the output's node.
    pub name: String,
    /// Real value of one unit.
    pub step: f64,
    /// Largest |float| over the data.
    pub magnitude: f64,
    /// Of |quantised − float|.
    pub absolute: Statistics,
    /// Of |quantised − float| / max(|float|, [`RELATIVE_FLOOR`]·magnitude).
    pub relative: Statistics,
    /// Mean of quantised − float.
    pub bias: f64,
    /// Mean of (quantised − float)².
    pub mean_squared: f64,
    /// Of the absolute errors.
    pub histogram: Histogram,
    /// Pairs (float, quantised), thinned evenly.
    #[serde(skip)]
    pub points: Vec<(f64, f64)>,
}

/// The whole comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuantizationError {
    /// How many observations.
    pub observations: usize,
    /// Per model output.
    pub outputs: Vec<OutputError>,
    /// Per node, in the order of the model.
    pub layers: Vec<LayerError>,
    /// Nodes that met the ends of their calibrated ranges; `clamped` and `elements` are over all observations.
    pub saturation: Vec<Saturation>,
    /// Scores of the first output, where its form or labels say what it is for.
    pub task: Option<Task>,
}

/// One observation's share.
struct Share {
    float: Vec<Vec<f64>>,
    quantised: Vec<Vec<f64>>,
    layers: Vec<layers::Sums>,
    saturation: Vec<Saturation>,
}

/// Compares the quantised model with the float model on every observation. `progress` is told how many are done,
/// and of how many.
///
/// # Errors
/// [`Error::Settings`] for settings of another model, [`Error::Observation`] for data that do not fit the
/// model, [`Error::Labels`] for a number of labels that does not fit the data.
pub fn quantization_error(
    model: &OnnxModel,
    settings: &Settings,
    data: &InputData,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<QuantizationError, Error> {
    settings
        .check_digest(&model.digest_for(&settings.run_args)?)
        .map_err(|error| SettingsProblem::from(error).of("quantization-error"))?;
    let (graph, bounds) = quantise_with_bounds(model.graph(), settings)?;
    compare(model, (&graph, &bounds), data, progress)
}

/// The same for a model that is quantised already.
pub(crate) fn compare(
    model: &OnnxModel,
    (graph, bounds): (&QuantGraph, &ErrorBounds),
    data: &InputData,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<QuantizationError, Error> {
    let observations = data.observations(model.graph())?;
    let mut at_once = inputs_at_once(model.graph());
    if let Some(labels) = &data.labels {
        if labels.len() == observations.len() {
            at_once = 1;
        }
        let expected = observations.len() * at_once;
        if labels.len() != expected {
            return Err(Error::Labels { expected, got: labels.len() });
        }
    }
    let pairs = layers::pairs(model.graph(), graph, bounds);

    let share = |inputs: &Vec<Tensor>| -> Result<Share, Error> {
        let integers = graph.quantise_inputs(inputs)?;
        let values = graph.interpret(&integers.values)?;
        let float = model.graph().evaluate(inputs)?;
        let quantised = graph.outputs.iter().map(|id| graph.grid(*id).reals(&values[id.0]));
        let outputs = model.graph().outputs.iter();
        Ok(Share {
            quantised: quantised.collect(),
            float: outputs
                .map(|id| float[id.0].data.iter().map(|&x| f64::from(x)).collect())
                .collect(),
            layers: layers::measure(&pairs, graph, &values, &float),
            saturation: graph.saturation(inputs, &values)?,
        })
    };
    let mut shares = Vec::with_capacity(observations.len());
    for chunk in observations.chunks(CHUNK) {
        let done: Result<Vec<Share>, Error> = chunk.par_iter().map(share).collect();
        shares.extend(done?);
        progress(shares.len(), observations.len());
    }

    let outputs = (0..graph.outputs.len())
        .map(|i| {
            let step = graph.grid(graph.outputs[i]).coarsest();
            let values = |of: fn(&Share) -> &Vec<Vec<f64>>| -> Vec<f64> {
                shares.iter().flat_map(|share| of(share)[i].iter().copied()).collect()
            };
            let name = model.graph().output_name(i).unwrap_or_default().to_owned();
            output(name, step, &values(|s| &s.float), &values(|s| &s.quantised))
        })
        .collect();
    let mut sums = vec![layers::Sums::default(); pairs.len()];
    for share in &shares {
        for (sum, one) in sums.iter_mut().zip(&share.layers) {
            *sum = sum.join(*one);
        }
    }
    let first = |of: fn(&Share) -> &Vec<Vec<f64>>| -> Vec<Vec<f64>> {
        let outputs = shares.iter().filter_map(|share| of(share).first());
        // One row for each input.
        let rows = |output: &Vec<f64>| {
            let length = (output.len() / at_once).max(1);
            output.chunks(length).map(<[f64]>::to_vec).collect::<Vec<_>>()
        };
        outputs.flat_map(rows).collect()
    };
    let probability = model
        .graph()
        .outputs
        .first()
        .is_some_and(|id| matches!(model.graph().nodes[id.0].op, Op::Sigmoid));
    let threshold = if probability { 0.5 } else { 0.0 };
    Ok(QuantizationError {
        observations: observations.len(),
        outputs,
        layers: layers::layers(&pairs, graph, bounds, &sums),
        saturation: gathered(shares.iter().map(|s| s.saturation.as_slice()), &|node| {
            graph.tensors.iter().filter(|t| t.name == node).map(|t| t.len()).max().unwrap_or(0)
                * observations.len()
        }),
        task: task::task(
            &first(|s| &s.float),
            &first(|s| &s.quantised),
            data.labels.as_deref(),
            threshold,
        ),
    })
}

/// How many inputs a model takes at once, each with a row of its first output.
fn inputs_at_once(graph: &Graph) -> usize {
    let batch = |id: &NodeId| match graph.nodes[id.0].shape.as_slice() {
        &[batch, _, ..] => batch,
        _ => 1,
    };
    let mut all = graph.inputs.iter().chain(graph.outputs.first()).map(batch);
    let first = all.next().unwrap_or(1);
    if all.all(|other| other == first) { first.max(1) } else { 1 }
}

fn output(name: String, step: f64, float: &[f64], quantised: &[f64]) -> OutputError {
    let magnitude = float.iter().fold(0.0_f64, |m, f| m.max(f.abs()));
    let floor = (magnitude * RELATIVE_FLOOR).max(f64::MIN_POSITIVE);
    let signed: Vec<f64> = quantised.iter().zip(float).map(|(q, f)| q - f).collect();
    let absolute: Vec<f64> = signed.iter().map(|e| e.abs()).collect();
    let relative = absolute.iter().zip(float).map(|(e, f)| e / f.abs().max(floor)).collect();
    let squares: Vec<f64> = signed.iter().map(|e| e * e).collect();
    let every = float.len().div_ceil(POINTS).max(1);
    OutputError {
        name,
        step,
        magnitude,
        histogram: Histogram::of(&absolute),
        absolute: Statistics::of(absolute),
        relative: Statistics::of(relative),
        bias: mean(&signed),
        mean_squared: mean(&squares),
        points: float.iter().copied().zip(quantised.iter().copied()).step_by(every).collect(),
    }
}

/// Saturation of many observations, one entry per node.
fn gathered<'s>(
    all: impl Iterator<Item = &'s [Saturation]>,
    elements: &dyn Fn(&str) -> usize,
) -> Vec<Saturation> {
    let mut nodes: Vec<Saturation> = vec![];
    for one in all.flatten() {
        match nodes.iter_mut().find(|s| s.node == one.node) {
            Some(sum) => {
                sum.clamped += one.clamped;
                sum.beyond = sum.beyond.max(one.beyond);
                sum.factor = sum.factor.max(one.factor);
            }
            None => nodes.push(Saturation { elements: elements(&one.node), ..one.clone() }),
        }
    }
    nodes
}

//! Calibration: ranges from data, and the cheapest precision that keeps the error within bounds.
//!
//! | step | module |
//! |---|---|
//! | what is asked | `options` |
//! | limits that nothing keeps, and the least that something does | `limits` |
//! | one candidate: its error on the data and its modelled cost | `candidate`, `judge` |
//! | which candidates are tried: S, t and bits of all nodes, then bits of single nodes | `search` |
//! | low cost: down from fine precision while the error keeps its limit | `descent` |
//! | low error, and the whole frontier | `grid` |
//! | bits of single nodes | `nodes` |
//! | outputs that are lost | `imprecision` |
//! | error against cost | [`pareto`] |
//!
//! Everything is a function of model, settings, data and options: no clock and no randomness decides.

mod candidate;
mod descent;
mod frontier;
mod grid;
mod imprecision;
mod judge;
mod limits;
mod nodes;
mod options;
pub mod pareto;
mod search;
mod tries;

pub use candidate::Candidate;
pub use frontier::Frontier;
pub use imprecision::{Imprecision, coarse_outputs};
pub use options::{CalibrationOptions, Metric, Target};

use crate::binding::binding;
use crate::quantization_error::{QuantizationError, compare};
use crate::{Error, InputData, ObservationProblem, OnnxModel, SettingsProblem};
use judge::{Confirmed, Judge, Observation, observed};
use provenn_circuit::{CompiledCircuit, CompiledParts};
use provenn_fixed_point::{CalibrateError, ErrorBounds, QuantGraph, Quantiser, Settings};
use provenn_onnx_ir::Op;
use rayon::prelude::*;
use tries::Tries;

/// Observations that candidates are compared on, at least.
const COMPARED: usize = 8;
/// And at most: small models can afford more, and errors of saturated outputs need them.
const MOST_COMPARED: usize = 64;
/// Values of all nodes over the observations compared, where these are more than the least.
const VALUES: usize = 60_000;

/// What calibration found.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// The chosen settings.
    pub chosen: Candidate,
    /// Everything that was tried, in the order it was tried.
    pub tried: Vec<Candidate>,
    /// Outputs that the chosen settings leave too little of, on the data.
    pub imprecise: Vec<Imprecision>,
    /// The model as the chosen settings quantise it.
    graph: QuantGraph,
    /// How far its tensors are from their float values.
    bounds: ErrorBounds,
}

impl Calibration {
    /// The circuit that [`compile_circuit`](crate::compile_circuit) makes of the chosen settings, with the graph and
    /// the plan that were made to choose them.
    ///
    /// # Errors
    /// [`Error::Compile`], naming the node.
    pub fn compile_circuit(&self) -> Result<CompiledCircuit, Error> {
        let (graph, plan) = (self.graph.clone(), self.chosen.plan.clone());
        let binding = binding(&self.chosen.settings)?;
        Ok(CompiledCircuit::from_parts(CompiledParts { graph, plan, binding })?)
    }

    /// As [`quantization_error`](crate::quantization_error()) of the chosen settings.
    ///
    /// # Errors
    /// As it.
    pub fn quantization_error(
        &self,
        model: &OnnxModel,
        data: &InputData,
        progress: Progress<'_>,
    ) -> Result<QuantizationError, Error> {
        compare(model, (&self.graph, &self.bounds), data, progress)
    }
}

/// Told how many candidates have been tried, and how many there will be at most.
pub type Progress<'p> = &'p mut dyn FnMut(usize, usize);

/// Ranges from data, and the precision that the options ask for.
///
/// # Errors
/// [`Error::Settings`] for settings of another model or limits that contradict each other,
/// [`Error::Observation`] for data that do not fit, [`Error::Calibrate`] if no candidate keeps the limits.
pub fn calibrate(
    model: &OnnxModel,
    settings: &Settings,
    data: &InputData,
    options: &CalibrationOptions,
    progress: Progress<'_>,
) -> Result<Calibration, Error> {
    settings
        .check_digest(&model.digest_for(&settings.run_args)?)
        .map_err(|error| SettingsProblem::from(error).of("calibrate-settings"))?;
    options.check(settings)?;
    let observations = data.whole_batches(model.graph())?;
    // A promise is about all data.
    let most = options.max_error.map_or(compared(model), |_| observations.len());
    let starts = options.starts(settings);
    let limited = starts.first().unwrap_or(settings);
    // Ranges depend on no scale.
    let (drawn, float) = provenn_fixed_point::ranges_of_data(model.graph(), limited, &observations)
        .map_err(of_observations)?;
    let observations = observed(&observations, &float);
    let some = spread(&observations, most);
    let (mut tried, mut tries) = (vec![], Tries::new(progress));
    let quantiser = Quantiser::new(model.graph());
    for start in &starts {
        let settings = Settings { run_args: start.run_args.clone(), ..drawn.clone() };
        let judge = Judge::new(&quantiser, &settings, some.clone(), options).near(&settings)?;
        let found = search::search(&judge, &settings, &mut tries);
        tried.extend(found.map_err(|error| limits::explained(&judge, &settings, error))?);
    }
    // The comparison saw a part of the data; the error that is told is about all of them.
    let all = Judge::new(&quantiser, limited, observations, options);
    let confirmed = match options.max_error {
        Some(_) => options.choose(&tried, |candidate| all.confirm(candidate))?,
        None => all.confirm(&options.choose_now(&tried)?)?,
    };
    let imprecise = all.imprecise(&confirmed);
    let Confirmed { candidate: chosen, graph, bounds, .. } = confirmed;
    Ok(Calibration { chosen, tried, imprecise, graph, bounds })
}

/// What hinders taking ranges, told as what it is about: an observation, the settings, or the model.
fn of_observations(error: CalibrateError) -> Error {
    match error {
        CalibrateError::Observation { index, source } => ObservationProblem::from(source).of(index),
        CalibrateError::NotFinite { index, node } => {
            ObservationProblem::NotFinite { node }.of(index)
        }
        CalibrateError::Empty => ObservationProblem::Missing.of(0),
        CalibrateError::Settings(error) => SettingsProblem::from(error).of("calibrate-settings"),
        CalibrateError::Quantise(error) => Error::Quantise(error),
    }
}

/// Points of a frontier that are confirmed, at most: more would not be told apart in a picture.
pub const POINTS: usize = 16;

/// The frontier around what [`calibrate`] found: the whole range of precision is tried, points are spread
/// evenly along it, and each is measured again on all observations. Those that another then beats are dropped,
/// but for the chosen settings.
///
/// # Errors
/// As [`calibrate`].
pub fn frontier(
    model: &OnnxModel,
    found: &Calibration,
    data: &InputData,
    options: &CalibrationOptions,
    progress: Progress<'_>,
) -> Result<Frontier, Error> {
    let observations = data.whole_batches(model.graph())?;
    let chosen = &found.chosen.settings;
    let base = Settings { node_bits: Default::default(), ..chosen.clone() };
    let run = observations.par_iter().map(|inputs| model.graph().run(inputs));
    let float = run.collect::<Result<Vec<_>, _>>()?;
    let observations = observed(&observations, &float);
    let some = spread(&observations, compared(model));
    let compared = some.len();
    let quantiser = Quantiser::new(model.graph());
    let judge = Judge::new(&quantiser, &base, some, options).near(&base)?;
    let mut tried = found.tried.clone();
    tried.extend(grid::others(&judge, &base, &found.tried, &mut Tries::new(progress)));
    let counted = observations.len();
    let all = Judge::new(&quantiser, &base, observations, options);
    let mut picked: Vec<&Settings> =
        thinned(pareto::frontier(&tried)).into_iter().map(|c| &c.settings).collect();
    if !picked.contains(&chosen) {
        picked.push(chosen);
    }
    let measured: Result<Vec<_>, _> = picked.par_iter().map(|s| all.judge(s)).collect();
    let measured = measured?;
    let best = pareto::frontier(&measured);
    let mut points: Vec<Candidate> = best.into_iter().cloned().collect();
    let is_chosen = |candidate: &Candidate| candidate.settings == *chosen;
    if !points.iter().any(is_chosen) {
        points.extend(measured.iter().find(|c| is_chosen(c)).cloned());
        points.sort_by(|a, b| a.cost.prove_seconds.total_cmp(&b.cost.prove_seconds));
    }
    let chosen = points.iter().position(is_chosen).unwrap_or(0);
    Ok(Frontier { points, chosen, tried, observations: counted, compared })
}

/// At most [`POINTS`] candidates, both ends among them.
fn thinned(front: Vec<&Candidate>) -> Vec<&Candidate> {
    let last = front.len().saturating_sub(1);
    if last < POINTS {
        return front;
    }
    (0..POINTS).map(|i| front[i * last / (POINTS - 1)]).collect()
}

/// Refuses a limit on rows that nothing at the usual precision keeps.
pub(crate) fn check_rows(model: &OnnxModel, settings: &Settings) -> Result<(), Error> {
    let args = &settings.run_args;
    let options = CalibrationOptions::default();
    let quantiser = Quantiser::new(model.graph());
    let judge = Judge::new(&quantiser, settings, vec![], &options);
    if args.logrows.or(args.max_logrows).is_none() || grid::fits(&judge, settings) {
        return Ok(());
    }
    let refused = judge.planned(settings).map(drop);
    refused.map_err(|error| limits::explained(&judge, settings, error))
}

/// How many observations candidates are compared on.
fn compared(model: &OnnxModel) -> usize {
    let moving = model.graph().nodes.iter().filter(|node| !matches!(node.op, Op::Constant(_)));
    let values: usize = moving.map(|node| node.shape.iter().product::<usize>()).sum();
    (VALUES / values.max(1)).clamp(COMPARED, MOST_COMPARED)
}

/// At most `most` items, evenly spread.
fn spread<'a>(items: &[Observation<'a>], most: usize) -> Vec<Observation<'a>> {
    let step = items.len().div_ceil(most).max(1);
    items.iter().step_by(step).copied().collect()
}

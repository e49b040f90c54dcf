//! What settings are worth: their error on the data, their modelled cost.

use super::candidate::Candidate;
use super::imprecision::{Imprecision, imprecise};
use super::options::{CalibrationOptions, Metric};
use crate::Error;
use crate::plan_options::plan_options;
use provenn_circuit::{CompiledCircuit, Cost, Plan, PlanOptions};
use provenn_fixed_point::{ErrorBounds, QuantGraph, QuantOp, Quantiser, Settings};
use provenn_onnx_ir::Tensor;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// What candidates are compared on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observation<'a> {
    inputs: &'a [Tensor],
    /// Outputs of the float model.
    float: &'a [Tensor],
}

/// Observations with what the float model makes of them.
pub(super) fn observed<'a>(
    inputs: &'a [Vec<Tensor>],
    float: &'a [Vec<Tensor>],
) -> Vec<Observation<'a>> {
    let both = inputs.iter().zip(float);
    both.map(|(inputs, float)| Observation { inputs, float }).collect()
}

/// Judges settings on data.
pub(super) struct Judge<'a> {
    quantiser: &'a Quantiser<'a>,
    observations: Vec<Observation<'a>>,
    magnitude: f64,
    metric: Metric,
    pub(super) options: &'a CalibrationOptions,
    plan: PlanOptions,
    /// A layout that others are looked for near to, once there is one.
    like: Option<Plan>,
    /// Elements of the nodes whose bits can be changed, by name; of the graph that this layout is of.
    sizes: BTreeMap<String, usize>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        quantiser: &'a Quantiser<'a>,
        settings: &Settings,
        observations: Vec<Observation<'a>>,
        options: &'a CalibrationOptions,
    ) -> Self {
        let values = observations.iter().flat_map(|of| of.float).flat_map(|t| &t.data);
        let magnitude = values.fold(0.0, |m: f64, v| m.max(f64::from(v.abs())));
        let plan = plan_options(settings);
        let metric = options.metric;
        let sizes = BTreeMap::new();
        Judge { quantiser, observations, magnitude, metric, options, plan, like: None, sizes }
    }

    /// Looks for layouts near to that of these settings, if they have one: graphs that differ in precision alone are laid
    /// out much alike.
    ///
    /// # Errors
    /// [`Error::Quantise`] for a model that cannot be quantised.
    pub(super) fn near(mut self, settings: &Settings) -> Result<Self, Error> {
        let (_, graph) = self.quantiser.describe(settings.clone()).map_err(Error::describing)?;
        self.like = CompiledCircuit::plan_of_valid(&graph, &self.plan).ok().map(|(plan, _)| plan);
        self.sizes = adjustable(&graph, settings);
        Ok(self)
    }

    /// The same, with at most 2^k rows: to ask what fits, not to measure.
    pub(super) fn with_rows(&self, k: u32) -> Judge<'a> {
        let plan = PlanOptions { logrows: None, max_logrows: Some(k), ..self.plan.clone() };
        Judge { plan, like: None, sizes: BTreeMap::new(), observations: vec![], ..*self }
    }

    /// Whether a layout keeps the limits.
    pub(super) fn fits(&self, settings: &Settings) -> bool {
        self.planned(settings).is_ok()
    }

    /// Quantises, models the cost, and measures.
    pub(super) fn judge(&self, settings: &Settings) -> Result<Candidate, Error> {
        self.measured(self.planned(settings)?)
    }

    /// The same where the modelled cost is worth a measurement; none where it is not.
    pub(super) fn judge_where(
        &self,
        settings: &Settings,
        worth: &(impl Fn(&Cost) -> bool + Sync),
    ) -> Result<Option<Candidate>, Error> {
        let planned = self.planned(settings)?;
        if !worth(&planned.cost) {
            return Ok(None);
        }
        self.measured(planned).map(Some)
    }

    /// Quantises, and models the cost.
    pub(super) fn planned(&self, settings: &Settings) -> Result<Planned, Error> {
        let (mut settings, graph) =
            self.quantiser.describe(settings.clone()).map_err(Error::describing)?;
        let (plan, cost) = match &self.like {
            Some(like) => CompiledCircuit::plan_like(&graph, &self.plan, like)?,
            None => CompiledCircuit::plan_of_valid(&graph, &self.plan)?,
        };
        settings.k = Some(plan.k);
        Ok(Planned { settings, graph: Some(graph), plan, cost })
    }

    /// Measures what was laid out.
    pub(super) fn measured(&self, planned: Planned) -> Result<Candidate, Error> {
        let Planned { settings, graph, plan, cost } = planned;
        let graph = match graph {
            Some(graph) => graph,
            None => {
                let described = self.quantiser.describe(settings.clone());
                described.map_err(Error::describing)?.1
            }
        };
        let error = self.error(&self.outputs(&graph)?);
        Ok(Candidate { settings, error, magnitude: self.magnitude, cost, plan })
    }

    /// Measures again a candidate that was judged on other observations, plans it anew among all layouts, and keeps what
    /// it was measured on.
    pub(super) fn confirm(&self, candidate: &Candidate) -> Result<Confirmed, Error> {
        let settings = candidate.settings.clone();
        let (settings, graph, bounds) =
            self.quantiser.describe_with_bounds(settings).map_err(Error::describing)?;
        let outputs = self.outputs(&graph)?;
        let (error, magnitude) = (self.error(&outputs), self.magnitude);
        let (plan, cost) = CompiledCircuit::plan_of_valid(&graph, &self.plan)?;
        let settings = Settings { k: Some(plan.k), ..settings };
        let candidate = Candidate { settings, error, magnitude, cost, plan };
        Ok(Confirmed { candidate, graph, bounds, outputs })
    }

    /// Names of the nodes whose bits can be changed, the largest tensors first, `most` of them.
    pub(super) fn adjustable(&self, most: usize) -> Vec<String> {
        let mut nodes: Vec<_> = self.sizes.iter().collect();
        nodes.sort_by_key(|&(name, size)| (std::cmp::Reverse(size), name));
        nodes.into_iter().take(most).map(|(name, _)| name.clone()).collect()
    }

    /// Outputs that the settings leave too little of.
    pub(super) fn imprecise(&self, confirmed: &Confirmed) -> Vec<Imprecision> {
        let Confirmed { candidate, graph, outputs, .. } = confirmed;
        let runs = outputs.iter().zip(self.observations.iter().map(|of| of.float));
        imprecise(graph, &candidate.settings, &runs.collect::<Vec<_>>())
    }

    /// The quantised model's outputs on every observation.
    fn outputs(&self, graph: &QuantGraph) -> Result<Vec<Vec<Vec<f64>>>, Error> {
        self.observations.par_iter().map(|of| outputs(graph, of.inputs)).collect()
    }

    fn error(&self, outputs: &[Vec<Vec<f64>>]) -> f64 {
        let mut sum = Sum::default();
        for (quantised, of) in outputs.iter().zip(&self.observations) {
            for (reals, float) in quantised.iter().zip(of.float) {
                sum.add(reals, &float.data);
            }
        }
        sum.error(self.metric)
    }
}

/// Elements of the nodes whose bits can be changed.
fn adjustable(graph: &QuantGraph, settings: &Settings) -> BTreeMap<String, usize> {
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    for tensor in &graph.tensors {
        let counts = match tensor.op {
            QuantOp::Input { .. } => settings.run_args.input_scale.is_none(),
            QuantOp::Rescale { .. } => true,
            QuantOp::View { .. }
            | QuantOp::Exact { .. }
            | QuantOp::Quotient(_)
            | QuantOp::Root { .. }
            | QuantOp::Gather(_)
            | QuantOp::Embedding(_)
            | QuantOp::Sort { .. }
            | QuantOp::Maximum { .. } => false,
        };
        if counts {
            *sizes.entry(tensor.name.clone()).or_default() += tensor.len();
        }
    }
    sizes
}

/// Settings with what they make of the model, not measured yet.
pub(super) struct Planned {
    settings: Settings,
    /// Made again for measuring where it is not kept.
    graph: Option<QuantGraph>,
    plan: Plan,
    pub(super) cost: Cost,
}

/// Elements that the graphs of layouts may have that wait to be measured: 64 MiB.
const KEPT: u128 = 1 << 23;

impl Planned {
    /// Drops the graph if it is large: of many layouts one is measured, and each would hold all weights.
    pub(super) fn lighten(&mut self) {
        self.graph = self.graph.take().filter(|graph| graph.stored() <= KEPT);
    }
}

/// A candidate measured on all observations, and what was made for it.
pub(super) struct Confirmed {
    pub(super) candidate: Candidate,
    pub(super) graph: QuantGraph,
    pub(super) bounds: ErrorBounds,
    /// Per observation and output.
    outputs: Vec<Vec<Vec<f64>>>,
}

impl AsRef<Candidate> for Confirmed {
    fn as_ref(&self) -> &Candidate {
        &self.candidate
    }
}

/// The quantised model's outputs on one observation, as reals.
fn outputs(graph: &QuantGraph, inputs: &[Tensor]) -> Result<Vec<Vec<f64>>, Error> {
    let inputs = graph.quantise_inputs(inputs)?;
    let values = graph.interpret(&inputs.values)?;
    Ok(graph.outputs.iter().map(|id| graph.grid(*id).reals(&values[id.0])).collect())
}

/// Sums over outputs.
#[derive(Default)]
struct Sum {
    largest: f64,
    absolute: f64,
    float: f64,
    elements: f64,
    flips: f64,
    outputs: f64,
}

impl Sum {
    fn add(&mut self, quantised: &[f64], float: &[f32]) {
        for (q, &f) in quantised.iter().zip(float) {
            let f = f64::from(f);
            self.largest = self.largest.max((q - f).abs());
            self.absolute += (q - f).abs();
            self.float += f.abs();
            self.elements += 1.0;
        }
        let float: Vec<f64> = float.iter().map(|&f| f64::from(f)).collect();
        self.flips += f64::from(u8::from(first_largest(quantised) != first_largest(&float)));
        self.outputs += 1.0;
    }

    fn error(&self, metric: Metric) -> f64 {
        match metric {
            Metric::Max => self.largest,
            Metric::Mean => self.absolute / self.elements.max(1.0),
            Metric::Relative if self.float > 0.0 => self.absolute / self.float,
            Metric::Relative => self.absolute,
            Metric::Top1 => self.flips / self.outputs.max(1.0),
        }
    }
}

/// Position of the largest value, the first on ties.
fn first_largest(values: &[f64]) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (i, &v) in values.iter().enumerate() {
        if best.is_none_or(|(_, b)| v > b) {
            best = Some((i, v));
        }
    }
    best.map(|(i, _)| i)
}

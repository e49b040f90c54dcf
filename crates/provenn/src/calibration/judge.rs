//! What settings are worth: their error on the data, their modelled cost.

use super::candidate::Candidate;
use super::imprecision::{Imprecision, imprecise};
use super::options::{CalibrationOptions, Metric};
use crate::plan_options::plan_options;
use crate::{Error, OnnxModel};
use provenn_circuit::{CompiledCircuit, PlanOptions};
use provenn_fixed_point::{QuantGraph, QuantOp, Settings, describe, quantise};
use provenn_onnx_ir::Tensor;
use std::collections::BTreeMap;

/// Judges settings on data.
pub(super) struct Judge<'a> {
    model: &'a OnnxModel,
    observations: Vec<&'a Vec<Tensor>>,
    /// Outputs of the float model per observation.
    float: Vec<Vec<Tensor>>,
    magnitude: f64,
    metric: Metric,
    pub(super) options: &'a CalibrationOptions,
    plan: PlanOptions,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        model: &'a OnnxModel,
        settings: &Settings,
        observations: Vec<&'a Vec<Tensor>>,
        options: &'a CalibrationOptions,
    ) -> Result<Self, Error> {
        let float = observations
            .iter()
            .map(|inputs| model.graph().run(inputs))
            .collect::<Result<Vec<_>, _>>()?;
        let values = float.iter().flatten().flat_map(|t| &t.data);
        let magnitude = values.fold(0.0, |m: f64, v| m.max(f64::from(v.abs())));
        let plan = plan_options(settings);
        let metric = options.metric;
        Ok(Judge { model, observations, float, magnitude, metric, options, plan })
    }

    /// The same, with at most 2^k rows: to ask what fits, not to measure.
    pub(super) fn with_rows(&self, k: u32) -> Judge<'a> {
        let plan = PlanOptions { logrows: None, max_logrows: Some(k), ..self.plan.clone() };
        Judge { plan, observations: vec![], float: vec![], ..*self }
    }

    /// Whether a layout keeps the limits.
    pub(super) fn fits(&self, settings: &Settings) -> bool {
        let described = describe(self.model.graph(), settings.clone());
        described.is_ok_and(|(_, graph)| CompiledCircuit::plan(&graph, &self.plan).is_ok())
    }

    /// Quantises, measures, and models the cost.
    pub(super) fn judge(&self, settings: &Settings) -> Result<Candidate, Error> {
        let (mut settings, graph) =
            describe(self.model.graph(), settings.clone()).map_err(Error::describing)?;
        let (plan, cost) = CompiledCircuit::plan(&graph, &self.plan)?;
        settings.k = Some(plan.k);
        let error = self.error(&graph)?;
        Ok(Candidate { settings, error, magnitude: self.magnitude, cost, plan })
    }

    /// Names of the nodes whose bits can be changed, the largest tensors first, `most` of them.
    pub(super) fn adjustable(
        &self,
        settings: &Settings,
        most: usize,
    ) -> Result<Vec<String>, Error> {
        let graph = quantise(self.model.graph(), settings)?;
        let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
        for tensor in &graph.tensors {
            let counts = match tensor.op {
                QuantOp::Input { .. } => settings.run_args.input_scale.is_none(),
                QuantOp::Rescale { .. } => true,
                QuantOp::View { .. }
                | QuantOp::Exact { .. }
                | QuantOp::Quotient(_)
                | QuantOp::Root { .. } => false,
            };
            if counts {
                *sizes.entry(&tensor.name).or_default() += tensor.len();
            }
        }
        let mut nodes: Vec<_> = sizes.into_iter().collect();
        nodes.sort_by_key(|&(name, size)| (std::cmp::Reverse(size), name));
        Ok(nodes.into_iter().take(most).map(|(name, _)| name.to_owned()).collect())
    }

    /// Outputs that settings leave too little of.
    pub(super) fn imprecise(&self, settings: &Settings) -> Result<Vec<Imprecision>, Error> {
        let graph = quantise(self.model.graph(), settings)?;
        let runs = self.observations.iter().zip(&self.float);
        let runs = runs.map(|(inputs, float)| Ok((outputs(&graph, inputs)?, float.as_slice())));
        Ok(imprecise(&graph, settings, &runs.collect::<Result<Vec<_>, Error>>()?))
    }

    fn error(&self, graph: &QuantGraph) -> Result<f64, Error> {
        let mut sum = Sum::default();
        for (inputs, float) in self.observations.iter().zip(&self.float) {
            for (reals, float) in outputs(graph, inputs)?.iter().zip(float) {
                sum.add(reals, &float.data);
            }
        }
        Ok(sum.error(self.metric))
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

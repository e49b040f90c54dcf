//! Settings from a model alone, and settings from data.

use crate::alike::share;
use crate::calibrate_error::CalibrateError;
use crate::convert::{power_of_two, real_count, single};
use crate::error_bound::ErrorBounds;
use crate::observe::{MARGIN, Observed, Origin, from_zero, masked, observe};
use crate::quant_graph::{QuantGraph, QuantOp, TensorId};
use crate::quantise::{QuantiseError, Quantiser};
use crate::run_args::{RunArgs, Visibility};
use crate::settings::{Columns, Range, SETTINGS_VERSION, Settings, TensorInfo};
use provenn_onnx_ir::{ElementType, Graph, Op, Tensor};
use std::collections::BTreeMap;

/// S before a search.
const SHIFT: u32 = 16;
/// t before a search.
const LOW_BITS: u32 = 10;
/// Bits of an activation before a search.
const BITS: u32 = 16;

/// Ranges from assumed inputs grow by this.
const ASSUMED_MARGIN: f64 = 4.0;
/// Evaluations of assumed inputs, at most.
const ASSUMED_RUNS: usize = 8;
/// Elements that these evaluations take together, but for the first: many elements show a range at once.
const ASSUMED_ELEMENTS: usize = 1 << 22;

/// Settings without data: ranges from a few deterministic evaluations over the assumed input range, generously
/// widened. Calibrate before relying on accuracy. Where only the assumed ranges stand in the way (a divisor that
/// could be zero, values too large for their bits), `inputs` and `outputs` stay empty until calibration.
///
/// # Errors
/// [`CalibrateError`] for arguments out of range and models that cannot be quantised.
pub fn generate_settings(
    graph: &Graph,
    args: &RunArgs,
    model_digest: &str,
) -> Result<Settings, CalibrateError> {
    args.check()?;
    let runs = ASSUMED_ELEMENTS / graph.elements_in_all().max(1);
    let runs = (0_u32..).take(runs.clamp(1, ASSUMED_RUNS));
    let runs = runs.map(|seed| assumed_inputs(graph, args.assumed_input_range, seed));
    let mut observed = observe(graph, runs, Origin::Invented, |_| {})?;
    share(graph, &mut observed);
    let mut ranges = widened(graph, &observed, ASSUMED_MARGIN);
    let extents = graph.index_extents();
    for id in &graph.inputs {
        let hi = args.assumed_input_range;
        let range = match (extents[id.0], graph.element(*id)) {
            (Some(extent), _) => Range { lo: 0.0, hi: real_count(extent) - 1.0 },
            (None, ElementType::Boolean) => Range { lo: 0.0, hi: 1.0 },
            (None, ElementType::Integer { signed: false, .. }) => Range { lo: 0.0, hi },
            (None, _) => Range { lo: -hi, hi },
        };
        ranges.insert(graph.nodes[id.0].name.clone(), range);
    }
    let settings = draft(args, model_digest, ranges, BTreeMap::new());
    match describe(graph, settings.clone()) {
        // Invented data lead a recurrence far away, where no mask of the model's own does.
        Err(CalibrateError::Quantise(QuantiseError::Mask { .. }))
            if masked(graph).iter().all(|masked| !masked) =>
        {
            Ok(settings)
        }
        Err(CalibrateError::Quantise(error)) if error.is_of_ranges(args) => Ok(settings),
        result => Ok(result?.0),
    }
}

/// What [`calibrate`] starts from where nothing is to be assumed: the run arguments and the nodes, without ranges.
///
/// # Errors
/// [`CalibrateError::Settings`] for arguments out of range.
pub fn settings_without_ranges(
    graph: &Graph,
    args: &RunArgs,
    model_digest: &str,
) -> Result<Settings, CalibrateError> {
    args.check()?;
    let moving = graph.nodes.iter().filter(|node| !matches!(node.op, Op::Constant(_)));
    let nothing = Range { lo: 0.0, hi: 0.0 };
    let ranges = moving.map(|node| (node.name.clone(), nothing)).collect();
    Ok(draft(args, model_digest, ranges, BTreeMap::new()))
}

/// Settings from data: every node's observed range with a margin, and defaults for S, t and bits where the run
/// arguments leave them open. A search may then change these; [`describe`] brings its settings in order.
///
/// # Errors
/// [`CalibrateError`]: no observations, NaN, wrong shapes, settings of another model, models that cannot be
/// quantised.
pub fn calibrate(
    graph: &Graph,
    settings: &Settings,
    observations: &[Vec<Tensor>],
) -> Result<Settings, CalibrateError> {
    Ok(describe(graph, ranges_of_data(graph, settings, observations)?.0)?.0)
}

/// The same before anything is quantised, and what the float model comes to on each observation, which is run for its
/// ranges anyway.
///
/// # Errors
/// As [`calibrate`], but for what only quantisation meets.
pub fn ranges_of_data(
    graph: &Graph,
    settings: &Settings,
    observations: &[Vec<Tensor>],
) -> Result<(Settings, Vec<Vec<Tensor>>), CalibrateError> {
    settings.check()?;
    if observations.is_empty() {
        return Err(CalibrateError::Empty);
    }
    let mut outputs = vec![];
    let all = observations.iter().cloned();
    let mut observed = observe(graph, all, Origin::Data, |of| outputs.push(of))?;
    share(graph, &mut observed);
    let ranges = widened(graph, &observed, MARGIN);
    if let Some(node) = settings.ranges.keys().find(|name| !ranges.contains_key(*name)) {
        return Err(QuantiseError::UnknownNode { node: node.clone() }.into());
    }
    if let Some(node) = ranges.keys().find(|name| !settings.ranges.contains_key(*name)) {
        return Err(QuantiseError::MissingRange { node: node.clone() }.into());
    }
    // How columns of a tensor differ follows from weights, which must not be seen where they are committed.
    let seen = settings.run_args.param_visibility != Visibility::Committed;
    let columns = observed
        .iter()
        .filter(|_| seen)
        .filter_map(|(name, node)| Some((name.clone(), node.columns(MARGIN)?)));
    let draft = draft(&settings.run_args, &settings.model_digest, ranges, columns.collect());
    Ok((draft, outputs))
}

/// Ranges scaled away from zero; the sign of every end stays. Divisors, whose tables cover the whole range,
/// never grow by more than the margin of data.
fn widened(
    graph: &Graph,
    observed: &BTreeMap<String, Observed>,
    margin: f64,
) -> BTreeMap<String, Range> {
    let divisors = divisors(graph);
    let scale = |name: &str, range: Range| {
        let margin = if divisors.contains(&name) { margin.min(MARGIN) } else { margin };
        from_zero(range, margin)
    };
    observed.iter().map(|(name, node)| (name.clone(), scale(name, node.range))).collect()
}

/// Names of nodes that others are divided by.
fn divisors(graph: &Graph) -> Vec<&str> {
    let divides = |op: &Op| matches!(op, Op::Div | Op::Round { .. });
    let divisions = graph.nodes.iter().filter(|node| divides(&node.op));
    let divisor = |node: &provenn_onnx_ir::Node| node.inputs.get(1).copied();
    divisions.filter_map(divisor).map(|id| graph.nodes[id.0].name.as_str()).collect()
}

/// Settings without a description of inputs and outputs.
fn draft(
    args: &RunArgs,
    model_digest: &str,
    ranges: BTreeMap<String, Range>,
    columns: BTreeMap<String, Columns>,
) -> Settings {
    Settings {
        version: SETTINGS_VERSION,
        run_args: args.clone(),
        model_digest: model_digest.to_owned(),
        shift: args.shift.unwrap_or(SHIFT),
        low_bits: args.low_bits.unwrap_or(LOW_BITS),
        bits: args.bits.unwrap_or(BITS),
        node_bits: BTreeMap::new(),
        node_formats: BTreeMap::new(),
        k: None,
        ranges,
        columns,
        magnitudes: BTreeMap::new(),
        inputs: vec![],
        outputs: vec![],
    }
}

/// Settings with the steps that quantisation gives inputs and outputs, and the quantised graph.
///
/// # Errors
/// [`CalibrateError::Quantise`] for settings that the model cannot be quantised with.
pub fn describe(
    graph: &Graph,
    settings: Settings,
) -> Result<(Settings, QuantGraph), CalibrateError> {
    Quantiser::once(graph).describe(settings)
}

impl Quantiser<'_> {
    /// As [`describe`].
    ///
    /// # Errors
    /// As it.
    pub fn describe(&self, settings: Settings) -> Result<(Settings, QuantGraph), CalibrateError> {
        let (settings, quantised, _) = self.describe_with_bounds(settings)?;
        Ok((settings, quantised))
    }

    /// As [`describe`], with what bounds the distance of every tensor from its float value.
    ///
    /// # Errors
    /// As [`describe`].
    pub fn describe_with_bounds(
        &self,
        mut settings: Settings,
    ) -> Result<(Settings, QuantGraph, ErrorBounds), CalibrateError> {
        if settings.run_args.param_visibility == Visibility::Committed
            && settings.magnitudes.is_empty()
        {
            settings.magnitudes = self.magnitudes(&settings)?;
            if settings.magnitudes.is_empty() {
                return Err(QuantiseError::NoWeights.into());
            }
        }
        let (quantised, bounds) = self.quantise_with_bounds(&settings)?;
        let graph = self.graph;
        state_formats(&mut settings, &quantised);
        settings.inputs = infos(graph, &graph.inputs, &quantised, &quantised.inputs);
        settings.outputs = infos(graph, &graph.outputs, &quantised, &quantised.outputs);
        for (position, info) in settings.outputs.iter_mut().enumerate() {
            if let Some(name) = graph.output_name(position).filter(|name| *name != info.name) {
                info.node = Some(std::mem::replace(&mut info.name, name.to_owned()));
            }
        }
        settings.check_names()?;
        Ok((settings, quantised, bounds))
    }
}

/// States the formats that quantisation chose for single nodes, so that settings tell all that a key has.
fn state_formats(settings: &mut Settings, quantised: &QuantGraph) {
    let main = settings.main_format();
    for tensor in &quantised.tensors {
        let QuantOp::Rescale { format, .. } = &tensor.op else { continue };
        // With a shift of 0 nothing is dropped.
        let own = quantised.format(*format).filter(|own| *own != main && own.shift > 0);
        if let Some(own) = own.filter(|_| settings.ranges.contains_key(&tensor.name)) {
            settings.node_formats.insert(tensor.name.clone(), own);
        }
    }
}

fn infos(
    graph: &Graph,
    nodes: &[provenn_onnx_ir::NodeId],
    quantised: &QuantGraph,
    tensors: &[TensorId],
) -> Vec<TensorInfo> {
    let info = |(node, tensor): (&provenn_onnx_ir::NodeId, &TensorId)| {
        let (node, grid) = (&graph.nodes[node.0], quantised.grid(*tensor));
        TensorInfo::new(node.name.clone(), node.shape.clone(), grid)
    };
    nodes.iter().zip(tensors).map(info).collect()
}

/// Deterministic inputs spread over ±range, truth values, or indices of an axis: a hash of seed and position.
fn assumed_inputs(graph: &Graph, range: f64, seed: u32) -> Vec<Tensor> {
    let mut state = u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        f64::from(u32::try_from(state >> 32).unwrap_or(0)) * power_of_two(-32)
    };
    let extents = graph.index_extents();
    let tensor = |id: &provenn_onnx_ir::NodeId| {
        let shape = graph.nodes[id.0].shape.clone();
        let len = shape.iter().product();
        let value = |unit: f64| match (extents[id.0], graph.element(*id)) {
            (Some(extent), _) => (unit * real_count(extent)).floor(),
            (None, ElementType::Boolean) => unit.round(),
            (None, ElementType::Integer { signed: false, .. }) => (unit * range).round(),
            (None, ElementType::Integer { signed: true, .. }) => {
                ((2.0 * unit - 1.0) * range).round()
            }
            (None, ElementType::Float | ElementType::Double) => (2.0 * unit - 1.0) * range,
        };
        let value = |unit| single(value(unit));
        Tensor { shape, data: std::iter::repeat_with(&mut next).take(len).map(value).collect() }
    };
    graph.inputs.iter().map(tensor).collect()
}

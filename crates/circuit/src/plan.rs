//! The planner: chooses k, lanes and bank of weights lanes by a cost model, deterministically.

pub(crate) mod cost;
mod lanes;
mod ranges;

use crate::boundary::BoundaryTerms;
use crate::error::CompileError;
use crate::excess::Excess;
use crate::known::Known;
use crate::lower::lower;
use crate::place::k_of;
use crate::program::RangeBlock;
use crate::ranges::Ranges;
use crate::size::{Sizes, SizesAt};
use crate::tables::Tables;
use cost::{Cost, cost_of};
use provenn_fixed_point::limits::{LOGROWS, PLANNED_LOGROWS};
use provenn_fixed_point::{Linear, QuantGraph, QuantOp, QuantTensor, TensorId};
use provenn_gadgets::linear::Extents;
use provenn_gadgets::{CircuitParams, GadgetSet, LinearIdentity, TermsPerHelper};
use serde::{Deserialize, Serialize};

/// Smallest k that is tried.
const LEAST_K: u32 = 5;
/// Largest k that is tried.
const MOST_K: u32 = PLANNED_LOGROWS;

/// k from which on one fraction per helper column is considered beside three: below, helper columns have too few
/// rows for their few values to pay (ADR 20 has the measurements).
const ONE_TERM_K: u32 = 14;

/// What lanes of a format's own, and rescales divided through, have to be better by: of few per cent the cost model is
/// not sure, and further banks are further full-width columns (ADR 22 has the measurements).
const MARGIN: f64 = 1.05;

/// What the caller may fix; the rest is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOptions {
    /// Exactly this k.
    pub logrows: Option<u32>,
    /// At most this k.
    pub max_logrows: Option<u32>,
    /// Exactly this place for boundary terms of convolutions; the cheapest if none is given.
    pub boundary: Option<BoundaryTerms>,
    /// Whether rescales that drop nothing but zeros are divided through by 2^S; the cheaper if it is not said.
    pub undropped: Option<bool>,
    /// Exactly so many fractions of the lookup argument per helper column; the cheaper if no number is given.
    pub terms_per_helper: Option<TermsPerHelper>,
    /// Inputs are not public: they are range-checked in the circuit instead.
    pub private_inputs: bool,
    /// Outputs are not public.
    pub private_outputs: bool,
}

/// The chosen parameters; with the graph they determine the circuit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Rows are 2^k.
    pub k: u32,
    /// Cells per row of a bank.
    pub lanes: usize,
    /// Weights per row of a bank of weights.
    pub weight_lanes: usize,
    /// Fractions of the lookup argument per helper column.
    pub terms_per_helper: TermsPerHelper,
    /// Where boundary terms of convolutions stand.
    pub boundary: BoundaryTerms,
    /// Range banks, if operations or private inputs need any.
    pub ranges: Option<Ranges>,
    /// Activations per row, by format of the graph.
    pub format_lanes: Vec<usize>,
    /// Rescales that drop nothing but zeros are divided through by 2^S.
    pub undropped: bool,
    /// Inputs are not public.
    pub private_inputs: bool,
    /// Outputs are not public.
    pub private_outputs: bool,
}

/// Lengths of the runs of weights that one unit takes.
fn lengths<G: GadgetSet>(graph: &QuantGraph) -> Vec<usize> {
    let len = |id: TensorId| graph.tensors[id.0].len();
    let embedded = |tensor: &QuantTensor| match &tensor.op {
        QuantOp::Embedding(embedding) => {
            let outputs = embedding.width(tensor.len(), len(embedding.indices))?;
            Some(Extents { outputs, inputs: embedding.rows.len() / outputs })
        }
        QuantOp::Input { .. }
        | QuantOp::View { .. }
        | QuantOp::Exact { .. }
        | QuantOp::Rescale { .. }
        | QuantOp::Quotient(_)
        | QuantOp::Root { .. }
        | QuantOp::Gather(_)
        | QuantOp::Sort { .. } => None,
    };
    let extents = |tensor: &QuantTensor| match tensor.op.linear()? {
        Linear::Dense { input, .. } => {
            Some(Extents { outputs: tensor.len(), inputs: graph.tensors[input.0].len() })
        }
        Linear::Conv { kernel_shape: [outputs, channels, height, width], groups, .. } => {
            let inputs = groups * channels * height * width;
            Some(Extents { outputs: outputs / groups, inputs })
        }
        Linear::MatMul { .. } | Linear::Combine { .. } | Linear::Contract { .. } => None,
    };
    let mut lengths: Vec<usize> = graph
        .tensors
        .iter()
        .filter_map(|tensor| extents(tensor).or_else(|| embedded(tensor)))
        .map(|e| G::Linear::divide(e).length)
        .collect();
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

/// Even divisions of the units: no lane of the last row stays empty.
fn weight_lane_candidates<G: GadgetSet>(graph: &QuantGraph) -> Vec<usize> {
    let mut candidates: Vec<usize> = lengths::<G>(graph)
        .into_iter()
        .flat_map(|n| (1..=n.min(64)).map(move |parts| n.div_ceil(parts)))
        .filter(|&lanes| lanes <= 128)
        .collect();
    candidates.push(4);
    candidates.sort_unstable();
    candidates.dedup();
    candidates
}

fn convolves(graph: &QuantGraph) -> bool {
    graph.tensors.iter().any(|tensor| matches!(tensor.op.linear(), Some(Linear::Conv { .. })))
}

/// Checks that the public values fit the instance column, before anything is made for each of them.
pub(crate) fn check_public(
    graph: &QuantGraph,
    [private_inputs, private_outputs]: [bool; 2],
    k: u32,
) -> Result<(), CompileError> {
    let capacity = CircuitParams { k, ..CircuitParams::default() }.active_rows();
    let inputs = graph.inputs.iter().filter(|_| !private_inputs);
    let public = inputs.chain(graph.outputs.iter().filter(|_| !private_outputs));
    let lengths = public.filter_map(|id| graph.tensors.get(id.0)).map(QuantTensor::len);
    let rows = lengths.fold(0, usize::saturating_add);
    if rows <= capacity {
        return Ok(());
    }
    Err(CompileError::TooLarge { limit: k, source: Excess::PublicValues { rows } })
}

/// The places for boundary terms to try, each with the tables that it takes.
fn choices(
    graph: &QuantGraph,
    options: &PlanOptions,
) -> Result<Vec<(BoundaryTerms, Tables)>, CompileError> {
    let boundary = match options.boundary {
        Some(boundary) => vec![boundary],
        None if convolves(graph) => vec![BoundaryTerms::InLanes, BoundaryTerms::Combined],
        None => vec![BoundaryTerms::InLanes],
    };
    let tables = |boundary| Ok((boundary, Tables::new(graph, boundary, None)?));
    boundary.into_iter().map(tables).collect()
}

/// The graph, or the same with rescales divided through, and what it determines.
struct Variant<'g> {
    graph: &'g QuantGraph,
    known: Known,
    choices: Vec<(BoundaryTerms, Tables)>,
}

impl<'g> Variant<'g> {
    fn new(graph: &'g QuantGraph, options: &PlanOptions) -> Result<Self, CompileError> {
        let (known, choices) = (Known::new(graph)?, choices(graph, options)?);
        Ok(Variant { graph, known, choices })
    }

    fn choices(&self) -> impl Iterator<Item = (&Self, &(BoundaryTerms, Tables))> {
        self.choices.iter().map(move |choice| (self, choice))
    }
}

/// The cheapest so far: its objective first.
type Best = (f64, Cost, Plan, CircuitParams);

fn least(best: &Option<Best>) -> Option<f64> {
    best.as_ref().map(|(least, ..)| *least)
}

/// Why columns of the greatest height tried are too short.
struct Failed {
    k: u32,
    source: Excess,
}

impl Default for Failed {
    fn default() -> Self {
        Failed { k: 0, source: Excess::Everything }
    }
}

impl Failed {
    fn at(&mut self, k: u32, source: Excess) {
        if k >= self.k {
            *self = Failed { k, source };
        }
    }
}

/// Chooses the cheapest plan of a valid graph.
///
/// # Errors
/// [`CompileError`] of the lowest k that fails for a reason other than room, or `TooLarge`.
pub(crate) fn plan<G: GadgetSet>(
    graph: &QuantGraph,
    options: &PlanOptions,
) -> Result<(Plan, Cost), CompileError> {
    let most = *LOGROWS.end();
    if let Some(got) = options.logrows.filter(|k| *k > most) {
        return Err(CompileError::Logrows { got, most });
    }
    let most = options.max_logrows.unwrap_or(MOST_K).min(MOST_K);
    let range = options.logrows.map_or(LEAST_K..=most, |k| k..=k);
    let limit = *range.end();
    let private = [options.private_inputs, options.private_outputs];
    check_public(graph, private, limit)?;
    let undropped = match options.undropped {
        Some(false) => None,
        Some(true) | None => graph.undropped(),
    };
    let as_it_is = (options.undropped != Some(true) || undropped.is_none()).then_some(graph);
    let graphs = as_it_is.into_iter().chain(&undropped);
    let variants = graphs.map(|graph| Variant::new(graph, options));
    let variants = variants.collect::<Result<Vec<_>, CompileError>>()?;
    let mut sizes = vec![];
    let mut failure = None;
    for (variant, (boundary, tables)) in variants.iter().flat_map(Variant::choices) {
        let Variant { graph, known, .. } = variant;
        for lanes in [2, 4, 8, 16] {
            match lower(graph, known, lanes, *boundary, private) {
                Ok(program) => {
                    let sized = Sizes::new(graph, known, tables, program, lanes);
                    sizes.push((variant, *boundary, tables, sized));
                }
                Err(
                    error @ (CompileError::TooManyBlocks { .. }
                    | CompileError::TooMuchArithmetic { .. }),
                ) => failure = Some(error),
                Err(error) => return Err(error),
            }
        }
    }
    if let (true, Some(failure)) = (sizes.is_empty(), failure) {
        return Err(failure);
    }
    let weight_lanes = weight_lane_candidates::<G>(graph);
    let terms_per_helper = options.terms_per_helper.unwrap_or_default();
    let mut best: Option<Best> = None;
    let mut worse_in_a_row = 0;
    let mut failed = Failed::default();
    // Columns that hold everything in one bank of each kind gain nothing from more rows: downwards from there, and
    // upwards only if nothing fits.
    let rows = sizes.iter().map(|(.., sizes)| sizes.rows()).max().unwrap_or(0);
    let start = k_of(rows).max(*range.start()).min(limit);
    for k in (*range.start()..=start).rev().chain(start + 1..=limit) {
        if k > start && best.is_some() {
            break;
        }
        let mut improved = false;
        if let Err(CompileError::TooLarge { source, .. }) = check_public(graph, private, k) {
            failed.at(k, source);
            continue;
        }
        // Ranges do not depend on lanes, nor mostly on anything but k.
        let mut known: Option<(&Tables, &[RangeBlock], Option<Ranges>)> = None;
        for (variant, boundary, tables, sizes) in &sizes {
            let blocks = sizes.program().range.as_slice();
            let ranges = match known {
                Some((of, same, ranges)) if std::ptr::eq(of, *tables) && same == blocks => ranges,
                _ => ranges::ranges::<G>(sizes.program(), tables, k),
            };
            known = Some((tables, blocks, ranges));
            if ranges.is_none() && !sizes.program().range.is_empty() {
                failed.at(k, Excess::Ranges);
                continue;
            }
            for format_lanes in lanes::choices(variant.graph, sizes.program(), sizes.lanes(), k) {
                // Asked for, it is not weighed.
                let as_it_is =
                    std::ptr::eq(variant.graph, graph) || options.undropped == Some(true);
                let plain = as_it_is && format_lanes.iter().all(|of| *of == sizes.lanes());
                let mut at = match sizes.at(k, &format_lanes, ranges, G::Linear::divide) {
                    Ok(at) => at,
                    Err(CompileError::TooLarge { source, .. }) => {
                        failed.at(k, source);
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                let margin = if plain { 1.0 } else { MARGIN };
                // What is still unknown of parameters can only add to their cost.
                let beaten = |least: Option<f64>, params: &CircuitParams| {
                    least.is_some_and(|least| cost_of::<G>(params).objective() * margin >= least)
                };
                if beaten(least(&best), &at.least(terms_per_helper)) {
                    continue;
                }
                let mut met: Vec<CircuitParams> = vec![];
                for &weight_lanes in &weight_lanes {
                    let (least, widths) = (least(&best), (weight_lanes, terms_per_helper));
                    let params = match candidate(&mut at, widths, &met, |of| beaten(least, of)) {
                        Ok(Some(params)) => params,
                        Ok(None) => continue,
                        Err(CompileError::TooLarge { source, .. }) => {
                            failed.at(k, source);
                            continue;
                        }
                        Err(error) => return Err(error),
                    };
                    if let Err(error) = params.validate() {
                        failed.at(k, error.into());
                        continue;
                    }
                    met.push(params.clone());
                    let cost = cost_of::<G>(&params);
                    let objective = cost.objective() * margin;
                    if least.is_none_or(|least| objective < least) {
                        let plan = Plan {
                            k,
                            lanes: params.lanes,
                            weight_lanes,
                            terms_per_helper,
                            boundary: *boundary,
                            ranges,
                            format_lanes: format_lanes.clone(),
                            undropped: !std::ptr::eq(variant.graph, graph),
                            private_inputs: options.private_inputs,
                            private_outputs: options.private_outputs,
                        };
                        best = Some((objective, cost, plan, params));
                        improved = true;
                    }
                }
            }
        }
        // Below the best k costs only grow.
        worse_in_a_row = if improved || best.is_none() { 0 } else { worse_in_a_row + 1 };
        if worse_in_a_row == 2 {
            break;
        }
    }
    let source = failed.source;
    let (_, cost, plan, params) = best.ok_or(CompileError::TooLarge { limit, source })?;
    Ok(match options.terms_per_helper {
        Some(_) => (plan, cost),
        None => with_terms::<G>(plan, cost, params),
    })
}

/// The parameters with so many weights in a row; none where they cannot be the cheapest: the same or fewer columns with
/// fewer weights in a row were met, or they are beaten before arithmetic is counted.
fn candidate(
    at: &mut SizesAt<'_, '_>,
    (weight_lanes, terms_per_helper): (usize, TermsPerHelper),
    met: &[CircuitParams],
    beaten: impl Fn(&CircuitParams) -> bool,
) -> Result<Option<CircuitParams>, CompileError> {
    let (params, linears) = at.weights(weight_lanes, terms_per_helper)?;
    let banks = |of: &CircuitParams| [of.sigma_weight_banks, of.rho_weight_banks];
    let in_no_more = |arithmetic_banks: usize| {
        met.iter().any(|of| {
            let fewer = banks(of).into_iter().zip(banks(&params)).all(|(met, own)| met <= own);
            fewer && of.arithmetic_banks <= arithmetic_banks
        })
    };
    if at.counted(&linears).is_some_and(&in_no_more) || beaten(&params) {
        return Ok(None);
    }
    let arithmetic_banks = at.arithmetic(&linears)?;
    if in_no_more(arithmetic_banks) {
        return Ok(None);
    }
    Ok(Some(CircuitParams { arithmetic_banks, ..params }))
}

/// The plan with one fraction per helper column, where that is cheaper.
fn with_terms<G: GadgetSet>(plan: Plan, cost: Cost, params: CircuitParams) -> (Plan, Cost) {
    let terms_per_helper = TermsPerHelper::One;
    let single = cost_of::<G>(&CircuitParams { terms_per_helper, ..params });
    if plan.k >= ONE_TERM_K && single.objective() < cost.objective() {
        return (Plan { terms_per_helper, ..plan }, single);
    }
    (plan, cost)
}

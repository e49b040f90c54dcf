//! The planner: chooses k, lanes and bank of weights lanes by a cost model, deterministically.
//!
//! | step | module |
//! |---|---|
//! | what is tried, in which order, and what cannot be cheaper | `search` |
//! | lanes of formats of their own | `lanes` |
//! | banks of ranges | `ranges` |
//! | the cost of parameters | [`cost`] |

pub(crate) mod cost;
mod lanes;
mod ranges;
mod search;

use crate::boundary::BoundaryTerms;
use crate::error::CompileError;
use crate::excess::Excess;
use crate::ranges::Ranges;
use cost::{Cost, cost_of};
use provenn_fixed_point::limits::{LOGROWS, PLANNED_LOGROWS};
use provenn_fixed_point::{Linear, QuantGraph, QuantOp, QuantTensor, TensorId};
use provenn_gadgets::linear::Extents;
use provenn_gadgets::params::MOST_INSTANCE_COLUMNS;
use provenn_gadgets::{CircuitParams, GadgetSet, LinearIdentity, TensorVisibility, TermsPerHelper};
use search::{Scope, Search, Variant};
use serde::{Deserialize, Serialize};

/// Smallest k that is tried.
const LEAST_K: u32 = 5;
/// Largest k that is tried.
const MOST_K: u32 = PLANNED_LOGROWS;
/// Cells per row of a bank that are tried.
const LANES: [usize; 4] = [2, 4, 8, 16];

/// k from which on one fraction per helper column is considered beside three: below, helper columns have too few
/// rows for their few values to pay (ADR 20 has the measurements).
const ONE_TERM_K: u32 = 14;

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
    /// What is shown of inputs; those that are not public are range-checked in the circuit.
    pub input_visibility: TensorVisibility,
    /// What is shown of outputs.
    pub output_visibility: TensorVisibility,
}

impl PlanOptions {
    /// What is shown of inputs, and of outputs.
    #[must_use]
    pub fn visibility(&self) -> [TensorVisibility; 2] {
        [self.input_visibility, self.output_visibility]
    }
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
    /// Windows of maxima per row; they divide the cells of a row.
    pub window_lanes: usize,
    /// Activations per row, by format of the graph.
    pub format_lanes: Vec<usize>,
    /// Rescales that drop nothing but zeros are divided through by 2^S.
    pub undropped: bool,
    /// What is shown of inputs.
    pub input_visibility: TensorVisibility,
    /// What is shown of outputs.
    pub output_visibility: TensorVisibility,
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
        | QuantOp::Sort { .. }
        | QuantOp::Maximum { .. } => None,
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
        .filter(|&lanes| lanes <= 512)
        .collect();
    candidates.push(4);
    candidates.sort_unstable();
    candidates.dedup();
    candidates
}

fn convolves(graph: &QuantGraph) -> bool {
    graph.tensors.iter().any(|tensor| matches!(tensor.op.linear(), Some(Linear::Conv { .. })))
}

/// Instance columns beside the first that public values take, before anything is made for each of them.
///
/// # Errors
/// `TooLarge`, if they take too many.
pub(crate) fn further_instance_columns(
    graph: &QuantGraph,
    visibility: [TensorVisibility; 2],
    k: u32,
) -> Result<usize, CompileError> {
    let params = CircuitParams { k, ..CircuitParams::default() };
    let lists = [&graph.inputs, &graph.outputs].into_iter().zip(visibility);
    let rows = lists.map(|(ids, visibility)| match visibility {
        TensorVisibility::Public => {
            let lengths = ids.iter().filter_map(|id| graph.tensors.get(id.0)).map(QuantTensor::len);
            lengths.fold(0, usize::saturating_add)
        }
        TensorVisibility::Hashed => ids.len(),
        TensorVisibility::Private | TensorVisibility::Committed => 0,
    });
    let rows = rows.fold(0, usize::saturating_add);
    let (last, _) = params.instance_place(rows.saturating_sub(1));
    if last < MOST_INSTANCE_COLUMNS {
        return Ok(last);
    }
    Err(CompileError::TooLarge { limit: k, source: Excess::PublicValues { rows } })
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
    let heights = options.logrows.map_or(LEAST_K..=most, |k| k..=k);
    within::<G>(graph, options, &Scope { heights, lanes: &LANES })
}

/// The cheapest plan of a valid graph that is laid out much as another: in as many lanes, with boundary terms in the
/// same place, in columns of about the same height. Among graphs that differ in precision alone it is nearly the
/// cheapest, found in a fraction of the time.
///
/// # Errors
/// As [`plan`], which is asked where nothing of that kind fits.
pub(crate) fn plan_like<G: GadgetSet>(
    graph: &QuantGraph,
    options: &PlanOptions,
    like: &Plan,
) -> Result<(Plan, Cost), CompileError> {
    let most = options.max_logrows.unwrap_or(MOST_K).min(MOST_K);
    let near = like.k.saturating_sub(1).max(LEAST_K)..=(like.k + 1).min(most);
    let heights = options.logrows.map_or(near, |k| k..=k);
    let scope = Scope { heights, lanes: &[like.lanes] };
    let like = PlanOptions {
        boundary: Some(like.boundary),
        undropped: Some(like.undropped),
        ..options.clone()
    };
    within::<G>(graph, &like, &scope).or_else(|_| plan::<G>(graph, options))
}

/// The cheapest plan among those of a scope.
fn within<G: GadgetSet>(
    graph: &QuantGraph,
    options: &PlanOptions,
    scope: &Scope<'_>,
) -> Result<(Plan, Cost), CompileError> {
    further_instance_columns(graph, options.visibility(), *scope.heights.end())?;
    let undropped = match options.undropped {
        Some(false) => None,
        Some(true) | None => graph.undropped(),
    };
    let as_it_is = (options.undropped != Some(true) || undropped.is_none()).then_some(graph);
    let graphs = as_it_is.into_iter().chain(&undropped);
    let variants = graphs.map(|graph| Variant::new(graph, options));
    let variants = variants.collect::<Result<Vec<_>, CompileError>>()?;
    let (plan, cost, params) = Search::<G>::new(graph, options).cheapest(&variants, scope)?;
    Ok(match options.terms_per_helper {
        Some(_) => (plan, cost),
        None => with_terms::<G>(plan, cost, params),
    })
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

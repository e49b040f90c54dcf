//! The search for the cheapest layout: heights, lanes, formats' lanes and weights in a row, pruned by what cannot be cheaper.

use super::cost::{Cost, cost_of};
use super::{
    Plan, PlanOptions, convolves, further_instance_columns, lanes, ranges, weight_lane_candidates,
};
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
use provenn_fixed_point::{QuantGraph, QuantOp, QuantTensor};
use provenn_gadgets::{CircuitParams, GadgetSet, LinearIdentity, TensorVisibility, TermsPerHelper};
use std::marker::PhantomData;
use std::ops::RangeInclusive;

/// What lanes of a format's own, and rescales divided through, have to be better by: of few per cent the cost model is
/// not sure, and further banks are further full-width columns (ADR 22 has the measurements).
const MARGIN: f64 = 1.05;

/// Which layouts are tried.
pub(super) struct Scope<'l> {
    /// k.
    pub(super) heights: RangeInclusive<u32>,
    /// Cells per row of a bank.
    pub(super) lanes: &'l [usize],
}

/// The graph, or the same with rescales divided through, and what it determines.
pub(super) struct Variant<'g> {
    graph: &'g QuantGraph,
    known: Known,
    /// The places for boundary terms to try, each with the tables that it takes.
    choices: Vec<(BoundaryTerms, Tables)>,
}

impl<'g> Variant<'g> {
    pub(super) fn new(graph: &'g QuantGraph, options: &PlanOptions) -> Result<Self, CompileError> {
        let boundary = match options.boundary {
            Some(boundary) => vec![boundary],
            None if convolves(graph) => vec![BoundaryTerms::InLanes, BoundaryTerms::Combined],
            None => vec![BoundaryTerms::InLanes],
        };
        let known = Known::new(graph)?;
        let tables = |boundary| Ok((boundary, Tables::new(graph, boundary, None)?));
        let choices = boundary.into_iter().map(tables).collect::<Result<_, CompileError>>()?;
        Ok(Variant { graph, known, choices })
    }
}

/// A variant lowered for some lanes.
struct Lowered<'v, 'g> {
    variant: &'v Variant<'g>,
    boundary: BoundaryTerms,
    window_lanes: usize,
    tables: &'v Tables,
    sizes: Sizes<'v>,
}

/// Windows on a row that are tried beside so many cells: a window takes many columns, so that one of them may do.
fn window_lanes(graph: &QuantGraph, lanes: usize) -> Vec<usize> {
    let maxima = |tensor: &QuantTensor| matches!(tensor.op, QuantOp::Maximum { .. });
    let mut all = vec![1];
    if graph.tensors.iter().any(maxima) {
        all.push(lanes);
    }
    all.dedup();
    all
}

/// Every variant, place and number of lanes that has a program.
fn lowered<'v, G: GadgetSet>(
    variants: &'v [Variant<'_>],
    lanes: &[usize],
    visibility: [TensorVisibility; 2],
) -> Result<Vec<Lowered<'v, 'v>>, CompileError> {
    let mut all = vec![];
    let mut failure = None;
    for variant in variants {
        let Variant { graph, known, choices } = variant;
        for (boundary, tables) in choices {
            let each = lanes.iter().flat_map(|&lanes| {
                window_lanes(graph, lanes).into_iter().map(move |own| [lanes, own])
            });
            for [lanes, window_lanes] in each {
                match lower(graph, known, [lanes, window_lanes], *boundary, visibility) {
                    Ok(program) => {
                        let sizes = Sizes::of::<G>(graph, known, tables, program, lanes);
                        let boundary = *boundary;
                        all.push(Lowered { variant, boundary, window_lanes, tables, sizes });
                    }
                    Err(
                        error @ (CompileError::TooManyBlocks { .. }
                        | CompileError::TooMuchArithmetic { .. }),
                    ) => failure = Some(error),
                    Err(error) => return Err(error),
                }
            }
        }
    }
    match failure {
        Some(failure) if all.is_empty() => Err(failure),
        Some(_) | None => Ok(all),
    }
}

/// The cheapest so far: its objective first.
type Best = (f64, Cost, Plan, CircuitParams);

/// What a search has found.
pub(super) struct Search<'s, G> {
    graph: &'s QuantGraph,
    options: &'s PlanOptions,
    weight_lanes: Vec<usize>,
    terms_per_helper: TermsPerHelper,
    best: Option<Best>,
    failed: Failed,
    gadgets: PhantomData<G>,
}

/// Why columns of the greatest height tried are too short.
struct Failed {
    k: u32,
    source: Excess,
}

impl Failed {
    fn at(&mut self, k: u32, source: Excess) {
        if k >= self.k {
            *self = Failed { k, source };
        }
    }

    /// Notes that something does not fit; other failures are the caller's.
    fn caught<T>(
        &mut self,
        k: u32,
        result: Result<T, CompileError>,
    ) -> Result<Option<T>, CompileError> {
        match result {
            Ok(found) => Ok(Some(found)),
            Err(CompileError::TooLarge { source, .. }) => {
                self.at(k, source);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl<'s, G: GadgetSet> Search<'s, G> {
    pub(super) fn new(graph: &'s QuantGraph, options: &'s PlanOptions) -> Self {
        Search {
            graph,
            options,
            weight_lanes: weight_lane_candidates::<G>(graph),
            terms_per_helper: options.terms_per_helper.unwrap_or_default(),
            best: None,
            failed: Failed { k: 0, source: Excess::Everything },
            gadgets: PhantomData,
        }
    }

    /// The cheapest plan, its cost and its parameters.
    ///
    /// # Errors
    /// [`CompileError`] of the lowest k that fails for a reason other than room, or `TooLarge`.
    pub(super) fn cheapest(
        mut self,
        variants: &[Variant<'_>],
        scope: &Scope<'_>,
    ) -> Result<(Plan, Cost, CircuitParams), CompileError> {
        let visibility = self.options.visibility();
        let lowered = lowered::<G>(variants, scope.lanes, visibility)?;
        // Columns that hold everything in one bank of each kind gain nothing from more rows: downwards from there, and
        // upwards only if nothing fits.
        let (least, limit) = (*scope.heights.start(), *scope.heights.end());
        let rows = lowered.iter().map(|one| one.sizes.rows()).max().unwrap_or(0);
        let start = k_of(rows).max(least).min(limit);
        let mut worse_in_a_row = 0;
        for k in (least..=start).rev().chain(start + 1..=limit) {
            if k > start && self.best.is_some() {
                break;
            }
            let public = further_instance_columns(self.graph, visibility, k);
            if self.failed.caught(k, public)?.is_none() {
                continue;
            }
            let improved = self.at_height(k, &lowered)?;
            // Below the best k costs only grow.
            worse_in_a_row = if improved || self.best.is_none() { 0 } else { worse_in_a_row + 1 };
            if worse_in_a_row == 2 {
                break;
            }
        }
        let source = self.failed.source;
        let best = self.best.ok_or(CompileError::TooLarge { limit, source });
        best.map(|(_, cost, plan, params)| (plan, cost, params))
    }

    /// Everything in columns of 2^k rows; whether it is cheaper than what was known.
    fn at_height(&mut self, k: u32, lowered: &[Lowered<'_, '_>]) -> Result<bool, CompileError> {
        let mut improved = false;
        // Ranges do not depend on lanes, nor mostly on anything but k.
        let mut known: Option<(&Tables, &[RangeBlock], Option<Ranges>)> = None;
        for one in lowered {
            let (program, tables) = (one.sizes.program(), one.tables);
            let blocks = program.range.as_slice();
            let ranges = match known {
                Some((of, same, ranges)) if std::ptr::eq(of, tables) && same == blocks => ranges,
                _ => ranges::ranges::<G>(program, tables, k),
            };
            known = Some((tables, blocks, ranges));
            if ranges.is_none() && !blocks.is_empty() {
                self.failed.at(k, Excess::Ranges);
                continue;
            }
            for format_lanes in lanes::choices(one.variant.graph, program, one.sizes.lanes(), k) {
                let at = one.sizes.at(k, &format_lanes, ranges, G::Linear::divide);
                if let Some(at) = self.failed.caught(k, at)? {
                    improved |= self.with_lanes(at, one, (ranges, &format_lanes))?;
                }
            }
        }
        Ok(improved)
    }

    /// Every number of weights in a row; whether one is cheaper than what was known.
    fn with_lanes(
        &mut self,
        mut at: SizesAt<'_, '_>,
        one: &Lowered<'_, '_>,
        (ranges, format_lanes): (Option<Ranges>, &[usize]),
    ) -> Result<bool, CompileError> {
        let as_it_is = std::ptr::eq(one.variant.graph, self.graph);
        // Asked for, it is not weighed.
        let plain = as_it_is || self.options.undropped == Some(true);
        let plain = plain && format_lanes.iter().all(|of| *of == one.sizes.lanes());
        let margin = if plain { 1.0 } else { MARGIN };
        // What is still unknown of parameters can only add to their cost.
        let beaten = |least: Option<f64>, params: &CircuitParams| {
            least.is_some_and(|least| cost_of::<G>(params).objective() * margin >= least)
        };
        let least_params = at.least(self.terms_per_helper);
        let k = least_params.k;
        if beaten(self.least(), &least_params) {
            return Ok(false);
        }
        let mut improved = false;
        let mut met: Vec<CircuitParams> = vec![];
        for weight_lanes in self.weight_lanes.clone() {
            let (least, widths) = (self.least(), (weight_lanes, self.terms_per_helper));
            let params = candidate(&mut at, widths, &met, |of| beaten(least, of));
            let Some(Some(params)) = self.failed.caught(k, params)? else { continue };
            if let Err(error) = params.validate() {
                self.failed.at(k, error.into());
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
                    terms_per_helper: self.terms_per_helper,
                    boundary: one.boundary,
                    ranges,
                    window_lanes: one.window_lanes,
                    format_lanes: format_lanes.to_vec(),
                    undropped: !as_it_is,
                    input_visibility: self.options.input_visibility,
                    output_visibility: self.options.output_visibility,
                };
                self.best = Some((objective, cost, plan, params));
                improved = true;
            }
        }
        Ok(improved)
    }

    fn least(&self) -> Option<f64> {
        self.best.as_ref().map(|(least, ..)| *least)
    }
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
    let banks = |of: &CircuitParams| {
        let committed = [of.committed_sigma_banks, of.committed_rho_banks];
        [[of.sigma_weight_banks, of.rho_weight_banks], committed].concat()
    };
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

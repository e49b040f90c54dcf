//! Which candidates are tried.
//!
//! First S, t and bits for all nodes alike; then, from the best of these, bits of single nodes: each node's
//! sensitivity is what one change of its bits does to error and cost, measured, and the best change is kept
//! until none pays. A node's bits set its step, and with it the grid of the weights that make it, the length of
//! its table, and the segments of a smooth function.

use super::candidate::Candidate;
use super::judge::Judge;
use super::options::Target;
use crate::{Error, Unmet};
use provenn_circuit::Cost;
use provenn_fixed_point::Settings;
use rayon::prelude::*;
use std::ops::RangeInclusive;

/// Changes of single nodes that are kept, at most.
const ROUNDS: usize = 12;
/// Nodes whose bits are searched: the first by elements.
const NODES: usize = 32;
/// Candidates of the coarse search whose bits are searched further.
const REFINED: usize = 6;

/// Everything worth comparing.
pub(super) fn search(
    judge: &Judge<'_>,
    settings: Settings,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Candidate>, Error> {
    let mut tried = coarse(judge, &settings, progress)?;
    if settings.run_args.bits.is_none() {
        fine(judge, &settings, &mut tried, progress)?;
    }
    Ok(tried)
}

/// S and t at the usual bits, finer ones where error is bought, and coarser bits for the best of them.
pub(super) fn coarse(
    judge: &Judge<'_>,
    settings: &Settings,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Candidate>, Error> {
    let grid = grid(judge, settings);
    let coarser: &[u32] = if settings.run_args.bits.is_some() { &[] } else { &[13, 14, 15] };
    let total = grid.len() + REFINED * coarser.len();
    let (mut tried, failure) = try_all(judge, grid, (0, total), progress);
    if tried.is_empty() {
        return Err(failure.unwrap_or(Error::Calibrate(Unmet::Choices)));
    }
    let mut promising: Vec<&Candidate> = pareto_order(&tried);
    promising.truncate(REFINED);
    let more: Vec<Settings> = promising
        .iter()
        .flat_map(|c| coarser.iter().map(|&bits| Settings { bits, ..c.settings.clone() }))
        .collect();
    let begun = tried.len();
    tried.extend(try_all(judge, more, (begun, total), progress).0);
    Ok(tried)
}

/// The coarse search's candidates.
fn grid(judge: &Judge<'_>, settings: &Settings) -> Vec<Settings> {
    let buys = judge.options.target == Target::Accuracy || judge.options.max_error.is_some();
    let mut grid = combinations(settings, &[settings.bits], &[12, 13, 14, 16], 5..=12);
    grid.extend(combinations(settings, &[18], &[14, 16], 7..=12));
    if buys {
        grid.extend(finer(settings));
    }
    grid
}

/// Whether anything of the coarse search keeps the limits.
pub(super) fn fits(judge: &Judge<'_>, settings: &Settings) -> bool {
    grid(judge, settings).par_iter().any(|settings| judge.fits(settings))
}

/// S, t and bits where error is bought.
fn finer(settings: &Settings) -> Vec<Settings> {
    let mut grid = combinations(settings, &[18], &[18, 20, 24], 8..=14);
    grid.extend(combinations(settings, &[20, 22], &[16, 18, 20, 24], 8..=14));
    grid
}

/// The end of the range that a search for low cost leaves out.
pub(super) fn accurate_end(
    judge: &Judge<'_>,
    settings: &Settings,
    tried: &[Candidate],
    progress: &mut dyn FnMut(usize, usize),
) -> Vec<Candidate> {
    let known = |s: &Settings| {
        let alike = |c: &Candidate| {
            let of = &c.settings;
            (of.bits, of.shift, of.low_bits) == (s.bits, s.shift, s.low_bits)
                && of.node_bits.is_empty()
        };
        tried.iter().any(alike)
    };
    let grid: Vec<_> = finer(settings).into_iter().filter(|s| !known(s)).collect();
    let total = grid.len();
    try_all(judge, grid, (0, total), progress).0
}

/// Every combination that the run arguments leave open.
fn combinations(
    settings: &Settings,
    bits: &[u32],
    shifts: &[u32],
    low_bits: RangeInclusive<u32>,
) -> Vec<Settings> {
    let args = &settings.run_args;
    let given = |one: Option<u32>, all: Vec<u32>| one.map_or(all, |one| vec![one]);
    let shifts = given(args.shift, shifts.to_vec());
    let low_bits = given(args.low_bits, low_bits.collect());
    let mut all = vec![];
    for bits in given(args.bits, bits.to_vec()) {
        for &shift in &shifts {
            all.extend(low_bits.iter().map(|&low_bits| Settings {
                bits,
                shift,
                low_bits,
                ..settings.clone()
            }));
        }
    }
    all
}

/// The frontier of error and cost, thinned evenly by whoever truncates it: best error first, cheapest second,
/// then the rest from the cheap end.
fn pareto_order(tried: &[Candidate]) -> Vec<&Candidate> {
    let mut front = super::pareto::frontier(tried);
    if let Some(best) = front.pop() {
        front.insert(0, best);
    }
    front
}

/// Bits of single nodes.
fn fine(
    judge: &Judge<'_>,
    settings: &Settings,
    tried: &mut Vec<Candidate>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(), Error> {
    // Where no candidate keeps the limits, single nodes will not help either: the caller says so.
    let Ok(mut current) = judge.options.choose_now(tried) else { return Ok(()) };
    let nodes = judge.adjustable(settings, NODES)?;
    let total = tried.len() + ROUNDS * nodes.len() * judge.options.moves().len();
    let limit = judge.options.limit(tried);
    for _ in 0..ROUNDS {
        let moves: Vec<Settings> = nodes
            .iter()
            .flat_map(|node| judge.options.moves().iter().map(move |&by| (node, by)))
            .filter_map(|(node, by)| moved(&current.settings, node, by))
            .collect();
        let worth = |cost: &Cost| judge.options.may_improve(cost, &current);
        let (found, _) = try_where(judge, moves, (tried.len(), total), progress, &worth);
        let better = found
            .iter()
            .filter(|c| judge.options.improves(c, &current, limit))
            .min_by(|a, b| judge.options.rank(a).total_cmp(&judge.options.rank(b)))
            .cloned();
        tried.extend(found);
        match better {
            Some(better) => current = better,
            None => break,
        }
    }
    Ok(())
}

/// With one node's bits moved.
fn moved(settings: &Settings, node: &str, by: i32) -> Option<Settings> {
    let mut settings = settings.clone();
    let bits = settings.node_bits.get(node).copied().unwrap_or(settings.bits);
    let bits = bits.checked_add_signed(by).filter(|bits| (8..=24).contains(bits))?;
    settings.node_bits.insert(node.to_owned(), bits);
    Some(settings)
}

/// Judges all, both cores busy, results in order; and the last failure.
fn try_all(
    judge: &Judge<'_>,
    settings: Vec<Settings>,
    at: (usize, usize),
    progress: &mut dyn FnMut(usize, usize),
) -> (Vec<Candidate>, Option<Error>) {
    try_where(judge, settings, at, progress, &|_| true)
}

/// The same of those whose cost is worth a measurement.
fn try_where(
    judge: &Judge<'_>,
    settings: Vec<Settings>,
    (begun, total): (usize, usize),
    progress: &mut dyn FnMut(usize, usize),
    worth: &(impl Fn(&Cost) -> bool + Sync),
) -> (Vec<Candidate>, Option<Error>) {
    let (mut tried, mut failure) = (vec![], None);
    let batch = rayon::current_num_threads().max(1) * 2;
    for (i, chunk) in settings.chunks(batch).enumerate() {
        let judged = chunk.par_iter().map(|settings| judge.judge_where(settings, worth));
        let results: Vec<_> = judged.collect();
        for result in results {
            match result {
                Ok(candidate) => tried.extend(candidate),
                Err(error) => failure = Some(error),
            }
        }
        progress((begun + i * batch + chunk.len()).min(total), total);
    }
    (tried, failure)
}

//! The wide search: S and t at the usual bits, finer ones where error is bought, and coarser bits for the best of them.
//!
//! It buys error, where nothing says how much is enough, and draws the whole frontier.

use super::candidate::Candidate;
use super::judge::Judge;
use super::pareto;
use super::tries::{Tries, try_all};
use crate::{Error, Unmet};
use provenn_fixed_point::Settings;
use rayon::prelude::*;
use std::ops::RangeInclusive;

/// Candidates whose bits are searched further.
const REFINED: usize = 6;

/// Everything of the grid worth comparing.
pub(super) fn coarse(
    judge: &Judge<'_>,
    settings: &Settings,
    tries: &mut Tries<'_>,
) -> Result<Vec<Candidate>, Error> {
    let mut grid = usual(settings);
    grid.extend(finer(settings));
    let coarser: &[u32] = if settings.run_args.bits.is_some() { &[] } else { &[13, 14, 15] };
    tries.coming(grid.len() + REFINED * coarser.len());
    let (mut tried, failure) = try_all(judge, grid, tries);
    if tried.is_empty() {
        return Err(failure.unwrap_or(Error::Calibrate(Unmet::Choices)));
    }
    let mut promising: Vec<&Candidate> = pareto_order(&tried);
    promising.truncate(REFINED);
    let more: Vec<Settings> = promising
        .iter()
        .flat_map(|c| coarser.iter().map(|&bits| Settings { bits, ..c.settings.clone() }))
        .collect();
    tried.extend(try_all(judge, more, tries).0);
    Ok(tried)
}

/// What of the grid is not among the candidates already.
pub(super) fn others(
    judge: &Judge<'_>,
    settings: &Settings,
    tried: &[Candidate],
    tries: &mut Tries<'_>,
) -> Vec<Candidate> {
    let known = |s: &Settings| {
        let alike = |c: &Candidate| {
            let of = &c.settings;
            (of.bits, of.shift, of.low_bits) == (s.bits, s.shift, s.low_bits)
                && of.node_bits.is_empty()
        };
        tried.iter().any(alike)
    };
    let all = usual(settings).into_iter().chain(finer(settings));
    let grid: Vec<_> = all.filter(|s| !known(s)).collect();
    tries.coming(grid.len());
    try_all(judge, grid, tries).0
}

/// Whether anything at the usual bits keeps the limits.
pub(super) fn fits(judge: &Judge<'_>, settings: &Settings) -> bool {
    usual(settings).par_iter().any(|settings| judge.fits(settings))
}

fn usual(settings: &Settings) -> Vec<Settings> {
    let mut grid = combinations(settings, &[settings.bits], &[12, 13, 14, 16], 5..=12);
    grid.extend(combinations(settings, &[18], &[14, 16], 7..=12));
    grid
}

/// Where error is bought.
fn finer(settings: &Settings) -> Vec<Settings> {
    let mut grid = combinations(settings, &[18], &[18, 20, 24], 8..=14);
    grid.extend(combinations(settings, &[20, 22], &[16, 18, 20, 24], 8..=14));
    grid
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
    let mut front = pareto::frontier(tried);
    if let Some(best) = front.pop() {
        front.insert(0, best);
    }
    front
}

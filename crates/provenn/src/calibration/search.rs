//! Which candidates are tried: S, t and bits of all nodes, then bits of single nodes.

use super::candidate::Candidate;
use super::judge::Judge;
use super::tries::Tries;
use super::{descent, grid, nodes};
use crate::Error;
use provenn_fixed_point::Settings;

/// Everything worth comparing.
pub(super) fn search(
    judge: &Judge<'_>,
    settings: &Settings,
    tries: &mut Tries<'_>,
) -> Result<Vec<Candidate>, Error> {
    let mut tried = if judge.options.spends() {
        grid::coarse(judge, settings, tries)?
    } else {
        descent::descent(judge, settings, tries)?
    };
    if settings.run_args.bits.is_none() {
        nodes::nodes(judge, &mut tried, tries);
    }
    Ok(tried)
}

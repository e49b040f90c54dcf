//! Which range banks are cheapest: how wide limbs are, and how many values stand on a row.

use super::cost::cost_of;
use crate::place::range_banks;
use crate::program::Program;
use crate::ranges::Ranges;
use crate::tables::Tables;
use provenn_gadgets::params::LOW_BITS;
use provenn_gadgets::{CircuitParams, GadgetSet};

/// Narrower limbs are not tried: each takes a row.
const LEAST_WIDTH: u32 = 4;

/// Most values on a row that are tried.
const MOST_LANES: usize = 16;

/// The cheapest banks for a program's ranges in columns of 2^k rows; `None`, if it has no ranges or they do not fit.
pub(super) fn ranges<G: GadgetSet>(
    program: &Program<'_>,
    tables: &Tables,
    k: u32,
) -> Option<Ranges> {
    if program.range.is_empty() {
        return None;
    }
    let capacity = CircuitParams { k, ..CircuitParams::default() }.active_rows();
    let mut best: Option<(f64, Ranges)> = None;
    for width in LEAST_WIDTH..=*LOW_BITS.end() {
        let banks = |lanes| {
            let ranges = Ranges { lanes, width };
            Some((range_banks(program, ranges, capacity)?, ranges))
        };
        let fitting = (1..=MOST_LANES).filter_map(banks);
        // Each lane is a column of lookups; a bank's fingerprint costs about as much as two.
        let least = fitting.min_by_key(|(banks, ranges)| banks * (ranges.lanes + 2));
        let Some((banks, ranges)) = least else { continue };
        let params = CircuitParams {
            k,
            lanes: 1,
            weight_lanes: 1,
            ranges: Some(ranges.banks(banks)),
            table_banks: tables.rows_with(Some(ranges)).div_ceil(capacity),
            ..CircuitParams::default()
        };
        let seconds = cost_of::<G>(&params).prove_seconds;
        if best.is_none_or(|(least, _)| seconds < least) {
            best = Some((seconds, ranges));
        }
    }
    best.map(|(_, ranges)| ranges)
}

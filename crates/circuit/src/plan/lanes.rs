//! How many activations stand on a row, format by format.

use crate::place::format_banks;
use crate::program::Program;
use provenn_fixed_point::{Format, FormatId, QuantGraph};
use provenn_gadgets::CircuitParams;

/// Most activations on a row that are tried.
const MOST_LANES: usize = 16;

/// Lookups that cost about as much as a bank's two fingerprints.
const BANK: usize = 4;

/// The circuit's own lanes for every format, and lanes of each format's own.
pub(super) fn choices(
    graph: &QuantGraph,
    program: &Program<'_>,
    lanes: usize,
    k: u32,
) -> Vec<Vec<usize>> {
    let capacity = CircuitParams { k, ..CircuitParams::default() }.active_rows();
    let own = format_lanes(graph, program, lanes, capacity);
    let mut all = vec![vec![lanes; graph.formats.len()], own];
    all.dedup();
    all
}

/// Lanes of each format's banks, for columns of so many rows: those that hold all its activations in the fewest lookups.
///
/// A fingerprint is a polynomial of positions, whatever row they stand on, so that lanes are a format's own. Where image
/// rows are powers of τ they are the circuit's.
fn format_lanes(
    graph: &QuantGraph,
    program: &Program<'_>,
    lanes: usize,
    capacity: usize,
) -> Vec<usize> {
    let of = |(at, format): (usize, &Format)| {
        let id = FormatId(at);
        let mut blocks = program.activation.iter().filter(|block| block.format == id);
        if blocks.any(|block| block.layout.turned) {
            return lanes;
        }
        let lookups = (format.shift.div_ceil(format.low_bits) + 2) as usize;
        let cost = |lanes: usize| {
            let banks = format_banks(program, id, lanes, capacity)?;
            Some((banks * (lanes * lookups + BANK), lanes))
        };
        (1..=MOST_LANES).filter_map(cost).min().map_or(lanes, |(_, lanes)| lanes)
    };
    graph.formats.iter().enumerate().map(of).collect()
}

//! Sizes of a program's circuit, for as many heights and widths as a planner tries.

use crate::error::CompileError;
use crate::known::Known;
use crate::place::{BlockPlaces, LinearPlaces, place_blocks, place_linears};
use crate::program::{PlainFingerprint, Program};
use crate::ranges::Ranges;
use crate::schedule::{Count, Placed, Schedule};
use crate::tables::Tables;
use crate::views::Views;
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::linear::{Division, Extents};
use provenn_gadgets::params::MOST_ARITHMETIC_BANKS;
use provenn_gadgets::{CircuitParams, TermsPerHelper};
use std::collections::HashMap;

/// A program, and what of its parameters no place decides.
pub(crate) struct Sizes<'g> {
    graph: &'g QuantGraph,
    views: &'g Views,
    program: Program<'g>,
    tables: &'g Tables,
    params: CircuitParams,
}

/// The same in columns of one height.
pub(crate) struct SizesAt<'a, 'g> {
    of: &'a Sizes<'g>,
    blocks: BlockPlaces,
    params: CircuitParams,
    divide: fn(Extents) -> Division,
    /// Rows of arithmetic, by how weights are split: all but a few splits are none.
    arithmetic: HashMap<Vec<(usize, Vec<usize>)>, usize>,
}

impl<'g> Sizes<'g> {
    pub(crate) fn new(
        graph: &'g QuantGraph,
        known: &'g Known,
        tables: &'g Tables,
        program: Program<'g>,
        lanes: usize,
    ) -> Self {
        let params = CircuitParams {
            lanes,
            rho_fingerprints: program.reads(PlainFingerprint::Rho),
            scaled_fingerprints: program.reads(PlainFingerprint::Scaled),
            product_fingerprints: program.reads(PlainFingerprint::Product),
            ..CircuitParams::default()
        };
        Sizes { graph, views: &known.views, program, tables, params }
    }

    /// Blocks placed in columns of 2^k rows, activations of each format at so many lanes, ranges in such banks.
    pub(crate) fn at(
        &self,
        k: u32,
        format_lanes: &[usize],
        ranges: Option<Ranges>,
        divide: fn(Extents) -> Division,
    ) -> Result<SizesAt<'_, 'g>, CompileError> {
        let mut params = CircuitParams { k, ..self.params.clone() };
        let capacity = params.active_rows();
        let blocks =
            place_blocks(&self.program, self.graph, params.lanes, format_lanes, ranges, capacity)?;
        params.formats.clone_from(&blocks.formats);
        params.ranges = ranges.map(|ranges| ranges.banks(blocks.range_banks));
        params.plain_banks = blocks.plain_banks;
        params.entry_banks = blocks.entry_banks;
        params.lookup_banks = blocks.lookup_banks;
        params.occurrence_banks = blocks.list_banks;
        params.table_banks = match (blocks.formats.as_slice(), ranges) {
            ([], None) => 0,
            _ => self.tables.rows_with(ranges).div_ceil(capacity),
        };
        params.boundary_banks = blocks.boundary_banks.max(usize::from(self.program.turns()));
        Ok(SizesAt { of: self, blocks, params, divide, arithmetic: HashMap::new() })
    }

    pub(crate) fn lanes(&self) -> usize {
        self.params.lanes
    }

    pub(crate) fn program(&self) -> &Program<'g> {
        &self.program
    }
}

impl SizesAt<'_, '_> {
    /// The parameters with this many weights in a row and fractions per helper, and where weights stand.
    pub(crate) fn params(
        &mut self,
        weight_lanes: usize,
        terms_per_helper: TermsPerHelper,
    ) -> Result<(CircuitParams, LinearPlaces), CompileError> {
        let capacity = self.params.active_rows();
        let Sizes { graph, program, .. } = self.of;
        let linears = place_linears(program, graph, weight_lanes, capacity, self.divide)?;
        let split = linears.runs.iter().enumerate().filter(|(_, runs)| runs.len() > 1);
        let units = split.map(|(at, runs)| (at, runs.iter().map(|run| run.units).collect()));
        let splits: Vec<(usize, Vec<usize>)> = units.collect();
        let rows = match self.arithmetic.get(&splits) {
            Some(rows) => *rows,
            None => {
                let rows = self.count(&linears)?;
                self.arithmetic.insert(splits, rows);
                rows
            }
        };
        let params = CircuitParams {
            weight_lanes,
            terms_per_helper,
            sigma_weight_banks: linears.sets[0],
            rho_weight_banks: linears.sets[1],
            arithmetic_banks: rows.div_ceil(capacity),
            ..self.params.clone()
        };
        Ok((params, linears))
    }

    fn count(&self, linears: &LinearPlaces) -> Result<usize, CompileError> {
        let limit = self.params.active_rows().saturating_mul(MOST_ARITHMETIC_BANKS);
        let count = Count { rows: 0, limit, k: self.params.k };
        Ok(Schedule::run(self.placed(linears), count)?.sink.rows)
    }

    /// For a schedule.
    pub(crate) fn placed<'a>(&'a self, linears: &'a LinearPlaces) -> Placed<'a, 'a> {
        Placed {
            program: &self.of.program,
            views: self.of.views,
            blocks: &self.blocks,
            linears,
            divide: self.divide,
        }
    }

    /// Where blocks stand.
    pub(crate) fn into_blocks(self) -> BlockPlaces {
        self.blocks
    }
}

//! Sizes of a program's circuit, for as many heights and widths as a planner tries.

use crate::error::CompileError;
use crate::excess::Excess;
use crate::known::Known;
use crate::place::{BlockPlaces, Lanes, LinearPlaces, place_blocks, place_linears};
use crate::planes::PlaneLayout;
use crate::program::{LinearValue, PlainFingerprint, Program};
use crate::ranges::Ranges;
use crate::schedule::{Count, Placed, Schedule};
use crate::tables::Tables;
use crate::views::Views;
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::families::Hash;
use provenn_gadgets::linear::{Division, Extents};
use provenn_gadgets::params::{MOST_ARITHMETIC_BANKS, MOST_TENSOR_COLUMNS};
use provenn_gadgets::{CircuitParams, GadgetSet, Message, TermsPerHelper};
use std::collections::HashMap;

/// A program, and what of its parameters no place decides.
pub(crate) struct Sizes<'g> {
    graph: &'g QuantGraph,
    views: &'g Views,
    program: Program<'g>,
    tables: &'g Tables,
    params: CircuitParams,
    hash_rows: fn(Message) -> usize,
}

/// The same in columns of one height.
pub(crate) struct SizesAt<'a, 'g> {
    of: &'a Sizes<'g>,
    blocks: BlockPlaces,
    params: CircuitParams,
    divide: fn(Extents) -> Division,
    /// Rows of arithmetic, by how weights are split: all but a few splits are none.
    arithmetic: HashMap<Splits, usize>,
}

/// Of the linear identities whose weights are in several runs: how many units each run has.
type Splits = Vec<(usize, Vec<usize>)>;

fn splits(linears: &LinearPlaces) -> Splits {
    let split = linears.runs.iter().enumerate().filter(|(_, runs)| runs.len() > 1);
    split.map(|(at, runs)| (at, runs.iter().map(|run| run.units).collect())).collect()
}

impl<'g> Sizes<'g> {
    pub(crate) fn of<G: GadgetSet>(
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
        let hash_rows = G::Hash::rows;
        Sizes { graph, views: &known.views, program, tables, params, hash_rows }
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
        let lanes = Lanes { circuit: params.lanes, formats: format_lanes };
        let blocks =
            place_blocks(&self.program, self.graph, lanes, ranges, capacity, self.hash_rows)?;
        params.formats.clone_from(&blocks.formats);
        params.maxima.clone_from(&blocks.maxima);
        params.ranges = ranges.map(|ranges| ranges.banks(blocks.range_banks));
        params.plain_banks = blocks.plain_banks;
        params.entry_banks = blocks.entry_banks;
        params.lookup_banks = blocks.lookup_banks;
        params.occurrence_banks = blocks.list_banks;
        params.hash_banks = blocks.hash_banks;
        params.table_banks = match (blocks.formats.as_slice(), blocks.maxima.as_slice(), ranges) {
            ([], [], None) => 0,
            _ => self.tables.rows_with(ranges).div_ceil(capacity),
        };
        let public = self.program.public_values(self.graph);
        params.further_instance_columns = params.instance_place(public.saturating_sub(1)).0;
        params.committed_tensor_columns = self.tensor_columns(k)?;
        params.boundary_banks = blocks.boundary_banks.max(usize::from(self.program.turns()));
        Ok(SizesAt { of: self, blocks, params, divide, arithmetic: HashMap::new() })
    }

    /// Columns that committed tensors take.
    fn tensor_columns(&self, k: u32) -> Result<usize, CompileError> {
        let columns = self.program.tensor_form(self.graph, k).columns();
        let (columns, limit) = (columns.unwrap_or(usize::MAX), MOST_TENSOR_COLUMNS);
        if columns <= limit {
            return Ok(columns);
        }
        let source = Excess::CommittedTensors { columns, limit };
        Err(CompileError::TooLarge { limit: k, source })
    }

    /// About the rows that the longest bank has, if there is one of each kind.
    pub(crate) fn rows(&self) -> usize {
        let Program { activation, maximum, plain, range, values, linears, hashed, .. } =
            &self.program;
        let lanes = self.params.lanes;
        let of = |layout: &PlaneLayout| layout.planes * layout.rows_per_plane(lanes);
        let mut formats = vec![0; self.graph.formats.len()];
        for block in activation {
            if let Some(rows) = formats.get_mut(block.format.0) {
                *rows += of(&block.layout);
            }
        }
        let limbs = |bits: u32| bits.div_ceil(LIMB) as usize;
        let weights = |of: &LinearValue<'_>| of.extents.outputs * of.extents.inputs / WEIGHTS;
        let kinds = [
            plain.iter().map(|block| of(&block.layout)).sum(),
            maximum
                .iter()
                .map(|block| block.own.planes * block.own.rows_per_plane(block.lanes))
                .sum(),
            range.iter().map(|block| of(&block.layout) * limbs(block.bits)).sum(),
            linears.iter().map(weights).sum(),
            // A value is a row or a few.
            2 * values.len(),
            self.tables.rows(),
            hashed.iter().map(|of| (self.hash_rows)(of.message)).sum(),
        ];
        formats.into_iter().chain(kinds).max().unwrap_or(0)
    }

    pub(crate) fn lanes(&self) -> usize {
        self.params.lanes
    }

    pub(crate) fn program(&self) -> &Program<'g> {
        &self.program
    }
}

/// Bits of a limb of ranges, about.
const LIMB: u32 = 8;
/// Weights on a row, about as many as there can be.
const WEIGHTS: usize = 64;

/// What is known of columns before every row is counted.
impl SizesAt<'_, '_> {
    /// The parameters without weights and arithmetic, which can only add to what they cost.
    pub(crate) fn least(&self, terms_per_helper: TermsPerHelper) -> CircuitParams {
        CircuitParams { weight_lanes: 1, terms_per_helper, ..self.params.clone() }
    }

    /// The parameters without arithmetic, with this many weights in a row and fractions per helper; and where weights
    /// stand.
    pub(crate) fn weights(
        &self,
        weight_lanes: usize,
        terms_per_helper: TermsPerHelper,
    ) -> Result<(CircuitParams, LinearPlaces), CompileError> {
        let capacity = self.params.active_rows();
        let Sizes { graph, program, .. } = self.of;
        let linears = place_linears(program, graph, weight_lanes, capacity, self.divide)?;
        let params = CircuitParams {
            weight_lanes,
            terms_per_helper,
            sigma_weight_banks: linears.sets[0],
            rho_weight_banks: linears.sets[1],
            committed_sigma_banks: linears.committed[0],
            committed_rho_banks: linears.committed[1],
            ..self.params.clone()
        };
        Ok((params, linears))
    }

    /// Banks that arithmetic takes, with weights in these places.
    pub(crate) fn arithmetic(&mut self, linears: &LinearPlaces) -> Result<usize, CompileError> {
        if let Some(banks) = self.counted(linears) {
            return Ok(banks);
        }
        let rows = self.count(linears)?;
        self.arithmetic.insert(splits(linears), rows);
        Ok(rows.div_ceil(self.params.active_rows()))
    }

    /// The same, where weights that are split alike have been counted before.
    pub(crate) fn counted(&self, linears: &LinearPlaces) -> Option<usize> {
        let rows = self.arithmetic.get(&splits(linears))?;
        Some(rows.div_ceil(self.params.active_rows()))
    }

    /// All parameters, and where weights stand.
    pub(crate) fn params(
        &mut self,
        weight_lanes: usize,
        terms_per_helper: TermsPerHelper,
    ) -> Result<(CircuitParams, LinearPlaces), CompileError> {
        let (params, linears) = self.weights(weight_lanes, terms_per_helper)?;
        let arithmetic_banks = self.arithmetic(&linears)?;
        Ok((CircuitParams { arithmetic_banks, ..params }, linears))
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

//! Placing: rows for a program's blocks, weights and boundary terms, in columns of a given height.
//!
//! Sizes follow from extents: nothing here looks at an element.

use crate::error::{CompileError, Contradiction, node_of};
use crate::excess::Excess;
use crate::ids::{ActivationId, MaximumId, PlainId};
use crate::planes::PlaneLayout;
use crate::program::{
    ActivationBlock, LinearValue, List, MaximumBlock, MaximumKind, PlainFingerprint, Program,
    RangeBlock, Side, Stand,
};
use crate::ranges::Ranges;
use crate::rows::{RowAllocator, Segment, Slot, slot, tall_slot};
use provenn_fixed_point::{Format, FormatId, QuantGraph, TensorId};
use provenn_gadgets::committed::CommittedWeights;
use provenn_gadgets::linear::{Division, Extents};
use provenn_gadgets::params::MOST_BANKS;
use provenn_gadgets::{ActivationBanks, MaximumBanks, Message};
use std::collections::BTreeMap;

/// Where a block of activations stands: among all activation banks, those of the first format first.
#[derive(Clone, Debug)]
pub(crate) struct ActivationPlace {
    /// Of the banks of its format.
    pub(crate) lanes: usize,
    pub(crate) segments: Vec<Segment>,
}

/// Where a block of maxima stands, in lanes of its own: among all such banks, those of the first kind first.
#[derive(Clone, Debug)]
pub(crate) struct MaximumPlace {
    /// Limbs of a distance in its banks.
    pub(crate) limbs: usize,
    pub(crate) segments: Vec<Segment>,
}

/// Where a block of values in a range stands. Each value takes some rows, one for each limb; segments count rows of values.
#[derive(Clone, Debug)]
pub(crate) struct RangePlace {
    pub(crate) lanes: usize,
    /// Rows of a value.
    pub(crate) limbs: usize,
    pub(crate) segments: Vec<Segment>,
}

/// Where blocks and boundary terms stand.
#[derive(Clone, Debug)]
pub(crate) struct BlockPlaces {
    /// Of plain blocks.
    pub(crate) lanes: usize,
    /// By block.
    pub(crate) activation: Vec<ActivationPlace>,
    /// By block.
    pub(crate) maximum: Vec<MaximumPlace>,
    /// By block.
    pub(crate) range: Vec<RangePlace>,
    /// By block.
    pub(crate) plain: Vec<Vec<Segment>>,
    /// Bank and first row of each run of boundary terms.
    pub(crate) boundary: Vec<(usize, usize)>,
    /// By list.
    pub(crate) lists: Vec<ListPlace>,
    /// Of formats in use, in order.
    pub(crate) formats: Vec<ActivationBanks>,
    /// Of kinds of windows in use, in order.
    pub(crate) maxima: Vec<MaximumBanks>,
    pub(crate) range_banks: usize,
    pub(crate) plain_banks: usize,
    /// Banks of entries of memories, behind the plain ones.
    pub(crate) entry_banks: usize,
    /// Pairs of banks of lookups in memories, behind those.
    pub(crate) lookup_banks: usize,
    pub(crate) boundary_banks: usize,
    pub(crate) list_banks: usize,
    /// Bank and first row of each tensor that is hashed.
    pub(crate) hashed: Vec<(usize, usize)>,
    pub(crate) hash_banks: usize,
}

/// Cells per row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lanes<'l> {
    /// Of plain banks.
    pub(crate) circuit: usize,
    /// Of each format's activations.
    pub(crate) formats: &'l [usize],
}

/// Where the indices of a list stand, and its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListPlace {
    pub(crate) bank: usize,
    /// First row; the last index stands here.
    pub(crate) row: usize,
    pub(crate) length: usize,
    /// Runs of keys: bank, first row, how many.
    pub(crate) keys: Vec<(usize, usize, usize)>,
}

impl ListPlace {
    /// The row of an index.
    pub(crate) fn index_row(&self, index: usize) -> Option<usize> {
        Some(self.row + self.length.checked_sub(index + 1)?)
    }

    /// Bank and row of a key.
    pub(crate) fn key(&self, mut key: usize) -> Option<(usize, usize)> {
        for &(bank, row, count) in &self.keys {
            if key < count {
                return Some((bank, row + key));
            }
            key -= count;
        }
        None
    }
}

/// A part of a linear identity's units, on consecutive rows of one set of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinearRun {
    /// The set of columns, among those of its challenge, in the key or committed.
    pub(crate) set: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// First unit.
    pub(crate) unit: usize,
    pub(crate) units: usize,
}

/// Where weights stand.
#[derive(Clone, Debug)]
pub(crate) struct LinearPlaces {
    /// By linear identity.
    pub(crate) runs: Vec<Vec<LinearRun>>,
    /// Sets of columns at σ, and at ρ.
    pub(crate) sets: [usize; 2],
    /// The same of committed weights.
    pub(crate) committed: [usize; 2],
}

/// k of columns with this many rows.
pub(crate) fn k_of(capacity: usize) -> u32 {
    capacity.next_power_of_two().trailing_zeros()
}

fn no_room(graph: &QuantGraph, tensor: TensorId, capacity: usize) -> CompileError {
    let node = node_of(graph, tensor);
    CompileError::TooLarge { limit: k_of(capacity), source: Excess::Plane { node } }
}

/// That a block's banks are not too many.
fn check_banks(
    graph: &QuantGraph,
    tensor: TensorId,
    banks: usize,
    capacity: usize,
) -> Result<(), CompileError> {
    if banks <= MOST_BANKS {
        return Ok(());
    }
    let source = Excess::Banks { node: node_of(graph, tensor), limit: MOST_BANKS };
    Err(CompileError::TooLarge { limit: k_of(capacity), source })
}

/// Gives every block its rows.
///
/// # Errors
/// `TooLarge`, if a plane is longer than a column or there are too many banks.
pub(crate) fn place_blocks(
    program: &Program<'_>,
    graph: &QuantGraph,
    Lanes { circuit: lanes, formats: format_lanes }: Lanes<'_>,
    ranges: Option<Ranges>,
    capacity: usize,
    hash_rows: fn(Message) -> usize,
) -> Result<BlockPlaces, CompileError> {
    let (activation, formats) = place_activations(program, graph, format_lanes, capacity)?;
    for (block, place) in program.activation.iter().zip(&activation) {
        if block.layout.turned && place.lanes != lanes {
            return Err(Contradiction::TurnedLanes { expected: lanes, got: place.lanes }.into());
        }
    }
    let (maximum, maxima) = place_maxima(program, graph, capacity)?;
    let (range, range_banks) = place_ranges(program, graph, ranges, capacity)?;
    let plain = place_plain(program, graph, lanes, capacity)?;
    let (lists, list_banks) = place_lists(program, graph, capacity)?;
    let mut rows = RowAllocator::new(capacity);
    let mut boundary = Vec::with_capacity(program.boundary.len());
    for run in &program.boundary {
        let place = rows.take(run.length, 1);
        let (bank, row, _) = place.ok_or_else(|| no_room(graph, run.tensor, capacity))?;
        boundary.push((bank, row));
    }
    let boundary_banks = rows.banks();
    let mut rows = RowAllocator::new(capacity);
    let mut hashed = Vec::with_capacity(program.hashed.len());
    for of in &program.hashed {
        let place = rows.take(hash_rows(of.message), 1);
        let (bank, row, _) = place.ok_or_else(|| no_room(graph, of.tensor, capacity))?;
        hashed.push((bank, row));
    }
    let hash_banks = rows.banks();
    Ok(BlockPlaces {
        lanes,
        activation,
        maximum,
        range,
        plain: plain.segments,
        boundary,
        lists,
        formats,
        maxima,
        range_banks,
        plain_banks: plain.plain_banks,
        entry_banks: plain.entry_banks,
        lookup_banks: plain.lookup_banks,
        boundary_banks,
        list_banks,
        hashed,
        hash_banks,
    })
}

/// Banks that the activations of a format take; `None` if a plane of them does not fit.
pub(crate) fn format_banks(
    program: &Program<'_>,
    format: FormatId,
    lanes: usize,
    capacity: usize,
) -> Option<usize> {
    let mut rows = RowAllocator::new(capacity);
    for block in program.activation.iter().filter(|block| block.format == format) {
        rows.place(&block.layout, lanes)?;
    }
    Some(rows.banks())
}

/// Gives every block of activations rows of its format's banks.
fn place_activations(
    program: &Program<'_>,
    graph: &QuantGraph,
    format_lanes: &[usize],
    capacity: usize,
) -> Result<(Vec<ActivationPlace>, Vec<ActivationBanks>), CompileError> {
    if format_lanes.len() != graph.formats.len() {
        let (expected, got) = (graph.formats.len(), format_lanes.len());
        return Err(Contradiction::Formats { expected, got }.into());
    }
    let mut rows: Vec<RowAllocator> =
        graph.formats.iter().map(|_| RowAllocator::new(capacity)).collect();
    let mut places = Vec::with_capacity(program.activation.len());
    for &ActivationBlock { tensor, format, layout, .. } in &program.activation {
        let (Some(rows), Some(&lanes)) = (rows.get_mut(format.0), format_lanes.get(format.0))
        else {
            return Err(CompileError::internal(graph, tensor, "a format that the graph has not"));
        };
        let segments = rows.place(&layout, lanes);
        let segments = segments.ok_or_else(|| no_room(graph, tensor, capacity))?;
        check_banks(graph, tensor, rows.banks(), capacity)?;
        places.push(ActivationPlace { lanes, segments });
    }
    let mut before = 0;
    let (mut starts, mut formats) = (vec![], vec![]);
    for ((rows, &lanes), format) in rows.iter().zip(format_lanes).zip(&graph.formats) {
        let &Format { shift, low_bits } = format;
        let banks = rows.banks();
        starts.push(before);
        before += banks;
        // A format that nothing is rescaled in has no banks.
        if banks > 0 {
            formats.push(ActivationBanks { banks, lanes, shift, low_bits });
        }
    }
    for (block, place) in program.activation.iter().zip(&mut places) {
        let start = starts[block.format.0];
        place.segments.iter_mut().for_each(|segment| segment.bank += start);
    }
    Ok((places, formats))
}

/// Gives every block of maxima rows of its kind's banks.
fn place_maxima(
    program: &Program<'_>,
    graph: &QuantGraph,
    capacity: usize,
) -> Result<(Vec<MaximumPlace>, Vec<MaximumBanks>), CompileError> {
    // Rows, lanes, and the limbs that the largest values need.
    let mut kinds: BTreeMap<MaximumKind, (RowAllocator, usize, usize)> = BTreeMap::new();
    let mut places = Vec::with_capacity(program.maximum.len());
    for block in &program.maximum {
        let &MaximumBlock { tensor, kind, own, lanes, lines, bits, .. } = block;
        let (rows, of_kind, limbs) =
            kinds.entry(kind).or_insert_with(|| (RowAllocator::new(capacity), lanes, 1));
        if *of_kind != lanes {
            return Err(CompileError::internal(
                graph,
                tensor,
                "windows in other lanes than its kind",
            ));
        }
        let segments = rows.place_lines(&own, lanes, lines.stride / lanes);
        let segments = segments.ok_or_else(|| no_room(graph, tensor, capacity))?;
        check_banks(graph, tensor, rows.banks(), capacity)?;
        *limbs = (*limbs).max(bits.div_ceil(kind.low_bits) as usize);
        places.push(MaximumPlace { limbs: 0, segments });
    }
    let mut before = 0;
    let (mut starts, mut maxima) = (BTreeMap::new(), vec![]);
    for (&kind, &(ref rows, lanes, limbs)) in &kinds {
        let MaximumKind { window, shift, low_bits, function } = kind;
        let banks = rows.banks();
        starts.insert(kind, (before, limbs));
        before += banks;
        maxima.push(MaximumBanks { banks, lanes, shift, low_bits, limbs, window, function });
    }
    for (block, place) in program.maximum.iter().zip(&mut places) {
        let Some(&(start, limbs)) = starts.get(&block.kind) else { continue };
        place.limbs = limbs;
        place.segments.iter_mut().for_each(|segment| segment.bank += start);
    }
    Ok((places, maxima))
}

/// Banks that values in a range take; `None` if a plane of them does not fit.
pub(crate) fn range_banks(program: &Program<'_>, ranges: Ranges, capacity: usize) -> Option<usize> {
    let mut rows = RowAllocator::new(capacity);
    for block in &program.range {
        rows.place_tall(&block.layout, ranges.lanes, ranges.limbs(block.bits))?;
    }
    (rows.banks() <= MOST_BANKS).then_some(rows.banks())
}

/// Gives every block of values in a range its rows.
fn place_ranges(
    program: &Program<'_>,
    graph: &QuantGraph,
    ranges: Option<Ranges>,
    capacity: usize,
) -> Result<(Vec<RangePlace>, usize), CompileError> {
    let Some(ranges) = ranges else {
        return match program.range.first() {
            None => Ok((vec![], 0)),
            Some(block) => {
                let node = node_of(graph, block.tensor);
                Err(Contradiction::NoRangeBanks { node }.into())
            }
        };
    };
    if program.range.is_empty() {
        return Err(Contradiction::RangeBanks.into());
    }
    let mut rows = RowAllocator::new(capacity);
    let mut places = Vec::with_capacity(program.range.len());
    for &RangeBlock { tensor, layout, bits, .. } in &program.range {
        let (lanes, limbs) = (ranges.lanes, ranges.limbs(bits));
        let segments = rows.place_tall(&layout, lanes, limbs);
        let segments = segments.ok_or_else(|| no_room(graph, tensor, capacity))?;
        places.push(RangePlace { lanes, limbs, segments });
        if rows.banks() > MOST_BANKS {
            return Err(CompileError::TooLarge { limit: k_of(capacity), source: Excess::Ranges });
        }
    }
    Ok((places, rows.banks()))
}

impl RangePlace {
    /// The first row and the lane of a position's value; `None` outside the block.
    pub(crate) fn slot(&self, layout: &PlaneLayout, plane: usize, position: usize) -> Option<Slot> {
        tall_slot(&self.segments, layout, [self.lanes, self.limbs], plane, position)
    }
}

/// Plain blocks' rows, and how many banks there are.
struct PlainPlaces {
    segments: Vec<Vec<Segment>>,
    plain_banks: usize,
    entry_banks: usize,
    lookup_banks: usize,
}

/// That every left block is followed by its right one, and no other is: any else would shift all places behind it.
fn check_pairs(program: &Program<'_>, graph: &QuantGraph) -> Result<(), CompileError> {
    let mut awaited = None;
    for block in &program.plain {
        if awaited != block.stand.right_of() {
            let what = "pairs of blocks without partners";
            return Err(CompileError::internal(graph, block.tensor, what));
        }
        awaited = block.stand.left_of();
    }
    match program.plain.last().filter(|_| awaited.is_some()) {
        Some(last) => {
            Err(CompileError::internal(graph, last.tensor, "pairs of blocks without partners"))
        }
        None => Ok(()),
    }
}

/// Gives plain blocks their rows: those of memories in banks behind the others.
fn place_plain(
    program: &Program<'_>,
    graph: &QuantGraph,
    lanes: usize,
    capacity: usize,
) -> Result<PlainPlaces, CompileError> {
    check_pairs(program, graph)?;
    let [mut alone, mut entries, mut lookups] = [(); 3].map(|()| RowAllocator::new(capacity));
    let mut segments = Vec::with_capacity(program.plain.len());
    for block in &program.plain {
        let (layout, tensor) = (&block.layout, block.tensor);
        let room = || no_room(graph, tensor, capacity);
        match block.stand {
            Stand::Alone => segments.push(alone.place(layout, lanes).ok_or_else(room)?),
            Stand::Entries { .. } => {
                if entries.banks() == 0 {
                    // The first cell is free, for lookups that hold nothing.
                    entries.take(1, 1).ok_or_else(room)?;
                }
                segments.push(entries.place(layout, lanes).ok_or_else(room)?);
            }
            Stand::Pair(Side::Left) => {
                segments.extend(alone.place_pair(layout, lanes).ok_or_else(room)?);
            }
            Stand::Lookup { side: Side::Left, .. } => {
                segments.extend(lookups.place_pair(layout, lanes).ok_or_else(room)?);
            }
            // Placed with the left one.
            Stand::Pair(Side::Right) | Stand::Lookup { side: Side::Right, .. } => {}
        }
        let banks = alone.banks().max(entries.banks()).max(lookups.banks() / 2);
        check_banks(graph, tensor, banks, capacity)?;
    }
    let products = program.reads(PlainFingerprint::Product);
    let plain_banks = alone.banks() + alone.banks() % 2 * usize::from(products);
    let entry_banks = entries.banks();
    for (block, segments) in program.plain.iter().zip(&mut segments) {
        let before = match block.stand {
            Stand::Alone | Stand::Pair(_) => 0,
            Stand::Entries { .. } => plain_banks,
            Stand::Lookup { .. } => plain_banks + entry_banks,
        };
        segments.iter_mut().for_each(|segment| segment.bank += before);
    }
    let lookup_banks = lookups.banks() / 2;
    Ok(PlainPlaces { segments, plain_banks, entry_banks, lookup_banks })
}

/// Gives lists of indices and their keys rows; how many banks there are.
fn place_lists(
    program: &Program<'_>,
    graph: &QuantGraph,
    capacity: usize,
) -> Result<(Vec<ListPlace>, usize), CompileError> {
    let [mut indices, mut keys] = [(); 2].map(|()| RowAllocator::new(capacity));
    let mut places = Vec::with_capacity(program.lists.len());
    for &List { indices: tensor, length, count, .. } in &program.lists {
        let room = || no_room(graph, tensor, capacity);
        let (bank, row, _) = indices.take(length, 1).ok_or_else(room)?;
        let (mut runs, mut done) = (vec![], 0);
        while done < count {
            let run = keys.take(1, count - done).ok_or_else(room)?;
            runs.push(run);
            done += run.2;
        }
        places.push(ListPlace { bank, row, length, keys: runs });
    }
    Ok((places, indices.banks().max(keys.banks())))
}

/// Gives the weights of every linear identity their rows.
///
/// # Errors
/// `TooLarge`, if a unit is longer than a column.
pub(crate) fn place_linears(
    program: &Program<'_>,
    graph: &QuantGraph,
    weight_lanes: usize,
    capacity: usize,
    divide: fn(Extents) -> Division,
) -> Result<LinearPlaces, CompileError> {
    let mut rows = [(); 4].map(|()| RowAllocator::new(capacity));
    let mut runs = Vec::with_capacity(program.linears.len());
    for &LinearValue { tensor, rho, committed, extents, .. } in &program.linears {
        let committed = committed.is_some();
        let division = if committed { CommittedWeights::divide(extents) } else { divide(extents) };
        let unit = division.length.div_ceil(weight_lanes);
        let mut of_this = vec![];
        let mut done = 0;
        while done < division.units {
            let place = rows[usize::from(rho) + 2 * usize::from(committed)]
                .take(unit, division.units - done);
            let (set, start, units) = place.ok_or_else(|| no_room(graph, tensor, capacity))?;
            of_this.push(LinearRun { set, start, end: start + units * unit, unit: done, units });
            done += units;
        }
        runs.push(of_this);
    }
    let [sigma, rho, committed_sigma, committed_rho] = rows.map(|rows| rows.banks());
    Ok(LinearPlaces { runs, sets: [sigma, rho], committed: [committed_sigma, committed_rho] })
}

impl BlockPlaces {
    /// Where a position of a block of activations stands.
    pub(crate) fn activation_slot(
        &self,
        program: &Program<'_>,
        ActivationId(block): ActivationId,
        plane: usize,
        position: usize,
    ) -> Option<Slot> {
        let ActivationPlace { lanes, segments } = &self.activation[block];
        slot(segments, &program.activation[block].layout, *lanes, plane, position)
    }

    /// Where a position of a block of maxima stands.
    pub(crate) fn maximum_slot(
        &self,
        program: &Program<'_>,
        MaximumId(block): MaximumId,
        plane: usize,
        position: usize,
    ) -> Option<Slot> {
        let (segments, of) = (&self.maximum[block].segments, &program.maximum[block]);
        slot(segments, &of.own, of.lanes, plane, position)
    }

    /// Where a position of a plain block stands.
    pub(crate) fn plain_slot(
        &self,
        program: &Program<'_>,
        PlainId(block): PlainId,
        plane: usize,
        position: usize,
    ) -> Option<Slot> {
        slot(&self.plain[block], &program.plain[block].layout, self.lanes, plane, position)
    }
}

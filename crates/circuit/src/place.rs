//! Placing: rows for a program's blocks, weights and dropped coefficients, in columns of a given height.
//!
//! Sizes follow from extents: nothing here looks at an element.

use crate::error::{CompileError, Contradiction, node_of};
use crate::excess::Excess;
use crate::ids::{ActivationId, PlainId};
use crate::planes::PlaneLayout;
use crate::program::{LinearValue, Program, RangeBlock, Side};
use crate::ranges::Ranges;
use crate::rows::{RowAllocator, Segment, Slot, slot};
use provenn_fixed_point::{QuantGraph, TensorId};
use provenn_gadgets::linear::{Division, Extents};
use provenn_gadgets::shape::MOST_BANKS;

/// Where a block of values in a range stands. Each value takes some rows, one for each limb; segments count rows of values.
#[derive(Clone, Debug)]
pub(crate) struct RangePlace {
    pub(crate) lanes: usize,
    /// Rows of a value.
    pub(crate) limbs: usize,
    pub(crate) segments: Vec<Segment>,
}

/// Where blocks and dropped coefficients stand.
#[derive(Clone, Debug)]
pub(crate) struct BlockPlaces {
    pub(crate) lanes: usize,
    /// By block.
    pub(crate) activation: Vec<Vec<Segment>>,
    /// By block.
    pub(crate) range: Vec<RangePlace>,
    /// By block.
    pub(crate) plain: Vec<Vec<Segment>>,
    /// Bank and first row of each run of dropped coefficients.
    pub(crate) dropped: Vec<(usize, usize)>,
    pub(crate) activation_banks: usize,
    pub(crate) range_banks: usize,
    pub(crate) plain_banks: usize,
    pub(crate) dropped_banks: usize,
}

/// A part of a linear identity's units, on consecutive rows of one set of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinearRun {
    /// The set of columns, among those of its challenge.
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
}

/// k of columns with this many rows.
pub(crate) fn k_of(capacity: usize) -> u32 {
    capacity.next_power_of_two().trailing_zeros()
}

fn no_room(graph: &QuantGraph, tensor: TensorId, capacity: usize) -> CompileError {
    let node = node_of(graph, tensor);
    CompileError::TooLarge { limit: k_of(capacity), source: Excess::Plane { node } }
}

/// Gives every block its rows.
///
/// # Errors
/// `TooLarge`, if a plane is longer than a column or there are too many banks.
pub(crate) fn place_blocks(
    program: &Program<'_>,
    graph: &QuantGraph,
    lanes: usize,
    ranges: Option<Ranges>,
    capacity: usize,
) -> Result<BlockPlaces, CompileError> {
    let many = |tensor, banks| match banks {
        0..=MOST_BANKS => Ok(()),
        _ => {
            let node = node_of(graph, tensor);
            let source = Excess::Banks { node, limit: MOST_BANKS };
            Err(CompileError::TooLarge { limit: k_of(capacity), source })
        }
    };
    let mut rows = RowAllocator::new(capacity);
    let mut activation = Vec::with_capacity(program.activation.len());
    for block in &program.activation {
        let segments = rows.place(&block.layout, lanes);
        activation.push(segments.ok_or_else(|| no_room(graph, block.tensor, capacity))?);
        many(block.tensor, rows.banks())?;
    }
    let activation_banks = rows.banks();
    let (range, range_banks) = place_ranges(program, graph, ranges, capacity)?;
    let mut rows = RowAllocator::new(capacity);
    let mut plain = Vec::with_capacity(program.plain.len());
    for block in &program.plain {
        match block.pair {
            None => {
                let segments = rows.place(&block.layout, lanes);
                plain.push(segments.ok_or_else(|| no_room(graph, block.tensor, capacity))?);
            }
            Some(Side::Left) => {
                let segments = rows.place_pair(&block.layout, lanes);
                plain.extend(segments.ok_or_else(|| no_room(graph, block.tensor, capacity))?);
            }
            // Placed with the left one.
            Some(Side::Right) => {}
        }
        many(block.tensor, rows.banks())?;
    }
    // A left block without its right one, or the other way round, would shift all places behind it.
    if let (true, Some(last)) = (plain.len() != program.plain.len(), program.plain.last()) {
        return Err(CompileError::internal(graph, last.tensor, "pairs of blocks without partners"));
    }
    let plain_banks = rows.banks();
    let mut rows = RowAllocator::new(capacity);
    let mut dropped = Vec::with_capacity(program.dropped.len());
    for run in &program.dropped {
        let place = rows.take(run.length, 1);
        let (bank, row, _) = place.ok_or_else(|| no_room(graph, run.tensor, capacity))?;
        dropped.push((bank, row));
    }
    let dropped_banks = rows.banks();
    Ok(BlockPlaces {
        lanes,
        activation,
        range,
        plain,
        dropped,
        activation_banks,
        range_banks,
        plain_banks,
        dropped_banks,
    })
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
        let (row_in_plane, lane) = (position / self.lanes, position % self.lanes);
        let per_plane = layout.rows_per_plane(self.lanes);
        self.segments.iter().filter(|segment| segment.holds(plane)).find_map(|segment| {
            let start = (plane - segment.plane) * per_plane;
            let value = start + row_in_plane.checked_sub(segment.row_in_plane)?;
            let row = segment.row + value * self.limbs;
            (value < segment.rows).then_some(Slot { bank: segment.bank, row, lane })
        })
    }
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
    let mut rows = [RowAllocator::new(capacity), RowAllocator::new(capacity)];
    let mut runs = Vec::with_capacity(program.linears.len());
    for &LinearValue { tensor, rho, extents, .. } in &program.linears {
        let division = divide(extents);
        let unit = division.length.div_ceil(weight_lanes);
        let mut of_this = vec![];
        let mut done = 0;
        while done < division.units {
            let place = rows[usize::from(rho)].take(unit, division.units - done);
            let (set, start, units) = place.ok_or_else(|| no_room(graph, tensor, capacity))?;
            of_this.push(LinearRun { set, start, end: start + units * unit, unit: done, units });
            done += units;
        }
        runs.push(of_this);
    }
    let [sigma, rho] = rows;
    Ok(LinearPlaces { runs, sets: [sigma.banks(), rho.banks()] })
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
        slot(
            &self.activation[block],
            &program.activation[block].layout,
            self.lanes,
            plane,
            position,
        )
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

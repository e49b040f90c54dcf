//! Where a circuit's blocks stand, for those who fill, draw or count them.

use crate::place::{ActivationPlace, BlockPlaces, ListPlace, MaximumPlace, RangePlace};
use crate::planes::PlaneLayout;
use crate::program::{BoundaryRun, Hashed, Lines, MaximumKind, Order, Program, RangeBlock, Shown};
use crate::rows::{Segment, Slot, slot};
use provenn_fixed_point::{FormatId, TensorId};

/// A block and its rows.
#[derive(Clone, Debug)]
pub(crate) struct StandingBlock {
    pub(crate) tensor: TensorId,
    pub(crate) layout: PlaneLayout,
    pub(crate) segments: Vec<Segment>,
    order: Order,
}

impl StandingBlock {
    /// The tensor whose element block element `i` holds, and which one; a sort says so by its own integers.
    pub(crate) fn source(&self, i: usize, values: &[Vec<i64>]) -> Option<(TensorId, usize)> {
        let Order::Sorted { order, extent } = self.order else {
            return self.order.source(self.tensor, i);
        };
        let position = usize::try_from(*values.get(order.0)?.get(i)?).ok()?;
        Some((self.tensor, i.checked_div(extent)? * extent + position))
    }

    /// Where a position stands; `None` outside the block.
    pub(crate) fn slot(&self, plane: usize, position: usize, lanes: usize) -> Option<Slot> {
        slot(&self.segments, &self.layout, lanes, plane, position)
    }
}

/// Values in a range and their rows.
#[derive(Clone, Debug)]
pub(crate) struct StandingRange {
    pub(crate) shown: Shown,
    pub(crate) tensor: TensorId,
    pub(crate) layout: PlaneLayout,
    /// Values are below 2^bits.
    pub(crate) bits: u32,
    pub(crate) place: RangePlace,
}

/// Activations and their rows.
#[derive(Clone, Debug)]
pub(crate) struct StandingActivations {
    pub(crate) format: FormatId,
    /// Of the format's banks.
    pub(crate) lanes: usize,
    pub(crate) block: StandingBlock,
}

/// Maxima and their rows.
#[derive(Clone, Debug)]
pub(crate) struct StandingMaxima {
    /// Whose elements the windows hold.
    pub(crate) of: TensorId,
    pub(crate) kind: MaximumKind,
    pub(crate) lanes: usize,
    pub(crate) lines: Lines,
    /// Of any distance from a maximum.
    pub(crate) limbs: usize,
    pub(crate) block: StandingBlock,
}

/// A run of boundary terms and its rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StandingRun {
    pub(crate) run: BoundaryRun,
    pub(crate) bank: usize,
    pub(crate) row: usize,
}

/// All of them.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) activation: Vec<StandingActivations>,
    pub(crate) maximum: Vec<StandingMaxima>,
    pub(crate) range: Vec<StandingRange>,
    pub(crate) plain: Vec<StandingBlock>,
    pub(crate) boundary: Vec<StandingRun>,
    pub(crate) lists: Vec<StandingList>,
    pub(crate) hashed: Vec<StandingHash>,
    pub(crate) committed_tensors: Vec<TensorId>,
}

/// A tensor that is hashed and its rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StandingHash {
    pub(crate) of: Hashed,
    pub(crate) bank: usize,
    pub(crate) row: usize,
}

/// A list of indices and its rows.
#[derive(Clone, Debug)]
pub(crate) struct StandingList {
    pub(crate) indices: TensorId,
    pub(crate) place: ListPlace,
}

impl Standing {
    pub(crate) fn new(program: &Program<'_>, places: BlockPlaces) -> Self {
        let BlockPlaces { activation, maximum, range, plain, boundary, lists, hashed, .. } = places;
        let activation = program.activation.iter().zip(activation).map(|(block, place)| {
            let (tensor, layout) = (block.tensor, block.layout);
            let ActivationPlace { lanes, segments } = place;
            let standing = StandingBlock { tensor, layout, segments, order: Order::Own };
            StandingActivations { format: block.format, lanes, block: standing }
        });
        let maximum = program.maximum.iter().zip(maximum).map(|(block, place)| {
            let (tensor, layout) = (block.tensor, block.own);
            let MaximumPlace { limbs, segments } = place;
            let standing = StandingBlock { tensor, layout, segments, order: Order::Own };
            StandingMaxima {
                of: block.of,
                kind: block.kind,
                lanes: block.lanes,
                lines: block.lines,
                limbs,
                block: standing,
            }
        });
        let range = program.range.iter().zip(range).map(|(block, place)| {
            let RangeBlock { tensor, shown, layout, bits } = *block;
            StandingRange { shown, tensor, layout, bits, place }
        });
        let plain = program.plain.iter().zip(plain).map(|(block, segments)| {
            let (tensor, layout, order) = (block.tensor, block.layout, block.order.clone());
            StandingBlock { tensor, layout, segments, order }
        });
        let boundary = program.boundary.iter().zip(boundary);
        let boundary = boundary.map(|(&run, (bank, row))| StandingRun { run, bank, row });
        let lists = program.lists.iter().zip(lists);
        let lists = lists.map(|(list, place)| StandingList { indices: list.indices, place });
        let hashed = program.hashed.iter().zip(hashed);
        let hashed = hashed.map(|(&of, (bank, row))| StandingHash { of, bank, row });
        Standing {
            activation: activation.collect(),
            maximum: maximum.collect(),
            range: range.collect(),
            plain: plain.collect(),
            boundary: boundary.collect(),
            lists: lists.collect(),
            hashed: hashed.collect(),
            committed_tensors: program.committed_tensors.clone(),
        }
    }
}

//! First-phase columns from the interpreter's integers.

mod accumulators;

use crate::error::{AssignError, node_of};
use crate::rows::Slot;
use crate::stand::{Standing, StandingBlock};
use crate::tables::{Row, Tables};
use accumulators::{Accumulators, Position, accumulators, dropped_run};
use provenn_fixed_point::{Piecewise, QuantGraph, rescale};
use provenn_gadgets::logup::GAP;
use provenn_gadgets::{Dropped, FirstPhase, GadgetSet, Layout, Shape};

/// What the columns are filled from.
pub(crate) struct Filler<'a, G: GadgetSet> {
    pub(crate) graph: &'a QuantGraph,
    pub(crate) shape: &'a Shape,
    pub(crate) layout: &'a Layout<G>,
    pub(crate) standing: &'a Standing,
    pub(crate) tables: &'a Tables,
    /// Integers of every tensor.
    pub(crate) values: &'a [Vec<i64>],
}

impl<G: GadgetSet> Filler<'_, G> {
    /// Fills every first-phase column, and finds what convolutions drop.
    pub(crate) fn fill(&self) -> Result<(FirstPhase, Vec<Dropped>), AssignError> {
        let rows = self.shape.active_rows();
        let mut columns = vec![vec![0_i64; rows]; self.layout.first];
        let mut counts = vec![0_i64; self.tables.rows()];
        let mut used = 0;
        let mut dropped = vec![];
        for block in &self.standing.plain {
            self.fill_plain(block, &mut columns)?;
        }
        for block in &self.standing.activation {
            used += self.fill_activation(block, &mut columns, &mut counts, &mut dropped)?;
        }
        self.count_ranges(&columns, &mut counts)?;
        // Lanes that hold nothing look up the zero row.
        let lanes = self.layout.activation.len() * self.shape.lanes * rows;
        let idle = lanes.checked_sub(used).and_then(|idle| i64::try_from(idle).ok());
        let miscounted = || AssignError::Internal {
            node: "zero row".into(),
            what: "more positions in use than lanes",
        };
        if let Some(count) = counts.first_mut() {
            *count = idle.ok_or_else(miscounted)?;
        }
        for (bank, chunk) in self.layout.table.iter().zip(counts.chunks(rows)) {
            columns[bank.multiplicity][..chunk.len()].copy_from_slice(chunk);
        }
        Ok((columns, dropped))
    }

    fn internal(&self, block: &StandingBlock, what: &'static str) -> AssignError {
        AssignError::Internal { node: node_of(self.graph, block.tensor), what }
    }

    fn slot(
        &self,
        block: &StandingBlock,
        plane: usize,
        position: usize,
    ) -> Result<Slot, AssignError> {
        block
            .slot(plane, position, self.shape.lanes)
            .ok_or_else(|| self.internal(block, "a position outside its block"))
    }

    fn fill_plain(
        &self,
        block: &StandingBlock,
        columns: &mut FirstPhase,
    ) -> Result<(), AssignError> {
        let values = &self.values[block.tensor.0];
        for element in 0..block.layout.elements() {
            let (plane, position) = block.layout.position(element);
            let Slot { bank, row, lane } = self.slot(block, plane, position)?;
            columns[self.layout.plain[bank].cell[lane]][row] = values[block.source(element)];
        }
        Ok(())
    }

    /// Fills a block and returns how many of its positions look up a table of their own.
    fn fill_activation(
        &self,
        block: &StandingBlock,
        columns: &mut FirstPhase,
        counts: &mut [i64],
        dropped: &mut Vec<Dropped>,
    ) -> Result<usize, AssignError> {
        let Filler { graph, shape, layout, tables, .. } = *self;
        let node = &graph.tensors[block.tensor.0].name;
        let widths = shape.remainder_limbs();
        let tag = tables.tag(block.tensor);
        let function = tag.ok_or_else(|| self.internal(block, "its function has no table"))?;
        let Accumulators { positions, full } = accumulators(graph, block, self.values)?;
        if let Some(full) = full {
            let runs = self.standing.dropped.iter();
            let runs = runs.filter(|standing| standing.run.tensor == block.tensor);
            dropped.extend(runs.map(|run| dropped_run(&full, run)));
        }
        let used = positions.len();
        for Position { plane, position, y, border } in positions {
            let (q, mut r) = self.split(block, y)?;
            let (h, l) = Piecewise::split(q, shape.low_bits);
            let tag = if border { GAP } else { function };
            let Some(Row { index, key, slope, base }) = tables.row(tag, h) else {
                let (low, high) = tables.bounds(tag);
                return Err(AssignError::OutsideTable {
                    node: node.clone(),
                    index: position,
                    value: h,
                    low,
                    high,
                });
            };
            counts[index] += 1;
            let Slot { bank, row, lane } = self.slot(block, plane, position)?;
            let bank = &layout.activation[bank];
            for (limb, width) in bank.remainder.iter().zip(&widths) {
                columns[limb[lane]][row] = r & ((1 << width) - 1);
                r >>= width;
            }
            columns[bank.low[lane]][row] = l;
            columns[bank.high[lane]][row] = key;
            columns[bank.slope[lane]][row] = slope;
            columns[bank.base[lane]][row] = base;
        }
        Ok(used)
    }

    /// q, as the specification rounds, and what rounding takes off: `y + 2^(S−1) = q·2^S + r`.
    fn split(&self, block: &StandingBlock, y: i64) -> Result<(i64, i64), AssignError> {
        let shift = self.shape.shift;
        let q = rescale(y, shift);
        let r = i128::from(y) + (1_i128 << (shift - 1)) - (i128::from(q) << shift);
        let r = i64::try_from(r).ok().filter(|r| (0..1 << shift).contains(r));
        Ok((q, r.ok_or_else(|| self.internal(block, "a remainder outside its range"))?))
    }

    /// Counts range lookups of every lane, used or not.
    fn count_ranges(&self, columns: &FirstPhase, counts: &mut [i64]) -> Result<(), AssignError> {
        let widths = self.shape.remainder_limbs();
        for bank in &self.layout.activation {
            let ranges = bank
                .remainder
                .iter()
                .zip(&widths)
                .chain(std::iter::once((&bank.low, &self.shape.low_bits)));
            for (limb, &width) in ranges {
                let tag = i64::from(width);
                for &value in limb.iter().flat_map(|&column| &columns[column]) {
                    let row = self.tables.row(tag, value).ok_or_else(|| {
                        let (low, high) = self.tables.bounds(tag);
                        AssignError::OutsideTable {
                            node: format!("range {tag}"),
                            index: 0,
                            value,
                            low,
                            high,
                        }
                    })?;
                    counts[row.index] += 1;
                }
            }
        }
        Ok(())
    }
}

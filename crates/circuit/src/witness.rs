//! First-phase columns from the interpreter's integers.

mod accumulators;
mod count;
mod maxima;
mod ranges;

use crate::error::{AssignError, node_of};
use crate::rows::Slot;
use crate::stand::{Standing, StandingActivations, StandingBlock, StandingHash, StandingList};
use crate::tables::{Row, Tables};
use accumulators::{Accumulators, Position, Reads, accumulators, boundary_values};
use count::{Counts, count};
use provenn_fixed_point::{Format, Piecewise, QuantGraph};
use provenn_gadgets::committed_tensors::{CommittedTensors, TensorForm};
use provenn_gadgets::families::{Activation, Decomposition, Fingerprint, Hash, Lane, Occurrences};
use provenn_gadgets::table::GAP;
use provenn_gadgets::{Assignment, BoundaryValues, CircuitParams, FirstPhase, GadgetSet, Layout};

/// What the columns are filled from.
pub(crate) struct Filler<'a, G: GadgetSet> {
    pub(crate) graph: &'a QuantGraph,
    pub(crate) params: &'a CircuitParams,
    pub(crate) layout: &'a Layout<G>,
    pub(crate) assignment: &'a Assignment,
    pub(crate) standing: &'a Standing,
    pub(crate) tables: &'a Tables,
    /// Integers of every tensor.
    pub(crate) values: &'a [Vec<i64>],
}

impl<G: GadgetSet> Filler<'_, G> {
    /// Fills every first-phase column, and finds what convolutions drop.
    pub(crate) fn fill(&self) -> Result<(FirstPhase, Vec<BoundaryValues>), AssignError> {
        let rows = self.params.active_rows();
        let mut columns = vec![vec![0_i64; rows]; self.layout.first];
        let mut boundary = vec![];
        for block in &self.standing.plain {
            self.fill_plain(block, &mut columns)?;
        }
        for range in &self.standing.range {
            self.fill_range(range, &mut columns)?;
        }
        for block in &self.standing.activation {
            self.fill_activation(block, &mut columns, &mut boundary)?;
        }
        for maxima in &self.standing.maximum {
            self.fill_maxima(maxima, &mut columns, &mut boundary)?;
        }
        self.fill_lists(&mut columns)?;
        self.fill_hashes(&mut columns);
        self.fill_committed(&mut columns);
        let Counts { tables, memories } =
            count(self.layout, self.assignment, self.tables, &columns, rows)?;
        for (bank, chunk) in self.layout.table.iter().zip(tables.chunks(rows)) {
            columns[bank.multiplicity][..chunk.len()].copy_from_slice(chunk);
        }
        for ((column, row), count) in memories {
            columns[column][row] = count;
        }
        Ok((columns, boundary))
    }

    fn internal(&self, block: &StandingBlock, what: &'static str) -> AssignError {
        AssignError::Internal { node: node_of(self.graph, block.tensor), what }
    }

    fn slot(
        &self,
        block: &StandingBlock,
        lanes: usize,
        plane: usize,
        position: usize,
    ) -> Result<Slot, AssignError> {
        block
            .slot(plane, position, lanes)
            .ok_or_else(|| self.internal(block, "a position outside its block"))
    }

    fn fill_plain(
        &self,
        block: &StandingBlock,
        columns: &mut FirstPhase,
    ) -> Result<(), AssignError> {
        for element in 0..block.layout.elements() {
            let (plane, position) = block.layout.position(element);
            let Slot { bank, row, lane } = self.slot(block, self.params.lanes, plane, position)?;
            let source = block.source(element, self.values);
            let value = source.and_then(|(tensor, at)| self.values[tensor.0].get(at).copied());
            let value = value.ok_or_else(|| self.internal(block, "an element that is none"))?;
            columns[self.layout.plain[bank].cells()[lane]][row] = value;
        }
        Ok(())
    }

    /// Copies the indices of lists.
    fn fill_lists(&self, columns: &mut FirstPhase) -> Result<(), AssignError> {
        let Some(occurrences) = &self.layout.occurrences else { return Ok(()) };
        for StandingList { indices, place } in &self.standing.lists {
            let column = &mut columns[occurrences.index(place.bank)];
            for (index, &value) in self.values[indices.0].iter().enumerate() {
                let row = place.index_row(index).ok_or_else(|| AssignError::Internal {
                    node: node_of(self.graph, *indices),
                    what: "an index without a row",
                })?;
                column[row] = value;
            }
        }
        Ok(())
    }

    /// Copies what is hashed.
    fn fill_hashes(&self, columns: &mut FirstPhase) {
        for StandingHash { of, bank, row } in &self.standing.hashed {
            for (index, &value) in self.values[of.tensor.0].iter().enumerate() {
                let (column, row) = self.layout.hash[*bank].element(*row, of.message, index);
                columns[column][row] = value;
            }
        }
    }

    /// Copies tensors that commitments of their own hold.
    fn fill_committed(&self, columns: &mut FirstPhase) {
        let Some(CommittedTensors { columns: of_tensors }) = &self.layout.committed_tensors else {
            return;
        };
        let tensors = self.standing.committed_tensors.iter().map(|id| &self.values[id.0]);
        let lengths = tensors.clone().map(Vec::len).collect();
        let form = TensorForm { k: self.params.k, lengths };
        for (values, places) in tensors.zip(form.places()) {
            for (&value, (column, row)) in values.iter().zip(places) {
                columns[of_tensors[column]][row] = value;
            }
        }
    }

    /// Fills a block.
    fn fill_activation(
        &self,
        standing: &StandingActivations,
        columns: &mut FirstPhase,
        boundary: &mut Vec<BoundaryValues>,
    ) -> Result<(), AssignError> {
        let Filler { graph, layout, tables, .. } = *self;
        let StandingActivations { format, lanes, block } = standing;
        let format = graph.format(*format);
        let format = format.ok_or_else(|| self.internal(block, "a format that is not listed"))?;
        let node = &graph.tensors[block.tensor.0].name;
        let Accumulators { positions, full } = accumulators(graph, block, self.values)?;
        if let Some(full) = full {
            let runs = self.standing.boundary.iter();
            let runs = runs.filter(|standing| standing.run.tensor == block.tensor);
            boundary.extend(runs.map(|run| boundary_values(&full, run)));
        }
        let function = || {
            let tag = tables.tag(block.tensor);
            tag.ok_or_else(|| self.internal(block, "its function has no table"))
        };
        for Position { plane, position, y, reads } in positions {
            let (q, remainder) = self.split(block, format, y)?;
            let (h, l) = Piecewise::split(q, format.low_bits);
            let tag = match reads {
                Reads::Function => function()?,
                Reads::Boundary => GAP,
            };
            let Some(Row { key, slope, base }) = tables.row(tag, h) else {
                let (lo, hi) = tables.bounds(tag);
                return Err(AssignError::OutsideTable {
                    node: node.clone(),
                    index: position,
                    value: h,
                    lo,
                    hi,
                });
            };
            let Slot { bank, row, lane } = self.slot(block, *lanes, plane, position)?;
            let of = Decomposition { remainder, low: l, high: key, slope, base };
            layout.activation[bank].fill(Lane { lane, row }, &of, columns);
        }
        Ok(())
    }

    /// q, as the specification rounds, and what rounding takes off: `y + 2^(S−1) = q·2^S + r`.
    fn split(
        &self,
        block: &StandingBlock,
        format: Format,
        y: i64,
    ) -> Result<(i64, i64), AssignError> {
        let q = format.rescale(y);
        let r = i128::from(y) + i128::from(format.half()) - (i128::from(q) << format.shift);
        let r = i64::try_from(r).ok().filter(|r| (0..1 << format.shift).contains(r));
        Ok((q, r.ok_or_else(|| self.internal(block, "a remainder outside its range"))?))
    }
}

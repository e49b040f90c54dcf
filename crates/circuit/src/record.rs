//! From a placed program to the key's columns: fixed values, copies, and the program of the later phases.

use crate::error::{CompileError, node_of};
use crate::ids::{ActivationId, BoundaryId, HashId, LinearId, ListId, MaximumId, PlainId, Space};
use crate::known::Known;
use crate::place::{BlockPlaces, LinearRun, RangePlace};
use crate::planes::PlaneLayout;
use crate::program::{
    ActivationBlock, ActivationFingerprint, Contents, Element, LinearValue, List, MaximumBlock,
    PlainBlock, PlainFingerprint, Program, Public, Side, Stand,
};
use crate::rows::Segment;
use crate::schedule::{Coefficients, FingerprintColumn, Input, Placed, Schedule, Sink};
use crate::tables::Tables;
use provenn_fixed_point::{Format, QuantGraph, TensorId, biased};
use provenn_gadgets::column::set;
use provenn_gadgets::committed::LaidWeights;
use provenn_gadgets::families::{
    Activation, Arithmetic, Boundary, Fingerprint, Hash, Lane, Maximum, Memory, Occurrences, Range,
    Reading,
};
use provenn_gadgets::linear::{Laid, Run, Weights};
use provenn_gadgets::table::GAP;
use provenn_gadgets::{
    Assignment, CellRef, Chain, CircuitParams, Column, GadgetSet, Layout, LinearIdentity, Step,
};

/// What is recorded, beside the program and its places.
#[derive(Clone, Copy)]
pub(crate) struct Circuit<'a, G: GadgetSet> {
    pub(crate) graph: &'a QuantGraph,
    pub(crate) known: &'a Known,
    pub(crate) tables: &'a Tables,
    pub(crate) params: &'a CircuitParams,
    pub(crate) layout: &'a Layout<G>,
}

/// Columns of the key and the program of the later phases.
///
/// # Errors
/// [`CompileError::Internal`] if program, places and shape contradict each other.
pub(crate) fn record<G: GadgetSet>(
    circuit: Circuit<'_, G>,
    placed: Placed<'_, '_>,
) -> Result<Assignment, CompileError> {
    let Circuit { graph, known, tables, params, layout } = circuit;
    let Placed { program, blocks, .. } = placed;
    let mut fixed = vec![vec![]; layout.fixed];
    for (block, place) in program.activation.iter().zip(&blocks.activation) {
        let chain = |bank: usize| layout.activation[bank].chain();
        set_chain(&mut fixed, &place.segments, block.layout, place.lanes, chain)?;
    }
    for (block, place) in program.maximum.iter().zip(&blocks.maximum) {
        let chain = |bank: usize| layout.maximum[bank].chain();
        set_chain(&mut fixed, &place.segments, block.own, block.lanes, chain)?;
    }
    for (block, place) in program.range.iter().zip(&blocks.range) {
        lay_range(&mut fixed, place, block.layout, &layout.range);
    }
    for (block, segments) in program.plain.iter().zip(&blocks.plain) {
        let chain = |bank: usize| layout.plain[bank].chain();
        set_chain(&mut fixed, segments, block.layout, params.lanes, chain)?;
    }
    let committed = vec![vec![]; layout.committed_columns];
    let weight_bits = vec![vec![]; layout.committed_columns];
    let (rows, steps) = (0, vec![]);
    let record = Record { circuit, program, blocks, fixed, committed, weight_bits, rows, steps };
    let mut schedule = Schedule::run(placed, record)?;
    for at in 0..program.activation.len() {
        schedule.sink.set_lanes(ActivationId(at))?;
    }
    for at in 0..program.maximum.len() {
        schedule.sink.set_windows(MaximumId(at))?;
    }
    for at in 0..program.plain.len() {
        schedule.sink.set_coefficients(PlainId(at))?;
        schedule.sink.set_memory(PlainId(at))?;
    }
    for at in 0..program.lists.len() {
        schedule.sink.set_list(ListId(at))?;
    }
    for (run, &(bank, row)) in program.boundary.iter().zip(&blocks.boundary) {
        for row in row..(row + run.length).saturating_sub(1) {
            set(&mut schedule.sink.fixed, layout.boundary[bank].step(), row, 1);
        }
    }
    for (of, &(bank, row)) in program.hashed.iter().zip(&blocks.hashed) {
        layout.hash[bank].lay(row, of.message, &mut schedule.sink.fixed);
    }
    if params.table_banks > 0 {
        let capacity = params.active_rows();
        for (index, tuple) in tables.tuples().enumerate() {
            let bank = &layout.table[index / capacity];
            for (&column, &v) in bank.tuple.iter().zip(&tuple) {
                set(&mut schedule.sink.fixed, column, index % capacity, v);
            }
        }
    }
    let copies = copies(graph, known, &schedule, placed)?;
    let Record { fixed, committed, weight_bits, steps, .. } = schedule.sink;
    Ok(Assignment { fixed, committed, weight_bits, copies, steps })
}

/// Pairs of equal cells: values, copied elements, gaps, public values.
fn copies<G: GadgetSet>(
    graph: &QuantGraph,
    known: &Known,
    schedule: &Schedule<'_, '_, Record<'_, '_, G>>,
    placed: Placed<'_, '_>,
) -> Result<Vec<(CellRef, CellRef)>, CompileError> {
    let program = placed.program;
    let mut copies = vec![];
    for &(left, right) in &program.equal {
        copies.push((schedule.cell(left)?, schedule.cell(right)?));
    }
    let element = |tensor: TensorId, index: usize| {
        schedule.element(program.element(&known.views, tensor, index)?)
    };
    for (at, block) in program.plain.iter().enumerate() {
        let id = PlainId(at);
        match block.contents {
            Contents::Equated => continue,
            Contents::Input | Contents::Shown => {}
            Contents::Copies => {
                for i in 0..block.layout.elements() {
                    let source = block.order.source(block.tensor, i);
                    let (tensor, index) =
                        source.ok_or_else(|| internal("copies that no place is known of"))?;
                    let from = element(tensor, index)?;
                    copies.push((schedule.sink.plain(id, i)?, from));
                }
            }
        }
        let gaps = schedule.sink.gaps(id)?;
        if !gaps.is_empty() {
            let zero = schedule.element(Element::Constant(0))?;
            copies.extend(gaps.into_iter().map(|gap| (gap, zero)));
        }
    }
    for (list, place) in program.lists.iter().zip(&placed.blocks.lists) {
        let column = Column::First(schedule.sink.occurrence_banks(list.indices)?.index(place.bank));
        for index in 0..list.length {
            let row = place.index_row(index);
            let row = row.ok_or_else(|| internal("an index without a row"))?;
            copies.push((CellRef { column, row }, element(list.indices, index)?));
        }
    }
    for (of, &(bank, row)) in program.hashed.iter().zip(&placed.blocks.hashed) {
        let bank = &schedule.sink.circuit.layout.hash[bank];
        for index in 0..of.message.padded() {
            let (column, row) = bank.element(row, of.message, index);
            let from = match index < of.message.elements() {
                true => element(of.tensor, index)?,
                false => schedule.element(Element::Constant(0))?,
            };
            copies.push((CellRef { column: Column::First(column), row }, from));
        }
    }
    let columns = schedule.sink.circuit.layout.committed_tensors.iter();
    let columns: Vec<usize> = columns.flat_map(|tensors| tensors.columns.clone()).collect();
    let form = program.tensor_form(graph, schedule.sink.circuit.params.k);
    for (&tensor, places) in program.committed_tensors.iter().zip(form.places()) {
        for (index, (column, row)) in places.enumerate() {
            let column = columns.get(column).copied().map(Column::First);
            let column = column.ok_or_else(|| internal("committed tensors without columns"))?;
            copies.push((CellRef { column, row }, element(tensor, index)?));
        }
    }
    let mut row = 0;
    for public in &program.public {
        let mut state = |cell: CellRef| {
            copies.push((cell, CellRef { column: Column::Instance, row }));
            row += 1;
        };
        match *public {
            Public::Value(value) => state(schedule.cell(value)?),
            Public::Elements(tensor) => {
                for index in 0..graph.tensors[tensor.0].len() {
                    state(element(tensor, index)?);
                }
            }
        }
    }
    Ok(copies)
}

/// Sets the columns that chain the rows of a block's planes.
fn set_chain(
    fixed: &mut [Vec<i64>],
    segments: &[Segment],
    layout: PlaneLayout,
    lanes: usize,
    chain: impl Fn(usize) -> Chain,
) -> Result<(), CompileError> {
    let per_plane = layout.rows_per_plane(lanes);
    for segment in segments {
        let Chain { step, turn } = chain(segment.bank);
        for i in 0..segment.rows {
            if !segment.goes_on(i, &layout, lanes) {
                continue;
            }
            let in_plane = (segment.row_in_plane + i) % per_plane;
            let column = match (layout.ends_image_row(in_plane, lanes), turn) {
                (false, _) => step,
                (true, Some(turn)) => turn,
                (true, None) => return Err(internal("image rows turn where no column says so")),
            };
            set(fixed, column, segment.row + i, 1);
        }
    }
    Ok(())
}

/// Lays the rows of a block of values in a range: those of a plane go on to its next values.
fn lay_range<R: Range>(
    fixed: &mut [Vec<i64>],
    RangePlace { lanes, limbs, segments }: &RangePlace,
    layout: PlaneLayout,
    banks: &[R],
) {
    for segment in segments {
        for value in 0..segment.rows {
            let row = segment.row + value * limbs;
            let goes_on = segment.goes_on(value, &layout, *lanes);
            banks[segment.bank].lay(row..row + limbs, goes_on, fixed);
        }
    }
}

/// The sink that records.
struct Record<'a, 'g, G: GadgetSet> {
    circuit: Circuit<'a, G>,
    program: &'a Program<'g>,
    blocks: &'a BlockPlaces,
    fixed: Vec<Vec<i64>>,
    committed: Vec<Vec<i64>>,
    weight_bits: Vec<Vec<u8>>,
    /// Of arithmetic.
    rows: usize,
    steps: Vec<Step>,
}

impl<G: GadgetSet> Record<'_, '_, G> {
    fn node(&self, tensor: TensorId) -> String {
        node_of(self.circuit.graph, tensor)
    }

    fn fault(&self, tensor: TensorId, what: &'static str) -> CompileError {
        CompileError::internal(self.circuit.graph, tensor, what)
    }

    fn plain_cell(
        &self,
        id: PlainId,
        plane: usize,
        position: usize,
    ) -> Result<CellRef, CompileError> {
        let slot = self.blocks.plain_slot(self.program, id, plane, position);
        let tensor = self.program.plain[id.0].tensor;
        let slot = slot.ok_or_else(|| self.fault(tensor, "a position outside its block"))?;
        let column = Column::First(self.circuit.layout.plain[slot.bank].cells()[slot.lane]);
        Ok(CellRef { column, row: slot.row })
    }

    /// Cells of a plain block that hold no element.
    fn gaps(&self, id: PlainId) -> Result<Vec<CellRef>, CompileError> {
        let layout = self.program.plain[id.0].layout;
        let lanes = self.circuit.params.lanes;
        let per_plane = layout.rows_per_plane(lanes) * lanes;
        let mut filled = vec![false; layout.planes * per_plane];
        for element in 0..layout.elements() {
            let (plane, position) = layout.position(element);
            filled[plane * per_plane + position] = true;
        }
        let gaps = filled.iter().enumerate().filter(|(_, filled)| !**filled);
        gaps.map(|(at, _)| self.plain_cell(id, at / per_plane, at % per_plane)).collect()
    }

    /// Sets tag and offset of every position in use. Boundary positions of a convolution look up the
    /// boundary table; positions that hold nothing stay zero, which the zero row allows.
    fn set_lanes(&mut self, id: ActivationId) -> Result<(), CompileError> {
        let ActivationBlock { tensor, format, layout, bias, boundary } =
            self.program.activation[id.0];
        let format = self.circuit.graph.format(format);
        let format = format.ok_or_else(|| self.fault(tensor, "a format that the graph has not"))?;
        let tables = self.circuit.tables;
        let tag = tables.tag(tensor);
        let table = tag.and_then(|tag| Some((tag, tables.first(tag)?)));
        let (tag, first) = table.ok_or_else(|| self.fault(tensor, "its function has no table"))?;
        let gap = match (boundary, tables.first(GAP)) {
            (false, _) => (0, 0),
            (true, Some(first)) => (GAP, self.offset(tensor, format, 0, first)?),
            (true, None) => return Err(self.fault(tensor, "no table for what it drops")),
        };
        let elements = layout.elements();
        let mut lanes = vec![gap; layout.planes * layout.length];
        for element in 0..elements {
            let (plane, position) = layout.position(element);
            let bias = biased(&self.node(tensor), 0, bias, element, elements)
                .map_err(|_| self.fault(tensor, "a bias for other elements"))?;
            lanes[plane * layout.length + position] =
                (tag, self.offset(tensor, format, bias, first)?);
        }
        for (at, (tag, offset)) in lanes.into_iter().enumerate().filter(|(_, (tag, _))| *tag != 0) {
            self.set_lane(id, at / layout.length, at % layout.length, (tag, offset))?;
        }
        Ok(())
    }

    fn set_lane(
        &mut self,
        id: ActivationId,
        plane: usize,
        position: usize,
        (tag, offset): (i64, i64),
    ) -> Result<(), CompileError> {
        let slot = self.blocks.activation_slot(self.program, id, plane, position);
        let tensor = self.program.activation[id.0].tensor;
        let slot = slot.ok_or_else(|| self.fault(tensor, "a position outside its block"))?;
        let bank = &self.circuit.layout.activation[slot.bank];
        let at = Lane { lane: slot.lane, row: slot.row };
        bank.lay(at, tag, offset, &mut self.fixed);
        Ok(())
    }

    /// Sets tag and offset of every window of a block, and which rows of a line go on.
    fn set_windows(&mut self, id: MaximumId) -> Result<(), CompileError> {
        let MaximumBlock { tensor, of, kind, own: layout, lanes, lines, bias, .. } =
            &self.program.maximum[id.0];
        let format = Format { shift: kind.shift, low_bits: kind.low_bits };
        if !bias.is_empty() && bias.len() != layout.planes {
            return Err(self.fault(*of, "a bias for other planes"));
        }
        let tables = self.circuit.tables;
        let table = || tables.tag(*of).and_then(|tag| Some((tag, tables.first(tag)?)));
        let (tag, first) = match kind.function {
            true => table().ok_or_else(|| self.fault(*of, "its function has no table"))?,
            false => (0, 0),
        };
        let banks = &self.circuit.layout.maximum;
        let place = |plane: usize, position: usize| {
            let slot = self.blocks.maximum_slot(self.program, id, plane, position);
            slot.ok_or_else(|| self.fault(*tensor, "a position outside its block"))
        };
        let mut laid = vec![];
        for element in 0..layout.elements() {
            let (plane, position) = layout.position(element);
            let slot = place(plane, position)?;
            let bias = bias.get(plane).copied().unwrap_or(0);
            laid.push((slot, self.offset(*of, format, bias, first)?));
        }
        let rows = lines.windows.div_ceil(*lanes);
        let all = (0..layout.planes).flat_map(|p| (0..lines.count).map(move |line| (p, line)));
        let begin = all.map(|(plane, line)| place(plane, line * lines.stride));
        let begin = begin.collect::<Result<Vec<_>, CompileError>>()?;
        for (slot, offset) in laid {
            let at = Lane { lane: slot.lane, row: slot.row };
            banks[slot.bank].lay(at, tag, offset, &mut self.fixed);
        }
        for slot in begin {
            for row in slot.row..slot.row + rows.saturating_sub(1) {
                set(&mut self.fixed, banks[slot.bank].line(), row, 1);
            }
        }
        Ok(())
    }

    /// What is taken off the recomposed accumulator of a position, for its h counts from the table's first row:
    /// `2^(S−1) + bias − first·2^(S+t)`, by its format. Exact, or refused: a wrapped one would prove another function.
    fn offset(
        &self,
        tensor: TensorId,
        format: Format,
        bias: i64,
        first: i64,
    ) -> Result<i64, CompileError> {
        let start = i128::from(first) * (1_i128 << (format.shift + format.low_bits));
        let offset = i128::from(format.half()) + i128::from(bias) - start;
        let offset = i64::try_from(offset).ok().filter(|offset| offset.unsigned_abs() < 1 << 62);
        offset.ok_or_else(|| CompileError::WrapAround {
            node: self.node(tensor),
            what: "the start of its table".into(),
            advice: "lower the shift or the bits of the settings",
        })
    }

    fn set_coefficients(&mut self, id: PlainId) -> Result<(), CompileError> {
        let &PlainBlock { tensor, layout, coefficients, .. } = &self.program.plain[id.0];
        if !coefficients.is_empty() && coefficients.len() != layout.elements() {
            return Err(self.fault(tensor, "coefficients for other elements"));
        }
        for (element, &c) in coefficients.iter().enumerate() {
            let (plane, position) = layout.position(element);
            let slot = self.blocks.plain_slot(self.program, id, plane, position);
            let slot = slot.ok_or_else(|| self.fault(tensor, "a position outside its block"))?;
            let bank = &self.circuit.layout.plain[slot.bank];
            let column = bank.coefficients().get(slot.lane).copied();
            let column = column.ok_or_else(|| self.fault(tensor, "no columns of coefficients"))?;
            set(&mut self.fixed, column, slot.row, c);
        }
        Ok(())
    }

    /// Spaces and keys of what stands in a memory.
    fn set_memory(&mut self, id: PlainId) -> Result<(), CompileError> {
        let PlainBlock { tensor, layout, stand, .. } = self.program.plain[id.0];
        let (first, per_line) = match stand {
            Stand::Alone | Stand::Pair(_) | Stand::Lookup { side: Side::Right, .. } => {
                return Ok(());
            }
            Stand::Entries { first, per_line, .. } | Stand::Lookup { first, per_line, .. } => {
                (first, per_line)
            }
        };
        let Circuit { layout: columns, params, .. } = self.circuit;
        let memory = columns.memory.as_ref();
        let memory = memory.ok_or_else(|| self.fault(tensor, "no columns of memories"))?;
        for element in 0..layout.elements() {
            let (plane, position) = layout.position(element);
            let slot = self.blocks.plain_slot(self.program, id, plane, position);
            let slot = slot.ok_or_else(|| self.fault(tensor, "a position outside its block"))?;
            let line = element.checked_div(per_line).and_then(|line| i64::try_from(line).ok());
            let space = line.and_then(|line| first.0.checked_add(line));
            let space = space.ok_or_else(|| self.fault(tensor, "a line without a space"))?;
            let at = Lane { lane: slot.lane, row: slot.row };
            let behind = slot.bank.checked_sub(params.plain_banks);
            let bank = behind.ok_or_else(|| self.fault(tensor, "a memory among plain cells"))?;
            match stand {
                Stand::Entries { keys, .. } => {
                    let key = keys.integer(element % per_line);
                    let key = key.ok_or_else(|| self.fault(tensor, "a key beyond its bounds"))?;
                    memory.lay_entry(bank, at, (space, key), &mut self.fixed);
                }
                Stand::Alone | Stand::Pair(_) | Stand::Lookup { .. } => {
                    let behind = bank.checked_sub(params.entry_banks);
                    let bank =
                        behind.ok_or_else(|| self.fault(tensor, "a lookup among entries"))?;
                    memory.lay_lookup(bank / 2, at, space, &mut self.fixed);
                }
            }
        }
        Ok(())
    }

    fn occurrence_banks(&self, tensor: TensorId) -> Result<&G::Occurrences, CompileError> {
        let occurrences = self.circuit.layout.occurrences.as_ref();
        occurrences.ok_or_else(|| self.fault(tensor, "no columns of occurrences"))
    }

    /// A list's number beside its indices, and its keys.
    fn set_list(&mut self, id: ListId) -> Result<(), CompileError> {
        let List { indices, length, keys, count } = self.program.lists[id.0];
        let fault = |what| self.fault(indices, what);
        let place = self.blocks.lists.get(id.0);
        let place = place.ok_or_else(|| fault("a list without a place"))?;
        let Space(space) = id.space().ok_or_else(|| fault("more lists than numbers"))?;
        let columns = self.circuit.layout.occurrences.as_ref();
        let columns = columns.ok_or_else(|| fault("no columns of occurrences"))?;
        let mut laid = vec![];
        for k in 0..count {
            let at = place.key(k).zip(keys.integer(k));
            laid.push(at.ok_or_else(|| fault("a key without a place"))?);
        }
        let rows = place.row..place.row + length;
        columns.lay_list(place.bank, rows, space, &mut self.fixed);
        for ((bank, row), key) in laid {
            columns.lay_key(bank, row, (space, key), &mut self.fixed);
        }
        Ok(())
    }

    /// A linear identity's set of columns, among those of the key or those of committed weights: those at σ stand before
    /// those at ρ.
    fn set_of(&self, of: &LinearValue<'_>, set: usize) -> usize {
        let params = self.circuit.params;
        match (of.rho, of.committed) {
            (false, _) => set,
            (true, None) => params.sigma_weight_banks + set,
            (true, Some(_)) => params.committed_sigma_banks + set,
        }
    }
}

impl<G: GadgetSet> Sink for Record<'_, '_, G> {
    type Cell = CellRef;

    fn plain(&self, block: PlainId, element: usize) -> Result<CellRef, CompileError> {
        let (plane, position) = self.program.plain[block.0].layout.position(element);
        self.plain_cell(block, plane, position)
    }

    fn fingerprint(
        &self,
        column: FingerprintColumn,
        bank: usize,
        row: usize,
    ) -> Result<CellRef, CompileError> {
        let layout = self.circuit.layout;
        let column = match column {
            FingerprintColumn::Activation(of) => {
                let bank = &layout.activation[bank];
                Some(match of {
                    ActivationFingerprint::Accumulator => bank.accumulator(),
                    ActivationFingerprint::Output => bank.output(),
                })
            }
            FingerprintColumn::Maximum => Some(layout.maximum[bank].output()),
            FingerprintColumn::Sums(row) => layout.maximum[bank].sums().get(row).copied(),
            FingerprintColumn::Range => Some(layout.range[bank].fingerprint()),
            FingerprintColumn::Plain(of) => layout.plain[bank].fingerprint(match of {
                PlainFingerprint::Sigma => Reading::Sigma,
                PlainFingerprint::Rho => Reading::Rho,
                PlainFingerprint::Scaled => Reading::Scaled,
                PlainFingerprint::Product => Reading::Product,
            }),
        };
        let column = column.ok_or_else(|| internal("a fingerprint is read that no bank has"))?;
        Ok(CellRef { column: Column::Second(column), row })
    }

    fn boundary(&self, run: BoundaryId) -> Result<CellRef, CompileError> {
        let place = self.blocks.boundary.get(run.0).copied();
        let (bank, row) = place.ok_or_else(|| internal("boundary terms without a place"))?;
        Ok(CellRef {
            column: Column::Second(self.circuit.layout.boundary[bank].fingerprint()),
            row,
        })
    }

    fn occurrences(&self, list: ListId, key: usize) -> Result<CellRef, CompileError> {
        let place = self.blocks.lists.get(list.0).and_then(|place| place.key(key));
        let (bank, row) = place.ok_or_else(|| internal("a key without a place"))?;
        let columns = self.circuit.layout.occurrences.as_ref();
        let columns = columns.ok_or_else(|| internal("no columns of occurrences"))?;
        Ok(CellRef { column: Column::Second(columns.sum(bank)), row })
    }

    fn digest(&self, HashId(of): HashId) -> Result<CellRef, CompileError> {
        let place = self.blocks.hashed.get(of).copied();
        let (bank, row) = place.ok_or_else(|| internal("a digest without a place"))?;
        let column = self.circuit.layout.hash[bank].digest();
        Ok(CellRef { column: Column::Second(column), row })
    }

    fn arithmetic(
        &mut self,
        coefficients: Coefficients,
        [a, b, c]: [Option<CellRef>; 3],
    ) -> Result<CellRef, CompileError> {
        let capacity = self.circuit.params.active_rows();
        let (bank, row) = (self.rows / capacity, self.rows % capacity);
        let gadget = self.circuit.layout.arithmetic.get(bank);
        let gadget = gadget.ok_or_else(|| internal("more rows of arithmetic than counted"))?;
        self.rows += 1;
        let mut columns = gadget.coefficients().into_iter();
        for c in coefficients {
            match columns.next() {
                Some(column) => set(&mut self.fixed, column, row, c),
                None if c != 0 => return Err(internal("τ is used where there is none")),
                None => {}
            }
        }
        self.steps.push(Step::Arithmetic { bank, row, a, b, c });
        Ok(CellRef { column: Column::Second(gadget.result()), row })
    }

    fn lay(&mut self, linear: LinearId, run: LinearRun) -> Result<Vec<Input>, CompileError> {
        let program = self.program;
        let of = &program.linears[linear.0];
        let extents = of.extents;
        let weights = |n, k| of.weight(n, k);
        let run_of_weights = Run {
            start: run.start,
            units: run.unit..run.unit + run.units,
            extents,
            lanes: self.circuit.params.weight_lanes,
            weights: Weights(&weights),
        };
        let (layout, set) = (self.circuit.layout, self.set_of(of, run.set));
        if let Some(digits) = of.committed {
            let bits = u8::try_from(digits.of.bits);
            let bits = bits.map_err(|_| self.fault(of.tensor, "weights of more than 255 bits"))?;
            let mut laid = LaidWeights {
                fixed: &mut self.fixed,
                committed: &mut self.committed,
                bits: &mut self.weight_bits,
            };
            let columns = &layout.committed[set];
            let inputs = columns.lay(&run_of_weights, bits, &mut laid);
            let input = |(row, k)| Input { column: columns.input(), row, k };
            return Ok(inputs.into_iter().map(input).collect());
        }
        let columns = &layout.linear[set];
        let mut laid = Laid::new(&mut self.fixed);
        columns.lay(&run_of_weights, &mut laid);
        let inputs = laid.into_inputs().into_iter();
        Ok(inputs.map(|(column, row, k)| Input { column, row, k }).collect())
    }

    fn input(&mut self, Input { column, row, .. }: Input, from: CellRef) {
        self.steps.push(Step::Copy { column, row, from });
    }

    fn value(&mut self, linear: LinearId, run: LinearRun) -> Result<CellRef, CompileError> {
        let of = &self.program.linears[linear.0];
        let (bank, LinearRun { start, end, .. }) = (self.set_of(of, run.set), run);
        let layout = self.circuit.layout;
        let column = if of.committed.is_some() {
            self.steps.push(Step::Committed { bank, start, end });
            layout.committed[bank].result()
        } else {
            self.steps.push(Step::Linear { bank, start, end });
            G::Linear::result(&layout.linear[bank])
        };
        Ok(CellRef { column: Column::Second(column), row: run.start })
    }
}

fn internal(what: &'static str) -> CompileError {
    CompileError::Internal { node: "the circuit".into(), what }
}

//! The later phases in order: which values a circuit computes, each once, before whoever reads it.
//!
//! A schedule walks a placed program and tells a [`Sink`] of every row of arithmetic and of every run of weights.
//! One sink counts, for the planner; one records, for the key. Both hear the same.

use crate::error::CompileError;
use crate::excess::Excess;
use crate::ids::{BoundaryId, HashId, LinearId, ListId, PlainId, ValueId};
use crate::place::{BlockPlaces, LinearPlaces, LinearRun};
use crate::planes::PlaneLayout;
use crate::program::{
    ActivationFingerprint, Element, Fingerprint, Inputs, PlainFingerprint, Point, Program,
    SumsOfRow, Value,
};
use crate::rows::Segment;
use crate::views::Views;
use provenn_gadgets::committed::CommittedWeights;
use provenn_gadgets::linear::{Division, Extents, Join};
use rustc_hash::FxHashMap;

/// Coefficients of a row of arithmetic: `c0 + c1·c + c2·a·b + s·σ + r·ρ + t·τ`.
pub(crate) type Coefficients = [i64; 6];

/// Which fingerprint a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FingerprintColumn {
    Activation(ActivationFingerprint),
    Maximum,
    /// Of the sums of a window's row.
    Sums(usize),
    Plain(PlainFingerprint),
    Range,
}

/// An input of a run of weights: its cell, and which input it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    pub(crate) column: usize,
    pub(crate) row: usize,
    pub(crate) k: usize,
}

/// Who hears a schedule.
pub(crate) trait Sink {
    /// What stands for a cell.
    type Cell: Copy;

    /// The cell of a plain block's element.
    fn plain(&self, block: PlainId, element: usize) -> Result<Self::Cell, CompileError>;
    /// The cell on a row of a bank's fingerprints.
    fn fingerprint(
        &self,
        column: FingerprintColumn,
        bank: usize,
        row: usize,
    ) -> Result<Self::Cell, CompileError>;
    /// The fingerprint of a run of boundary terms.
    fn boundary(&self, run: BoundaryId) -> Result<Self::Cell, CompileError>;
    /// Where a list's key occurs.
    fn occurrences(&self, list: ListId, key: usize) -> Result<Self::Cell, CompileError>;
    /// A tensor's digest.
    fn digest(&self, of: HashId) -> Result<Self::Cell, CompileError>;
    /// The next row of arithmetic; its result.
    fn arithmetic(
        &mut self,
        coefficients: Coefficients,
        operands: [Option<Self::Cell>; 3],
    ) -> Result<Self::Cell, CompileError>;
    /// Lays a run's weights; the inputs that it needs.
    fn lay(&mut self, linear: LinearId, run: LinearRun) -> Result<Vec<Input>, CompileError>;
    /// Copies an input.
    fn input(&mut self, input: Input, from: Self::Cell);
    /// The value of a run whose inputs are there.
    fn value(&mut self, linear: LinearId, run: LinearRun) -> Result<Self::Cell, CompileError>;
}

/// Whose values are scheduled.
#[derive(Clone, Copy)]
pub(crate) struct Placed<'a, 'g> {
    pub(crate) program: &'a Program<'g>,
    pub(crate) views: &'a Views,
    pub(crate) blocks: &'a BlockPlaces,
    pub(crate) linears: &'a LinearPlaces,
    /// How the gadget set divides weights.
    pub(crate) divide: fn(Extents) -> Division,
}

/// The walk.
pub(crate) struct Schedule<'a, 'g, S: Sink> {
    placed: Placed<'a, 'g>,
    pub(crate) sink: S,
    /// By value, as far as they are there.
    cells: Vec<S::Cell>,
    constants: FxHashMap<i64, S::Cell>,
    powers: FxHashMap<(Point, usize), S::Cell>,
    mixed_powers: FxHashMap<(usize, usize), S::Cell>,
}

impl<'a, 'g, S: Sink> Schedule<'a, 'g, S> {
    /// Schedules every value of a placed program.
    pub(crate) fn run(placed: Placed<'a, 'g>, sink: S) -> Result<Self, CompileError> {
        let mut schedule = Schedule {
            placed,
            sink,
            cells: Vec::with_capacity(placed.program.values.len()),
            constants: FxHashMap::default(),
            powers: FxHashMap::default(),
            mixed_powers: FxHashMap::default(),
        };
        for value in &placed.program.values {
            let cell = schedule.compute(*value)?;
            schedule.cells.push(cell);
        }
        Ok(schedule)
    }

    /// The cell of a value.
    pub(crate) fn cell(&self, ValueId(id): ValueId) -> Result<S::Cell, CompileError> {
        let cell = self.cells.get(id).copied();
        cell.ok_or_else(|| internal("a value is read before it is made"))
    }

    /// The cell of an element; constants are values of the program.
    pub(crate) fn element(&self, element: Element) -> Result<S::Cell, CompileError> {
        match element {
            Element::Plain(block, at) => self.sink.plain(block, at),
            Element::Constant(c) => {
                let cell = self.constants.get(&c).copied();
                cell.ok_or_else(|| internal("a constant is read that no row makes"))
            }
        }
    }

    fn compute(&mut self, value: Value) -> Result<S::Cell, CompileError> {
        match value {
            Value::Constant(c) => self.constant(c),
            Value::Power(point, e) => self.power(point, e),
            Value::Powers(sigma, tau) => self.mixed_power(sigma, tau),
            Value::Fingerprint(fingerprint) => self.fingerprint(fingerprint),
            Value::Sums(of) => self.sums(of),
            Value::Linear(id) => self.linear(id),
            Value::Element(block, at) => self.sink.plain(block, at),
            Value::BoundaryValues(run) => self.sink.boundary(run),
            Value::Occurrences(list, key) => self.sink.occurrences(list, key),
            Value::Digest(of) => self.sink.digest(of),
            Value::Arithmetic { factor, a, b, addend } => {
                let (a, b) = (self.cell(a)?, self.cell(b)?);
                let c = addend.map(|(_, c)| self.cell(c)).transpose()?;
                let c1 = addend.map_or(0, |(c1, _)| c1);
                self.sink.arithmetic([0, c1, factor, 0, 0, 0], [Some(a), Some(b), c])
            }
        }
    }

    fn constant(&mut self, value: i64) -> Result<S::Cell, CompileError> {
        if let Some(&cell) = self.constants.get(&value) {
            return Ok(cell);
        }
        let cell = self.sink.arithmetic([value, 0, 0, 0, 0, 0], [None; 3])?;
        self.constants.insert(value, cell);
        Ok(cell)
    }

    fn power(&mut self, point: Point, e: usize) -> Result<S::Cell, CompileError> {
        if let Some(&cell) = self.powers.get(&(point, e)) {
            return Ok(cell);
        }
        let cell = match e {
            0 => self.constant(1)?,
            1 => {
                let is = |of| i64::from(point == of);
                let [s, r, t] = [is(Point::Sigma), is(Point::Rho), is(Point::Tau)];
                self.sink.arithmetic([0, 0, 0, s, r, t], [None; 3])?
            }
            _ => {
                let (left, right) = (self.power(point, e / 2)?, self.power(point, e - e / 2)?);
                self.product(left, right)?
            }
        };
        self.powers.insert((point, e), cell);
        Ok(cell)
    }

    /// σ^i·τ^j
    fn mixed_power(&mut self, sigma: usize, tau: usize) -> Result<S::Cell, CompileError> {
        if tau == 0 {
            return self.power(Point::Sigma, sigma);
        }
        if let Some(&cell) = self.mixed_powers.get(&(sigma, tau)) {
            return Ok(cell);
        }
        let (left, right) = (self.power(Point::Sigma, sigma)?, self.power(Point::Tau, tau)?);
        let cell = self.product(left, right)?;
        self.mixed_powers.insert((sigma, tau), cell);
        Ok(cell)
    }

    fn product(&mut self, a: S::Cell, b: S::Cell) -> Result<S::Cell, CompileError> {
        self.sink.arithmetic([0, 0, 1, 0, 0, 0], [Some(a), Some(b), None])
    }

    /// `value·weight + sum`
    fn joined(
        &mut self,
        sum: S::Cell,
        value: S::Cell,
        weight: S::Cell,
    ) -> Result<S::Cell, CompileError> {
        self.sink.arithmetic([0, 1, 1, 0, 0, 0], [Some(value), Some(weight), Some(sum)])
    }

    /// A plane's fingerprint; that of a plane which is split over banks is joined.
    fn fingerprint(&mut self, fingerprint: Fingerprint) -> Result<S::Cell, CompileError> {
        let Placed { program, blocks, .. } = self.placed;
        let (column, plane, layout, (segments, lanes, tall)) = match fingerprint {
            Fingerprint::Activation { block, plane, of } => {
                let (layout, place) =
                    (program.activation[block.0].layout, &blocks.activation[block.0]);
                (
                    FingerprintColumn::Activation(of),
                    plane,
                    layout,
                    (&place.segments, place.lanes, 1),
                )
            }
            Fingerprint::Maximum { block, plane } => {
                let (of, place) = (&program.maximum[block.0], &blocks.maximum[block.0]);
                (FingerprintColumn::Maximum, plane, of.own, (&place.segments, of.lanes, 1))
            }
            Fingerprint::Plain { block, plane, of } => {
                let (layout, segments) = (program.plain[block.0].layout, &blocks.plain[block.0]);
                (FingerprintColumn::Plain(of), plane, layout, (segments, blocks.lanes, 1))
            }
            Fingerprint::Range { block, plane } => {
                let (layout, place) = (program.range[block.0].layout, &blocks.range[block.0]);
                (
                    FingerprintColumn::Range,
                    plane,
                    layout,
                    (&place.segments, place.lanes, place.limbs),
                )
            }
        };
        let rho = matches!(column, FingerprintColumn::Plain(PlainFingerprint::Rho));
        let per_plane = layout.rows_per_plane(lanes);
        // Each of several planes is in one segment; these are in the order of planes.
        let held = match layout.planes {
            1 => segments.as_slice(),
            _ => {
                let next = segments.partition_point(|segment| segment.plane <= plane);
                segments.get(next.saturating_sub(1)..next).unwrap_or_default()
            }
        };
        let mut total = None;
        for segment in held.iter().rev().filter(|segment| segment.holds(plane)) {
            let row = segment.row + (plane - segment.plane) * per_plane * tall;
            let own = self.sink.fingerprint(column, segment.bank, row)?;
            total = Some(match total {
                None => own,
                Some(rest) => {
                    let weight = self.weight_beyond(segment, &layout, lanes, rho)?;
                    self.joined(own, rest, weight)?
                }
            });
        }
        total.ok_or_else(|| internal("a plane that no bank holds"))
    }

    /// An image row of sums, which stands in one bank.
    fn sums(&self, of: SumsOfRow) -> Result<S::Cell, CompileError> {
        let Placed { program, blocks, .. } = self.placed;
        let SumsOfRow { block, plane, line, row } = of;
        let position = line * program.maximum[block.0].lines.stride;
        let slot = blocks.maximum_slot(program, block, plane, position);
        let slot = slot.ok_or_else(|| internal("an image row that no bank holds"))?;
        self.sink.fingerprint(FingerprintColumn::Sums(row), slot.bank, slot.row)
    }

    /// What the rest of a plane weighs behind a segment of it.
    fn weight_beyond(
        &mut self,
        segment: &Segment,
        layout: &PlaneLayout,
        lanes: usize,
        rho: bool,
    ) -> Result<S::Cell, CompileError> {
        if rho {
            return self.power(Point::Rho, segment.rows * lanes);
        }
        // None, where the layout does not turn.
        let rows = segment.row_in_plane..segment.row_in_plane + segment.rows;
        let turns = rows.filter(|row| layout.ends_image_row(*row, lanes)).count();
        self.mixed_power((segment.rows - turns) * lanes, turns)
    }

    /// Lays the runs of a linear identity, and joins their values.
    fn linear(&mut self, id: LinearId) -> Result<S::Cell, CompileError> {
        let Placed { program, views, linears, divide, .. } = self.placed;
        let linear = &program.linears[id.0];
        let mut values = vec![];
        for &run in &linears.runs[id.0] {
            for input in self.sink.lay(id, run)? {
                let element = |tensor| self.element(program.element(views, tensor, input.k)?);
                let value = |values: &[ValueId], k: usize| {
                    let value = values.get(k).copied();
                    self.cell(value.ok_or_else(|| internal("more weights than inputs"))?)
                };
                let cell = match &linear.inputs {
                    Inputs::Elements(tensor) => element(*tensor)?,
                    Inputs::Values(values) => value(values, input.k)?,
                    Inputs::Extended(tensor, elements, further) => {
                        match input.k.checked_sub(*elements) {
                            None => element(*tensor)?,
                            Some(k) => value(further, k)?,
                        }
                    }
                };
                self.sink.input(input, cell);
            }
            values.push((run.units, self.sink.value(id, run)?));
        }
        let division = match linear.committed {
            Some(_) => CommittedWeights::divide(linear.extents),
            None => divide(linear.extents),
        };
        let mut total = None;
        for (units, value) in values.into_iter().rev() {
            total = Some(match total {
                None => value,
                Some(rest) => {
                    let weight = match (division.join, linear.rho) {
                        (Join::Sum, _) => self.constant(1)?,
                        (Join::Powers, true) => self.power(Point::Rho, units)?,
                        (Join::Powers, false) => self.power(Point::Sigma, units)?,
                    };
                    self.joined(value, rest, weight)?
                }
            });
        }
        total.ok_or_else(|| internal("a linear identity without weights"))
    }
}

fn internal(what: &'static str) -> CompileError {
    CompileError::Internal { node: "the later phases".into(), what }
}

/// Counts rows of arithmetic.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) rows: usize,
    /// Most that a circuit has.
    pub(crate) limit: usize,
    pub(crate) k: u32,
}

impl Sink for Count {
    type Cell = ();

    fn plain(&self, _: PlainId, _: usize) -> Result<(), CompileError> {
        Ok(())
    }
    fn fingerprint(&self, _: FingerprintColumn, _: usize, _: usize) -> Result<(), CompileError> {
        Ok(())
    }
    fn boundary(&self, _: BoundaryId) -> Result<(), CompileError> {
        Ok(())
    }
    fn occurrences(&self, _: ListId, _: usize) -> Result<(), CompileError> {
        Ok(())
    }
    fn digest(&self, _: HashId) -> Result<(), CompileError> {
        Ok(())
    }
    fn arithmetic(&mut self, _: Coefficients, _: [Option<()>; 3]) -> Result<(), CompileError> {
        if self.rows >= self.limit {
            let source = Excess::Arithmetic { rows: self.rows };
            return Err(CompileError::TooLarge { limit: self.k, source });
        }
        self.rows += 1;
        Ok(())
    }
    fn lay(&mut self, _: LinearId, _: LinearRun) -> Result<Vec<Input>, CompileError> {
        Ok(vec![])
    }
    fn input(&mut self, _: Input, (): ()) {}
    fn value(&mut self, _: LinearId, _: LinearRun) -> Result<(), CompileError> {
        Ok(())
    }
}

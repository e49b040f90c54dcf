//! Steps column by column, where one step for a whole tensor would swallow columns that count.
//!
//! The tensor then holds normalised values `u = (x − o_c)/d_c`, all of one step and one interval, and the node
//! stands for the affine form `d_c·u + o_c`, which folds into whatever reads it. d_c is a power of two.

use super::clip::scales;
use super::emit::Plan;
use super::error::QuantiseError;
use super::lowering::{Lowering, Wish, batchless};
use super::value::{Elements, Form, Pending, Term, Value};
use crate::convert::{ceil_log2, power_of_two};
use crate::grid::Grid;
use crate::quant_graph::TensorId;
use crate::settings::{Columns, Range};

/// A column suffers where one unit of a common step weighs more than this part of the signal.
const NOTICED: f64 = 1.0 / 4096.0;
/// Bits of a common step.
const COMMON: f64 = 32_768.0;
/// A column that lies this many of its widths from zero gets an offset.
const FAR: f64 = 4.0;
/// Room that a column of its own leaves beyond its calibrated range, as long as it is no larger than the largest.
const ROOM: f64 = 2.0;
/// How far beyond its calibrated range a column's proven interval may reach in its own units.
const OVERSHOOT: f64 = 16.0;

/// Unit and offset of every column.
pub(super) struct Normalisation {
    pub(super) units: Vec<f64>,
    pub(super) offsets: Vec<f64>,
    pub(super) inner: usize,
}

impl Normalisation {
    fn column(&self, element: usize) -> usize {
        element / self.inner.max(1) % self.units.len().max(1)
    }

    /// That of an element.
    pub(super) fn unit(&self, element: usize) -> f64 {
        self.units[self.column(element)]
    }

    /// What normalised integers of a step stand for.
    pub(super) fn grid(&self, step: f64) -> Grid {
        let steps = self.units.iter().map(|unit| unit * step).collect();
        Grid { steps, offsets: self.offsets.clone(), inner: self.inner }
    }

    /// `d·u + o` over normalised elements.
    pub(super) fn form(&self, input: Elements, node: usize) -> Pending {
        let columns: Vec<usize> = (0..input.len()).map(|i| self.column(i)).collect();
        let coefficients = columns.iter().map(|&c| self.units[c]).collect();
        let bias = columns.iter().map(|&c| self.offsets[c]).collect();
        Pending::of(Form::Combine { terms: vec![Term { input, coefficients }], bias }, node)
    }
}

/// What is known of one column.
struct Column {
    range: Range,
    weight: f64,
}

impl Column {
    fn width(&self) -> f64 {
        self.range.hi - self.range.lo
    }

    fn far(&self) -> bool {
        self.range.lo.max(-self.range.hi) > FAR * self.width() && self.width() > 0.0
    }
}

impl Lowering<'_> {
    /// Units and offsets for a node whose columns need them; offsets only where `shifts` allows.
    pub(super) fn normalisation(&self, node: usize, shifts: bool) -> Option<Normalisation> {
        let Columns { inner, ranges } = self.settings.columns.get(&self.node(node).name)?;
        let (inner, count) = (*inner, ranges.len());
        let len: usize = self.shape(node).iter().product();
        if inner == 0 || count == 0 || !len.is_multiple_of(inner * count) {
            return None;
        }
        let shifted = self.weights_of_readers(node, true).filter(|_| shifts);
        let (weights, shifts) = match shifted {
            Some(weights) => (weights, true),
            None => (self.weights_of_readers(node, false)?, false),
        };
        let mut columns: Vec<Column> =
            ranges.iter().map(|&range| Column { range, weight: 0.0 }).collect();
        for (i, weight) in weights.into_iter().enumerate() {
            let column = &mut columns[i / inner % count];
            column.weight = column.weight.max(weight);
        }
        let shifts = shifts && columns.iter().any(Column::far);
        let (units, offsets) = units(&columns, shifts)?;
        Some(Normalisation { units, offsets, inner })
    }

    /// Units of an input that is only compared with constants: every column's own, whatever the others are.
    pub(super) fn normalised_to_compare(
        &self,
        node: usize,
        constants: &[Range],
    ) -> Option<Normalisation> {
        let Columns { inner, ranges } = self.settings.columns.get(&self.node(node).name)?;
        let (inner, count) = (*inner, ranges.len());
        if inner == 0 || count == 0 || !constants.len().is_multiple_of(inner * count) {
            return None;
        }
        let mut reach = ranges.clone();
        for (i, constants) in constants.iter().enumerate() {
            let column = &mut reach[i / inner % count];
            *column = Self::reach(*column, constants);
        }
        let unit = |range: &Range| match range.magnitude() {
            nothing if nothing < f64::MIN_POSITIVE.sqrt() => 1.0,
            magnitude => power_of_two(ceil_log2(magnitude)),
        };
        let units = reach.iter().map(unit).collect();
        Some(Normalisation { units, offsets: vec![0.0; count], inner })
    }

    /// `min(max(form, lo), hi)` in columns of their own, where that is a projection of every column alike and the
    /// node's columns need it.
    pub(super) fn in_columns(
        &mut self,
        pending: &Pending,
        (lo, hi): (f64, f64),
        node: usize,
    ) -> Result<Option<Value>, QuantiseError> {
        if !scales((lo, hi)) {
            return Ok(None);
        }
        let range = Range { lo: if lo == 0.0 { 0.0 } else { -1.0 }, hi: 1.0 };
        let plan = |this: &Self, form: &Form| this.saturating(form, lo, range, node, None);
        self.value_in_columns(pending, node, plan)
    }

    /// `|form|` in columns of their own, where the node's columns need it.
    pub(super) fn abs_in_columns(
        &mut self,
        pending: &Pending,
        node: usize,
    ) -> Result<Option<Value>, QuantiseError> {
        let range = Range { lo: 0.0, hi: 1.0 };
        self.value_in_columns(pending, node, |this, form| this.absolute(form, range, node))
    }

    /// What a plan makes of columns of their own, for readers that take their units over.
    fn value_in_columns(
        &mut self,
        pending: &Pending,
        node: usize,
        plan: impl Fn(&Self, &Form) -> Plan,
    ) -> Result<Option<Value>, QuantiseError> {
        if self.wish(node) != Wish::Any {
            return Ok(None);
        }
        let emitted = self.emit_in_columns(pending, node, plan)?;
        Ok(emitted.map(|(normal, elements)| Value::Pending(normal.form(elements, node))))
    }

    /// An output of the model in columns of their own, where it needs them.
    pub(super) fn output_in_columns(
        &mut self,
        pending: &Pending,
        node: usize,
    ) -> Result<Option<TensorId>, QuantiseError> {
        // The grid of an output is that of a tensor, whose elements stand in the form's order.
        let moved = |order: &Vec<usize>| order.iter().enumerate().any(|(i, &at)| i != at);
        if pending.order.as_ref().is_some_and(moved) {
            return Ok(None);
        }
        let range = Range { lo: -1.0, hi: 1.0 };
        let plan =
            |this: &Self, form: &Form| this.saturating(form, f64::NEG_INFINITY, range, node, None);
        let Some((_, elements)) = self.emit_in_columns(pending, node, plan)? else {
            return Ok(None);
        };
        let grid = elements.sources.first().and_then(|id| self.out.grids.get(id)).cloned();
        let output = self.tensor(&elements, Some(&batchless(self.shape(node))), node)?;
        // The same elements, perhaps under the node's own shape.
        self.out.grids.extend(grid.map(|grid| (output, grid)));
        Ok(Some(output))
    }

    /// A function that scales with its operand, of a form in columns of their own: by the plan for a form whose columns
    /// all lie between −1 and 1.
    fn emit_in_columns(
        &mut self,
        pending: &Pending,
        node: usize,
        plan: impl Fn(&Self, &Form) -> Plan,
    ) -> Result<Option<(Normalisation, Elements)>, QuantiseError> {
        let Some((normal, scaled)) = self.to_columns(pending, node) else { return Ok(None) };
        let plan = plan(self, &scaled.form);
        let elements = self.emit(&scaled, &plan, node)?;
        self.note_grid(&elements, normal.grid(plan.step));
        Ok(Some((normal, elements)))
    }

    /// A form of `node` scaled column by column so that all of them lie between −1 and 1, where its columns need it.
    pub(super) fn to_columns(
        &self,
        pending: &Pending,
        node: usize,
    ) -> Option<(Normalisation, Pending)> {
        if pending.form.is_bilinear() {
            return None;
        }
        let mut normal = self.normalisation(node, false)?;
        let bounds = self.element_bounds(&pending.form);
        let len = bounds.len();
        // No column may be so fine that what is proven of it needs a long table.
        for i in 0..len {
            let at = pending.order.as_ref().map_or(i, |order| order[i]);
            let least = bounds[at].0.abs().max(bounds[at].1.abs()) / OVERSHOOT;
            let column = normal.column(i);
            let unit = &mut normal.units[column];
            *unit = unit.max(power_of_two(ceil_log2(least.max(f64::MIN_POSITIVE))));
        }
        let scale: Vec<f64> = (0..len).map(|i| 1.0 / normal.unit(i)).collect();
        let mut scaled = pending.clone();
        super::affine::fold(&mut scaled, &scale, &vec![0.0; len]).then_some((normal, scaled))
    }

    /// The calibrated range of each of a node's elements, by column where columns are known.
    pub(super) fn ranges(&self, node: usize) -> impl Iterator<Item = Range> {
        let len: usize = self.shape(node).iter().product();
        let whole = self.range(node);
        let columns = self.settings.columns.get(&self.node(node).name);
        let columns = columns.filter(|columns| !columns.ranges.is_empty());
        (0..len).map(move |i| {
            columns.map_or(whole, |Columns { inner, ranges }| {
                ranges[i / (*inner).max(1) % ranges.len()]
            })
        })
    }

    /// The largest magnitudes of these.
    pub(super) fn magnitudes(&self, node: usize) -> impl Iterator<Item = f64> {
        self.ranges(node).map(|range| range.magnitude())
    }

    /// Remembers what the integers of a tensor stand for, where the elements are just the tensor.
    pub(super) fn note_grid(&mut self, elements: &Elements, grid: Grid) {
        if let [id] = elements.sources.as_slice()
            && elements.map.iter().eq(&self.all(*id).map)
        {
            self.out.grids.insert(*id, grid);
        }
    }

    /// The tensor that already holds a form's elements in columns of their own.
    pub(super) fn published_in_columns(&self, pending: &Pending) -> Option<TensorId> {
        let (term, bias) = pending.affine()?;
        let [id] = term.input.sources.as_slice() else { return None };
        let grid = self.out.grids.get(id)?;
        let unit = |i: usize| grid.column(i);
        let step = self.out.tensors[id.0].step;
        let same = term.input.map.iter().eq(&self.all(*id).map)
            && (term.coefficients.iter().zip(bias).enumerate())
                .all(|(i, (c, b))| unit(i) == (*b, c * step));
        (same && pending.order.is_none()).then_some(*id)
    }

    /// The interval of a normalised input.
    pub(super) fn normalised_range(&self, ranges: &[Range], normal: &Normalisation) -> Range {
        let below = |(c, range): (usize, &Range)| range.lo < normal.offsets[c];
        let signed = ranges.iter().enumerate().any(below);
        Range { lo: if signed { -1.0 } else { 0.0 }, hi: 1.0 }
    }
}

/// Powers of two that hold every column, no finer than the signal of all of them asks for, and offsets; `None`
/// where a common step serves all.
fn units(columns: &[Column], shifts: bool) -> Option<(Vec<f64>, Vec<f64>)> {
    let far = |column: &Column| shifts && column.far();
    let signal = columns.iter().map(|c| c.weight * c.width()).fold(0.0, f64::max);
    let largest = columns.iter().map(|c| c.range.magnitude()).fold(0.0, f64::max);
    let swallowed = |c: &Column| c.weight * largest / COMMON > NOTICED * signal;
    if signal <= 0.0 || !signal.is_finite() || !columns.iter().any(swallowed) {
        return None;
    }
    let column = |c: &Column| {
        let half = if far(c) { c.width() / 2.0 } else { c.range.magnitude() };
        // Wider than calibrated where that costs nothing that anybody notices.
        let roomy = if c.weight > 0.0 { signal / c.weight } else { largest };
        let unit = if far(c) { half } else { (ROOM * half).max(roomy).min(largest) };
        let unit = power_of_two(ceil_log2(unit.max(largest * f64::EPSILON)));
        let offset = if far(c) {
            // A multiple of the unit, so that people can reproduce it by hand; it moves the column by half of it.
            let middle = f64::midpoint(c.range.lo, c.range.hi);
            (middle / unit).round() * unit
        } else {
            0.0
        };
        let unit = if far(c) { 2.0 * unit } else { unit };
        (unit, offset)
    };
    Some(columns.iter().map(column).unzip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(lo: f64, hi: f64, weight: f64) -> Column {
        Column { range: Range { lo, hi }, weight }
    }

    #[test]
    fn columns_that_weigh_the_same_share_a_step() {
        let pixels = [column(0.0, 255.0, 0.3), column(0.0, 1.0, 0.4), column(0.0, 0.0, 0.3)];
        assert!(units(&pixels, true).is_none());
    }

    #[test]
    fn columns_that_weights_make_up_for_get_their_own() {
        let features = [column(-1e6, 1e6, 1e-6), column(-1e-3, 1e-3, 1e3)];
        let (units, offsets) = units(&features, true).unwrap();
        assert_eq!(units, [1_048_576.0, 1.0 / 256.0]);
        assert_eq!(offsets, [0.0, 0.0]);
    }

    #[test]
    fn a_column_far_from_zero_is_shifted_to_it() {
        let (units, offsets) = units(&[column(-1001.0, -1000.0, 1.0)], true).unwrap();
        assert_eq!((units[0], offsets[0]), (1.0, -1000.5));
    }

    #[test]
    fn columns_that_hardly_weigh_keep_room() {
        let columns = [column(-1e6, 1e6, 1e-6), column(-1e-3, 1e-3, 1e3), column(0.0, 1e-3, 1e-9)];
        let (units, _) = units(&columns, false).unwrap();
        assert_eq!(units[2], 1_048_576.0);
    }
}

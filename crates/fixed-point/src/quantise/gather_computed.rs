//! Gather and GatherElements with computed indices, and orders: rows of constant data as an embedding, computed data
//! through a memory; all exact.
//!
//! Which integers are keys follows from what an index can be. An index beyond the data has no result: the interpreter
//! names it, and nothing can be proved of it.

use super::deviation::Deviation;
use super::error::QuantiseError;
use super::lowering::{Lowering, Wish};
use super::value::{Elements, Value};
use super::view::under_view;
use crate::committed::Committed;
use crate::convert::{ceil_log2, count, exponent, integer, power_of_two, real};
use crate::error_bound::ErrorTerms;
use crate::quant_graph::{Embedding, Gather, Keys, QuantOp, TensorId};
use crate::settings::Range;
use provenn_onnx_ir::Op;

/// Elements along an axis: how many lines there are, and where element k of line c stands.
#[derive(Clone, Copy)]
pub(super) struct Lines {
    pub(super) outer: usize,
    pub(super) extent: usize,
    pub(super) inner: usize,
}

impl Lines {
    fn count(&self) -> usize {
        self.outer * self.inner
    }

    fn element(&self, line: usize, k: usize) -> usize {
        (line / self.inner * self.extent + k) * self.inner + line % self.inner
    }

    /// All elements line by line.
    fn by_line(&self) -> Vec<usize> {
        let elements = |line| (0..self.extent).map(move |k| self.element(line, k));
        (0..self.count()).flat_map(elements).collect()
    }

    /// Where each element is line by line.
    fn places(&self) -> Vec<usize> {
        let mut at = vec![0; self.count() * self.extent];
        for (place, element) in self.by_line().into_iter().enumerate() {
            at[element] = place;
        }
        at
    }
}

/// The keys that indices can be, and which element each names: negative ones count from the end.
pub(super) struct Named {
    pub(super) keys: Keys,
    pub(super) elements: Vec<usize>,
}

impl Lowering<'_> {
    /// Elements of operand 0 along `axis` that operand 1 names; negative indices count from the end.
    pub(super) fn gather_computed(
        &mut self,
        node: usize,
        axis: usize,
    ) -> Result<Value, QuantiseError> {
        let (data, indices) = (self.operand(node, 0)?, self.operand(node, 1)?);
        let lines = self.lines(data, axis, node)?;
        let Lines { outer, extent, inner } = lines;
        if let Some(picked) = self.picked(node, axis) {
            let repeats = self.compared(node).is_some();
            if let Value::Pending(pending) = self.value(data)
                && let Some(pending) = under_view(pending, &picked, false, repeats)
            {
                return Ok(Value::Pending(pending));
            }
            return Ok(Value::Elements(self.elements(data)?.gather(&picked)));
        }
        let index = self.elements(indices)?;
        let named = self.named(&index, extent, node)?;
        let picks = index.len();
        // Element [o, p, i] of the result, as line o·inner + i and pick p.
        let by_line = |i: usize| (i / (picks * inner) * inner + i % inner, i / inner % picks);
        let order = 0..outer * picks * inner;
        Ok(Value::Elements(match self.weights(data, node) {
            Some(values) => {
                let most = self.most_of_table(&values, data, node)?;
                let named = match most {
                    Some(_) => self.named_once(named, extent, indices, node)?,
                    None => named,
                };
                let rows = self.embedded((&values, most), lines, (&index, named), node)?;
                let at = |i| {
                    let (line, pick) = by_line(i);
                    pick * lines.count() + line
                };
                rows.gather(&order.map(at).collect::<Vec<_>>())
            }
            None => {
                let data = self.elements(data)?;
                let each: Vec<usize> = (0..lines.count() * picks).map(|i| i % picks).collect();
                let index = index.gather(&each);
                let found = self.remembered(&data, lines, (&index, named), node)?;
                let at = |i| {
                    let (line, pick) = by_line(i);
                    line * picks + pick
                };
                found.gather(&order.map(at).collect::<Vec<_>>())
            }
        }))
    }

    /// The elements of operand 0 that a `Gather` moves whose indices are constant, in order.
    pub(super) fn picked(&self, node: usize, axis: usize) -> Option<Vec<usize>> {
        let [data, indices] = self.node(node).inputs.as_slice() else { return None };
        let Op::Constant(indices) = &self.node(indices.0).op else { return None };
        let shape = self.shape(data.0);
        let extent = *shape.get(axis)?;
        let [outer, inner] =
            [&shape[..axis], &shape[axis + 1..]].map(|s| s.iter().product::<usize>());
        let end = count(extent);
        let key = |&index: &f32| {
            let index = integer(f64::from(index)).filter(|index| (-end..end).contains(index))?;
            usize::try_from(index.rem_euclid(end)).ok()
        };
        let keys: Vec<usize> = indices.data.iter().map(key).collect::<Option<_>>()?;
        let element = |(o, key): (usize, usize)| {
            let first = (o * extent + key) * inner;
            first..first + inner
        };
        let all = (0..outer).flat_map(|o| keys.iter().map(move |&key| (o, key)));
        Some(all.flat_map(element).collect())
    }

    /// Elements of operand 0 along `axis` that operand 1 names, each for its own line.
    pub(super) fn gather_elements(
        &mut self,
        node: usize,
        axis: usize,
    ) -> Result<Value, QuantiseError> {
        let (data, indices) = (self.operand(node, 0)?, self.operand(node, 1)?);
        let lines = self.lines(data, axis, node)?;
        let picked = Lines { extent: self.shape(node)[axis], ..lines };
        let (index, data) =
            (self.elements(indices)?.gather(&picked.by_line()), self.elements(data)?);
        let named = self.named(&index, lines.extent, node)?;
        let found = self.remembered(&data, lines, (&index, named), node)?;
        Ok(Value::Elements(found.gather(&picked.places())))
    }

    /// The positions of all elements along an axis by size.
    pub(super) fn top_k(
        &mut self,
        node: usize,
        axis: usize,
        largest: bool,
    ) -> Result<Value, QuantiseError> {
        let x = self.operand(node, 0)?;
        let lines = self.lines(x, axis, node)?;
        // A sum is not rescaled: numbers that differ less than a step would become equal.
        let elements = self.exact_or_rescaled(x)?.gather(&lines.by_line());
        let mut operand = self.tensor(&elements, None, node)?;
        if !largest {
            operand = self.exact_sum(vec![(operand, -1)], node)?;
        }
        let shape = vec![lines.count(), lines.extent];
        let op = QuantOp::Sort { operand, extent: lines.extent };
        let id = self.push(node, shape, 1.0, op, None)?;
        // A position is right, or as far off as the line is long: where elements are as close as they are off.
        let last = real(count(lines.extent - 1));
        let function = if self.deviations[operand.0].worst() > 0.0 { last } else { 0.0 };
        let terms = ErrorTerms { function, ..ErrorTerms::default() };
        let within = Range { lo: 0.0, hi: last };
        self.deviations[id.0] = Deviation::of_values(terms, 0.0, self.proven(id), within);
        Ok(Value::Elements(self.all(id).gather(&lines.places())))
    }

    /// Whether indices are the order of these data, or of their negatives.
    fn orders(&self, indices: TensorId, data: TensorId) -> bool {
        let QuantOp::Sort { operand, .. } = self.out.tensors[indices.0].op else { return false };
        operand == data || self.out.tensors[operand.0].op == QuantOp::sum([(data, -1)])
    }

    /// The lines of a node along an axis.
    fn lines(&self, node: usize, axis: usize, reader: usize) -> Result<Lines, QuantiseError> {
        let shape = self.shape(node);
        let extent = shape.get(axis).copied().filter(|extent| *extent > 0);
        let extent = extent.ok_or_else(|| self.unsupported(reader, "it has no such axis"))?;
        let [outer, inner] =
            [&shape[..axis], &shape[axis + 1..]].map(|s| s.iter().product::<usize>());
        Ok(Lines { outer, extent, inner })
    }

    /// The keys that these indices can be along an axis.
    fn named(&self, index: &Elements, extent: usize, node: usize) -> Result<Named, QuantiseError> {
        let unit = 1.0 / index.step;
        let unit = integer(unit).filter(|unit| real(*unit) * index.step == 1.0);
        let unit = unit.ok_or_else(|| self.unsupported(node, "its indices are no integers"))?;
        let end = count(extent);
        let (lo, hi) = self.elements_interval(index);
        let (lo, hi) = (lo.max(real(-end)).ceil(), hi.min(real(end - 1)).floor());
        let (Some(first), Some(last)) = (integer(lo), integer(hi).filter(|_| lo <= hi)) else {
            return Err(self.unsupported(node, "none of its indices lies within the axis"));
        };
        let elements = (first..=last).filter_map(|key| usize::try_from(key.rem_euclid(end)).ok());
        Ok(Named { keys: Keys { first, unit }, elements: elements.collect() })
    }

    /// The same without a second name for any element, but for the one that calibration met: a commitment does not say that
    /// two rows are equal.
    fn named_once(
        &self,
        Named { keys, elements }: Named,
        extent: usize,
        indices: usize,
        node: usize,
    ) -> Result<Named, QuantiseError> {
        if elements.len() <= extent {
            return Ok(Named { keys, elements });
        }
        let from_end = usize::try_from(keys.first.unsigned_abs()).unwrap_or(usize::MAX);
        let all = elements.into_iter();
        match self.range(indices) {
            Range { lo, .. } if lo >= 0.0 => {
                let elements = all.skip(from_end).collect();
                Ok(Named { keys: Keys { first: 0, ..keys }, elements })
            }
            Range { hi, .. } if hi < 0.0 => {
                Ok(Named { keys, elements: all.take(from_end).collect() })
            }
            _ => {
                let reason = "its indices count from both ends, so that rows of its table have two names each, and a commitment could not show that both are of one; leave --param-visibility fixed";
                Err(self.unsupported(node, reason))
            }
        }
    }

    /// The step of rows that stand in the key.
    fn step_of_rows(&self, values: &[f64], node: usize) -> f64 {
        // Whole numbers are exact, so that they can be indices in turn, or be compared.
        let exact = |value: &f64| value.fract() == 0.0 && value.abs() <= power_of_two(24);
        let whole = self.wish(node) == Wish::Any && values.iter().all(exact);
        // Rows that calibration did not meet may be asked for: with what it met all zero, they say how large things are.
        let largest = values.iter().fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
        let met = self.range(node).magnitude();
        let least = if met > 0.0 { met } else { largest };
        let compared = self.step_compared_with(node);
        match (compared.or(whole.then_some(1.0)), self.table_step(least, node)) {
            (Some(step), _) => step,
            // What is summed as it is is published without another rounding then.
            // Also where others would take a step of their range.
            (None, step) if step > 1.0 && self.is_whole(node) && values.iter().all(exact) => 1.0,
            (None, step) if self.is_summed(node) => power_of_two(ceil_log2(step) - 1),
            (None, step) => step,
        }
    }

    /// The step of rows that are committed, up to `most` in magnitude, and their bits: nothing follows from what they are.
    fn step_of_committed(&self, most: f64, node: usize) -> Result<(f64, Committed), QuantiseError> {
        if self.only_compared[node] {
            let reason = "its table is looked up to be compared, for which committed numbers have too few bits; leave --param-visibility fixed";
            return Err(self.unsupported(node, reason));
        }
        let (met, most) = (self.range(node).magnitude(), most.max(f64::MIN_POSITIVE));
        let mut step = self.table_step(if met > 0.0 { met } else { most }, node);
        if self.is_summed(node) {
            step = power_of_two(ceil_log2(step) - 1);
        } else if self.wish(node) == Wish::Any {
            // As fine as the bits allow that it takes: what these could hold beyond would widen every table behind.
            let bits = self.integer(most, step, node)?.unsigned_abs().max(1).ilog2() + 1;
            step = step.min(most / (power_of_two(exponent(bits)) - 1.0));
        }
        let largest = self.integer(most, step, node)?.unsigned_abs();
        Ok((step, self.bits_of((largest, 0), node)?))
    }

    /// `[pick, line]` of constant data; of committed ones, how large they may be.
    fn embedded(
        &mut self,
        (values, most): (&[f64], Option<f64>),
        lines: Lines,
        named: (&Elements, Named),
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let (step, committed) = match most {
            Some(most) => {
                let (step, committed) = self.step_of_committed(most, node)?;
                (step, Some(committed))
            }
            None => (self.step_of_rows(values, node), None),
        };
        self.table_rows(values, (step, committed), lines, named, node)
    }

    /// `[pick, line]` of constant data in this step.
    pub(super) fn table_rows(
        &mut self,
        values: &[f64],
        (step, committed): (f64, Option<Committed>),
        lines: Lines,
        (index, Named { keys, elements }): (&Elements, Named),
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        // How well committed rows can be rounded must not be seen: exact ones are compared otherwise.
        let mut off = if committed.is_some() { step / 2.0 } else { 0.0_f64 };
        let mut rows = Vec::with_capacity(elements.len() * lines.count());
        for k in elements {
            for line in 0..lines.count() {
                let value = values[lines.element(line, k)];
                let integer = self.integer(value, step, node)?;
                off = off.max((real(integer) * step - value).abs());
                rows.push(integer);
            }
        }
        let indices = self.tensor(index, None, node)?;
        let shape = vec![index.len(), lines.count()];
        let op = QuantOp::Embedding(Embedding { indices, rows: rows.into(), keys });
        if let Some(committed) = committed {
            self.out.committed.insert(TensorId(self.out.tensors.len()), committed);
        }
        let id = self.push(node, shape, step, op, None)?;
        let (lo, hi) = self.proven(id);
        let function = if self.deviations[indices.0].worst() > 0.0 { hi - lo } else { 0.0 };
        let terms = ErrorTerms { weights: off, function, ..ErrorTerms::default() };
        let within = Range { lo: lo - off, hi: hi + off };
        self.deviations[id.0] =
            Deviation::of_values(terms, off * off / 3.0, self.proven(id), within);
        Ok(self.all(id))
    }

    /// `[line, pick]` of computed data, from an index for each.
    fn remembered(
        &mut self,
        data: &Elements,
        lines: Lines,
        (index, Named { keys, elements }): (&Elements, Named),
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let entry = |line: usize| elements.iter().map(move |&k| lines.element(line, k));
        let entries: Vec<usize> = (0..lines.count()).flat_map(entry).collect();
        let entries = data.gather(&entries);
        let picks = index.len() / lines.count().max(1);
        let indices = self.tensor(index, None, node)?;
        let mut deviation = self.view_deviation(&entries);
        let step = entries.step;
        let data = self.tensor(&entries, None, node)?;
        // Elements in order are as far off as any element is; others may be those of another index.
        if self.deviations[indices.0].worst() > 0.0 && !self.orders(indices, data) {
            let (lo, hi) = self.proven(data);
            deviation.terms.function += hi - lo;
            deviation.variance += (hi - lo).powi(2) / 6.0;
        }
        let shape = vec![lines.count(), picks];
        let op = QuantOp::Gather(Gather { data, indices, lines: lines.count(), keys });
        let id = self.push(node, shape, step, op, None)?;
        self.deviations[id.0] = deviation;
        Ok(self.all(id))
    }
}

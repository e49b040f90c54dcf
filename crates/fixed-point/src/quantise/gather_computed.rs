//! Gather with computed indices: every index as a row of zeros with a one where it points, times the data.
//!
//! The rows are exact (a table says whether an index is just this one), and so are constant data in the step of the
//! result; computed data are multiplied as they are. An index beyond the data has a row of zeros; it is reported.

use super::deviation::Deviation;
use super::emit::{Ends, Plan};
use super::error::QuantiseError;
use super::family::Family;
use super::ideal::Ideal;
use super::lowering::Lowering;
use super::mat_mul::pointwise;
use super::value::{Elements, Form, Pending, Term, Value};
use crate::convert::{count, exponent, power_of_two, real};
use crate::error_bound::ErrorTerms;
use crate::quant_graph::{Interval, Watch, Watched};

impl Lowering<'_> {
    /// Elements of operand 0 along `axis` that operand 1 names; negative indices count from the end.
    pub(super) fn gather_computed(
        &mut self,
        node: usize,
        axis: usize,
    ) -> Result<Value, QuantiseError> {
        let (data, indices) = (self.operand(node, 0)?, self.operand(node, 1)?);
        let shape = self.shape(data);
        let extent =
            *shape.get(axis).ok_or_else(|| self.unsupported(node, "it has no such axis"))?;
        let [outer, inner] =
            [&shape[..axis], &shape[axis + 1..]].map(|s| s.iter().product::<usize>());
        let index = self.elements(indices)?;
        let picks = index.len();
        let rows = self.one_hot(&index, extent, node)?;
        // Element [o, p, i] of the result is element (p, o·inner + i) of rows times the data as [extent, outer·inner].
        let columns = outer * inner;
        let at = |k: usize, c: usize| (c / inner * extent + k) * inner + c % inner;
        let by_element = |i: usize, of: &dyn Fn(usize, usize) -> usize| {
            let (o, p, last) = (i / (picks * inner), i / inner % picks, i % inner);
            of(p, o * inner + last)
        };
        let len = outer * picks * inner;
        if let Some(values) = self.constant(data).map(<[f64]>::to_vec) {
            let kernel = (0..columns)
                .flat_map(|c| (0..extent).map(move |k| (k, c)))
                .map(|(k, c)| values[at(k, c)])
                .collect();
            // One channel for every value of the axis, one position for every index.
            let spread: Vec<usize> =
                (0..extent * picks).map(|i| i % picks * extent + i / picks).collect();
            let input = self.tensor(&rows.gather(&spread), Some(&[extent, 1, picks]), node)?;
            let form =
                Form::Conv(pointwise(input, kernel, [columns, extent, picks], vec![0.0; columns]));
            let order = (0..len).map(|i| by_element(i, &|p, c| c * picks + p)).collect();
            let pending = Pending { form, order: Some(order), node };
            let step = self.table_step(self.range(node).magnitude().max(f64::MIN_POSITIVE), node);
            return Ok(Value::Elements(self.emit_exact(&pending, step, node)?));
        }
        let turned: Vec<usize> =
            (0..extent * columns).map(|i| at(i / columns, i % columns)).collect();
        let b = self.elements(data)?.gather(&turned);
        let (a, b) = (
            self.tensor(&rows, Some(&[picks, extent]), node)?,
            self.tensor(&b, Some(&[extent, columns]), node)?,
        );
        let bias = vec![0.0; picks * columns];
        let form = Form::MatMul { a, b, scale: 1.0, bias, shape: [picks, columns] };
        let order = (0..len).map(|i| by_element(i, &|p, c| p * columns + c)).collect();
        let pending = Pending { form, order: Some(order), node };
        let unit = self.step(b);
        Ok(Value::Elements(self.emit_exact(&pending, unit, node)?))
    }

    /// `[index, extent]`: 1 where the index is this one, or as much below zero as counts from the end.
    fn one_hot(
        &mut self,
        index: &Elements,
        extent: usize,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let end = count(extent);
        self.watch_index(index, end);
        let each: Vec<usize> = (0..index.len() * extent).map(|i| i / extent).collect();
        let bias = (0..each.len()).map(|i| -real(count(i % extent))).collect();
        let terms = vec![Term { input: index.gather(&each), coefficients: vec![1.0; each.len()] }];
        // A unit of the index is a block of the table, so that a block is one index.
        let plan = Plan {
            q_step: 1.0 / power_of_two(exponent(self.out.low_bits)),
            step: 1.0,
            family: Family::Indicator { below: end },
            shift: 0,
            ideal: Ideal::Step,
            watch: Ends::NONE,
        };
        let rows = self.emit(&Pending::of(Form::Combine { terms, bias }, node), &plan, node)?;
        let id = self.tensor(&rows, None, node)?;
        // Which one an index is leaves no doubt.
        let (terms, range) = (ErrorTerms::default(), super::compare::TRUTH);
        self.deviations[id.0] = Deviation::of_values(terms, 0.0, self.proven(id), range);
        Ok(rows)
    }

    /// Has an index reported that points nowhere.
    fn watch_index(&mut self, index: &Elements, end: i64) {
        for &tensor in &index.sources {
            let unit = self.step(tensor);
            let units = |x: i64| crate::round::round(real(x) / unit).unwrap_or(i64::MAX);
            let range = Interval { lo: units(-end), hi: units(end - 1) };
            self.out.watches.push(Watch { tensor, what: Watched::Value, range, unit });
        }
    }
}

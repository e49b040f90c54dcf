//! Operators that scale with their operands, of operands whose columns have steps of their own.
//!
//! An operand is `factors·u` with u of one step and about one size. `f(d·u) = d·f(u)` for d > 0 where f scales with its
//! operands and those that it compares have the same d: f is computed on u, and its readers take the factors over.

use super::emit::Plan;
use super::error::QuantiseError;
use super::gather::broadcast;
use super::ideal::ANY;
use super::lowering::{Lowering, Wish};
use super::value::{Elements, Form, Pending, Term, Value};
use crate::convert::{ceil_log2, power_of_two};
use crate::grid::Grid;
use crate::settings::Range;

/// `factors · of`, element by element.
pub(super) struct InColumns<T> {
    pub(super) of: T,
    pub(super) factors: Vec<f64>,
}

/// Values this many times beyond all bounds are cut there first.
const BEYOND: f64 = 16.0;

/// The interval of normalised values.
pub(super) const UNIT: Range = Range { lo: -1.0, hi: 1.0 };

impl Lowering<'_> {
    /// A node's form, normalised where its columns need it.
    pub(super) fn form_in_columns(&self, node: usize) -> Option<InColumns<Pending>> {
        if let Some(InColumns { of, factors }) = self.found_in_columns(node) {
            return Some(InColumns { of: Pending::identity(of, node), factors });
        }
        let (normal, of) = self.to_columns(self.free_form(node)?, node)?;
        let factors = (0..of.form.len()).map(|i| normal.unit(i)).collect();
        Some(InColumns { of, factors })
    }

    /// A node's integers, normalised where its columns need it: whoever reads it next finds them so.
    pub(super) fn elements_in_columns(
        &mut self,
        node: usize,
    ) -> Result<Option<InColumns<Elements>>, QuantiseError> {
        if let Some(found) = self.found_in_columns(node) {
            return Ok(Some(found));
        }
        let Some(InColumns { of, factors }) = self.form_in_columns(node) else { return Ok(None) };
        let of = self.in_format_of(node, |this| {
            let plan = this.saturating(&of.form, f64::NEG_INFINITY, UNIT, node, None);
            this.emit(&of, &plan, node)
        })?;
        let value = self.scaled_back(of.clone(), factors.clone(), node);
        self.set_value(node, value);
        Ok(Some(InColumns { of, factors }))
    }

    /// The same, or the integers as they are, without factors; also where `usable` makes nothing of the factors.
    pub(super) fn elements_and_factors(
        &mut self,
        node: usize,
        usable: impl FnOnce(Vec<f64>) -> Option<Vec<f64>>,
    ) -> Result<(Elements, Option<Vec<f64>>), QuantiseError> {
        if let Some(InColumns { of, factors }) = self.elements_in_columns(node)?
            && let Some(factors) = usable(factors)
        {
            return Ok((of, Some(factors)));
        }
        Ok((self.elements(node)?, None))
    }

    /// A form that nothing but its columns' sizes gives a step: neither its readers nor the model, and no whole numbers,
    /// which are not rounded at all.
    fn free_form(&self, node: usize) -> Option<&Pending> {
        let Value::Pending(pending) = self.value(node) else { return None };
        let free = self.need(node) == ANY && self.wish(node) == Wish::Any;
        let whole = || self.counts(&pending.form) && self.stays_whole(&pending.form, node);
        (free && !whole()).then_some(pending)
    }

    /// A node's integers and factors, where it stands for these already.
    fn found_in_columns(&self, node: usize) -> Option<InColumns<Elements>> {
        let (term, bias) = self.free_form(node)?.affine().filter(|_| self.is_in_columns(node))?;
        let scaled = bias.iter().all(|&b| b == 0.0) && term.coefficients.iter().all(|&c| c > 0.0);
        let of = || InColumns { of: term.input.clone(), factors: term.coefficients.clone() };
        scaled.then(of)
    }

    /// `factors · form`, the form rounded in a step of its own that holds what calibration met of the result.
    pub(super) fn rounded_and_scaled(
        &mut self,
        form: Pending,
        factors: Vec<f64>,
        node: usize,
    ) -> Result<Value, QuantiseError> {
        let sizes = self.magnitudes(node).zip(&factors).map(|(size, factor)| size / factor);
        let most = sizes.fold(0.0, f64::max);
        let elements = self.emit_within(form, most, node)?;
        Ok(self.scaled_back(elements, factors, node))
    }

    /// Elements as they are without factors, else times these.
    pub(super) fn perhaps_scaled(
        &mut self,
        elements: Elements,
        factors: Option<Vec<f64>>,
        node: usize,
    ) -> Value {
        match factors {
            Some(factors) => self.scaled_back(elements, factors, node),
            None => Value::Elements(elements),
        }
    }

    /// `factors · elements`.
    pub(super) fn scaled_back(
        &mut self,
        elements: Elements,
        factors: Vec<f64>,
        node: usize,
    ) -> Value {
        let steps = factors.iter().map(|factor| factor * elements.step).collect();
        let grid = Grid { steps, offsets: vec![0.0; factors.len()], inner: 1 };
        self.note_grid(&elements, grid);
        let bias = vec![0.0; elements.len()];
        let terms = vec![Term { input: elements, coefficients: factors }];
        Value::Pending(Pending::of(Form::Combine { terms, bias }, node))
    }

    /// Two operands broadcast to a node, over the same factors, where one of them has columns of its own.
    pub(super) fn in_common_columns(
        &mut self,
        operands: [usize; 2],
        node: usize,
    ) -> Result<Option<InColumns<[Elements; 2]>>, QuantiseError> {
        if self.need(node) != ANY {
            return Ok(None);
        }
        let mut sides = vec![];
        let mut any = false;
        for operand in operands {
            let columns = self.elements_in_columns(operand)?;
            any |= columns.is_some();
            sides.push((operand, columns));
        }
        if !any {
            return Ok(None);
        }
        let mut units = vec![f64::MIN_POSITIVE; self.shape(node).iter().product()];
        for (operand, columns) in &sides {
            let sizes: Vec<f64> = match (self.constant(*operand), columns) {
                (Some(data), _) => data.iter().map(|x| x.abs()).collect(),
                (None, Some(columns)) => columns.factors.clone(),
                (None, None) => self.magnitudes(*operand).collect(),
            };
            let index = broadcast(self.shape(*operand), self.shape(node));
            for (unit, at) in units.iter_mut().zip(index) {
                *unit = unit.max(sizes[at]);
            }
        }
        for unit in &mut units {
            *unit = power_of_two(ceil_log2(*unit));
        }
        let step = self.table_step(UNIT.magnitude(), node);
        let mut common = vec![];
        for (operand, columns) in sides {
            let index = broadcast(self.shape(operand), self.shape(node));
            if let Some(data) = self.constant(operand) {
                let data: Vec<f64> = index.iter().zip(&units).map(|(&i, u)| data[i] / u).collect();
                common.push(self.constant_elements(&data, Some(step), node)?);
                continue;
            }
            let (of, factors) = match columns {
                Some(InColumns { of, factors }) => (of, Some(factors)),
                None => (self.elements(operand)?, None),
            };
            let factor = |i: usize| factors.as_ref().map_or(1.0, |factors| factors[i]);
            let coefficients = index.iter().zip(&units).map(|(&i, unit)| factor(i) / unit);
            let terms =
                vec![Term { input: of.gather(&index), coefficients: coefficients.collect() }];
            let form = Form::Combine { terms, bias: vec![0.0; index.len()] };
            common.push(self.emit(&Pending::of(form, node), &Plan::identity(step), node)?);
        }
        let of: Result<[Elements; 2], _> = common.try_into();
        Ok(of.ok().map(|of| InColumns { of, factors: units }))
    }

    /// `min(max(x, lo), hi)` of an operand whose columns need steps of their own:
    /// `x + max(lo − x, 0) − max(x − hi, 0)`, with bounds in units of each column.
    pub(super) fn clip_in_columns(
        &mut self,
        node: usize,
        (lo, hi): (f64, f64),
    ) -> Result<Option<Value>, QuantiseError> {
        let operand = self.operand(node, 0)?;
        // What lies far beyond the bounds, a mask among it, would leave few bits to what does not.
        let seen = [lo, hi].map(f64::abs).into_iter().filter(|end| end.is_finite());
        let seen = BEYOND * seen.fold(0.0, f64::max);
        let found = self.found_in_columns(operand).is_some();
        if lo >= hi || (!found && self.range(operand).magnitude() > seen) {
            return Ok(None);
        }
        let Some(InColumns { of: x, factors }) = self.elements_in_columns(operand)? else {
            return Ok(None);
        };
        let (least, most) = self.elements_interval(&x);
        // Of a column that is cut to a small part of itself the factor is no measure.
        let narrow = |factor: &f64| {
            let width = (hi / factor).min(most) - (lo / factor).max(least);
            width > 0.0 && width < (most - least) / BEYOND
        };
        if factors.iter().any(narrow) {
            return Ok(None);
        }
        // Where a bound lies beyond all values, they all become it.
        let end = |factor: f64| {
            let (lo, hi) = (lo / factor, hi / factor);
            (lo >= most).then_some(lo).or((hi <= least).then_some(hi))
        };
        let ends: Vec<Option<f64>> = factors.iter().map(|&factor| end(factor)).collect();
        let moving = ends.iter().map(|end| if end.is_some() { 0.0 } else { 1.0 });
        let mut terms = vec![Term { input: x.clone(), coefficients: moving.collect() }];
        for (bound, sign) in [(lo, -1.0), (hi, 1.0)] {
            let meets = |factor: f64| {
                let bound = bound / factor;
                end(factor).is_none() && bound > least && bound < most
            };
            let met: Vec<bool> = factors.iter().map(|&factor| meets(factor)).collect();
            if !met.contains(&true) {
                continue;
            }
            let of_met = |value: &dyn Fn(f64) -> f64| {
                let value = |(&met, &factor): (&bool, &f64)| if met { value(factor) } else { 0.0 };
                met.iter().zip(&factors).map(value).collect::<Vec<f64>>()
            };
            let form = Form::Combine {
                terms: vec![Term { input: x.clone(), coefficients: of_met(&|_| sign) }],
                bias: of_met(&|factor| -sign * bound / factor),
            };
            let beyond = self.emit(&Pending::of(form, node), &Plan::relu(x.step), node)?;
            terms.push(Term { input: beyond, coefficients: of_met(&|_| -sign) });
        }
        for term in &mut terms {
            scale(&mut term.coefficients, Some(&factors));
        }
        let bias = ends.iter().zip(&factors).map(|(end, f)| end.map_or(0.0, |end| end * f));
        let form = Form::Combine { terms, bias: bias.collect() };
        Ok(Some(Value::Pending(Pending::of(form, node))))
    }
}

/// Multiplies coefficients by factors, if there are any.
pub(super) fn scale(coefficients: &mut [f64], factors: Option<&[f64]>) {
    if let Some(factors) = factors {
        coefficients.iter_mut().zip(factors).for_each(|(c, factor)| *c *= factor);
    }
}

/// The factor that all elements of each run share; `None` where they do not.
pub(super) fn shared(factors: impl Iterator<Item = f64>, run: usize) -> Option<Vec<f64>> {
    let mut each: Vec<f64> = vec![];
    for (i, factor) in factors.enumerate() {
        match each.last() {
            Some(first) if i % run.max(1) > 0 && first.to_bits() != factor.to_bits() => {
                return None;
            }
            Some(_) if i % run.max(1) > 0 => {}
            _ => each.push(factor),
        }
    }
    Some(each)
}

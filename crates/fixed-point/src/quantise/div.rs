//! Div: by a constant a scale; by data exact quotients, or the products with exact reciprocals.
//!
//! Where one divisor serves many elements (a norm, the sum of a softmax) its reciprocal R, rounded in units that
//! cost a product no more than half a unit of its result, is multiplied with each of them: one rescale an element.
//! Else every element is divided.

use super::deviation::{Deviation, FLOAT_SLACK};
use super::error::QuantiseError;
use super::gather::broadcast;
use super::lowering::Lowering;
use super::value::{Elements, Form, Pending, Value};
use crate::convert::{exponent, integer, power_of_two};
use crate::error_bound::ErrorTerms;
use crate::quant_graph::{QuantOp, Quotient, TensorId};
use crate::settings::Range;

/// Elements that a divisor must serve for its reciprocal to be cheaper than as many quotients.
const SERVES: usize = 2;
/// Constant numerators are divided in units this much finer than the result's.
const FINER: f64 = 16.0;
/// Numerators stay below this: 2^60.
const MOST_NUMERATOR: f64 = 1_152_921_504_606_846_976.0;

/// A divisor's positive integers, and the range that calibration found of their values.
pub(super) struct Divisor {
    elements: Elements,
    near: f64,
    far: f64,
    negative: bool,
}

impl Divisor {
    /// Real value of one unit.
    pub(super) fn step(&self) -> f64 {
        self.elements.step
    }

    /// Whether calibration found it below zero: its integers are then those of its negative.
    pub(super) fn is_negative(&self) -> bool {
        self.negative
    }

    /// The divisor of every quotient, by its index.
    pub(super) fn gather(&self, index: &[usize]) -> Elements {
        self.elements.gather(index)
    }
}

impl Lowering<'_> {
    pub(super) fn div(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let (a, b) = (self.operand(node, 0)?, self.operand(node, 1)?);
        if let Some(divisor) = self.broadcast_constant(b, node) {
            if divisor.contains(&0.0) {
                return Err(self.unsupported(node, "it divides by a constant zero"));
            }
            let scale: Vec<f64> = divisor.iter().map(|d| 1.0 / d).collect();
            return self.scaled(a, node, &scale, &vec![0.0; scale.len()]);
        }
        if self.is_rounded_alone(node) {
            // Round divides (`rounded`): rounding a quotient that is rounded already would be another number.
            self.deferred.insert(node);
            return Ok(Value::Constant(vec![]));
        }
        let divisor = self.divisor(b, node)?;
        let index = broadcast(self.shape(b), self.shape(node));
        let wanted = self.range(node).magnitude().max(f64::MIN_POSITIVE.sqrt());
        let wanted = wanted / power_of_two(exponent(self.bits(node)) - 1);
        if let Some(numerator) = self.broadcast_constant(a, node) {
            return self.constant_over(&numerator, &divisor, &index, wanted, node);
        }
        let from = broadcast(self.shape(a), self.shape(node));
        let numerator = self.elements(a)?.gather(&from);
        if numerator.len() < SERVES * divisor.elements.len() {
            let quotient = self.quotient(&numerator, &divisor, &index, wanted, node)?;
            return Ok(Value::Elements(quotient));
        }
        let fine = wanted / (power_of_two(exponent(self.format.shift)) * numerator.step);
        let reciprocal = self.reciprocal(&divisor, 1.0, fine, node)?.gather(&index);
        let form = self.product(&numerator, &reciprocal, node)?;
        Ok(Value::Pending(Pending::of(form, node)))
    }

    /// The divisor of `node`, of one sign as calibration has it.
    pub(super) fn divisor(&mut self, b: usize, node: usize) -> Result<Divisor, QuantiseError> {
        let Range { lo, hi } = self.range(b);
        if lo <= 0.0 && hi >= 0.0 {
            let node = self.node(node).name.clone();
            return Err(QuantiseError::Divisor { node, lo, hi });
        }
        let negative = hi < 0.0;
        let mut elements = self.exact_or_rescaled(b)?;
        if negative {
            let id = self.tensor(&elements, None, node)?;
            elements = self.negative(id, node)?;
        }
        let (near, far) = if negative { (-hi, -lo) } else { (lo, hi) };
        Ok(Divisor { elements, near, far, negative })
    }

    /// `c[i]/d[i]` for constants c.
    fn constant_over(
        &mut self,
        numerator: &[f64],
        divisor: &Divisor,
        index: &[usize],
        wanted: f64,
        node: usize,
    ) -> Result<Value, QuantiseError> {
        let first = numerator.first().copied().unwrap_or(0.0);
        if first > 0.0 && numerator.iter().all(|c| c.to_bits() == first.to_bits()) {
            return Ok(Value::Elements(
                self.reciprocal(divisor, first, wanted, node)?.gather(index),
            ));
        }
        let largest = numerator.iter().fold(0.0_f64, |most, c| most.max(c.abs()));
        let fine = wanted / (FINER * largest.max(f64::MIN_POSITIVE.sqrt()));
        let reciprocal = self.reciprocal(divisor, 1.0, fine, node)?.gather(index);
        let mut pending = Pending::identity(reciprocal, node);
        if let Form::Combine { terms, .. } = &mut pending.form {
            terms.iter_mut().for_each(|term| term.coefficients = numerator.to_vec());
        }
        Ok(Value::Pending(pending))
    }

    /// `c/d` for every divisor, in units near to `wanted`.
    fn reciprocal(
        &mut self,
        divisor: &Divisor,
        c: f64,
        wanted: f64,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let d = self.tensor(&divisor.elements, None, node)?;
        let all = c / divisor.elements.step;
        let multiplier = (all / wanted).round().clamp(1.0, MOST_NUMERATOR);
        let step = all / multiplier;
        let multiplier = integer(multiplier).ok_or_else(|| self.wrap(node))?;
        let least = self.least(divisor);
        let quotient = Quotient { numerator: None, multiplier, divisor: d, least };
        let len = divisor.elements.len();
        self.divided(quotient, (len, step), (0.0, (c, c)), divisor, node)
    }

    /// `n[i]/d[i]`, in units near to `wanted`.
    pub(super) fn quotient(
        &mut self,
        numerator: &Elements,
        divisor: &Divisor,
        index: &[usize],
        wanted: f64,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let spread = divisor.elements.gather(index);
        let (n, d) = (self.tensor(numerator, None, node)?, self.tensor(&spread, None, node)?);
        let all = numerator.step / divisor.elements.step;
        let (lo, hi) = self.elements_interval(numerator);
        let largest = (lo.abs().max(hi.abs()) / numerator.step).max(1.0);
        let most = (MOST_NUMERATOR / largest).max(1.0).floor();
        let multiplier = (all / wanted).round().clamp(1.0, most);
        let step = all / multiplier;
        let multiplier = integer(multiplier).ok_or_else(|| self.wrap(node))?;
        let quotient =
            Quotient { numerator: Some(n), multiplier, divisor: d, least: self.least(divisor) };
        let of = &self.deviations[n.0];
        let numerators = (of.worst(), of.exact);
        self.divided(quotient, (index.len(), step), numerators, divisor, node)
    }

    /// So many quotients in units of `step`, with the sign of their divisors; their numerators off by so much and in
    /// this interval.
    fn divided(
        &mut self,
        quotient: Quotient,
        (len, step): (usize, f64),
        numerators: (f64, (f64, f64)),
        divisor: &Divisor,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let d = quotient.divisor;
        let id = self.push(node, vec![len], step, QuantOp::Quotient(quotient), None)?;
        let (near, far) = (divisor.near, divisor.far);
        self.deviations[id.0] = self.quotient_deviation(numerators, d, (near, far), id);
        if divisor.negative { self.negative(id, node) } else { Ok(self.all(id)) }
    }

    /// `−x`
    fn negative(&mut self, x: TensorId, node: usize) -> Result<Elements, QuantiseError> {
        let id = self.exact_sum(vec![(x, -1)], node)?;
        Ok(self.all(id))
    }

    /// The least divisor in units, as calibration has it.
    pub(super) fn least(&self, divisor: &Divisor) -> i64 {
        let least = integer((divisor.near / divisor.elements.step).floor()).unwrap_or(1);
        least.max(1)
    }

    /// How far a quotient may be off, because its numerator and its divisor are.
    pub(super) fn quotient_error(&self, (n, d): (TensorId, TensorId), divisor: &Divisor) -> f64 {
        let (n, d) = (&self.deviations[n.0], &self.deviations[d.0]);
        let least = (divisor.near - d.worst()).max(divisor.elements.step).min(divisor.near);
        let most = n.exact.0.abs().max(n.exact.1.abs());
        n.worst() / least + most * d.worst() / (divisor.near * least)
    }

    /// Of n/d, n off by so much and in this interval, d at least `near` in magnitude.
    ///
    /// `n̂/d̂ − n/d = (n̂ − n)/d̂ − n·(d̂ − d)/(d·d̂)`, and half a unit.
    fn quotient_deviation(
        &self,
        (off, exact): (f64, (f64, f64)),
        divisor: TensorId,
        (near, far): (f64, f64),
        id: TensorId,
    ) -> Deviation {
        let d = &self.deviations[divisor.0];
        let step = self.step(id);
        let most = exact.0.abs().max(exact.1.abs());
        // No smaller divisor has a quotient.
        let least = (near - d.worst()).max(self.step(divisor)).min(near);
        let inherited = off / least + most * d.worst() / (near * least);
        let slack = FLOAT_SLACK * most / near;
        let terms = ErrorTerms { inherited, rounding: step / 2.0 + slack, ..ErrorTerms::default() };
        let relative = most / (near * least);
        let variance = off * off / (3.0 * near * near) + relative * relative * d.variance;
        let ends = [exact.0 / near, exact.0 / far, exact.1 / near, exact.1 / far];
        let range = Range {
            lo: ends.iter().copied().fold(f64::INFINITY, f64::min),
            hi: ends.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        };
        let variance = variance + step * step / 12.0;
        Deviation::of_values(terms, variance, self.proven(id), range)
    }
}

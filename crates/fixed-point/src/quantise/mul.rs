//! Mul and Pow.

use super::error::QuantiseError;
use super::gather::broadcast;
use super::in_columns::{InColumns, UNIT};
use super::lowering::Lowering;
use super::value::{Elements, Form, Pending, Value};

impl Lowering<'_> {
    pub(super) fn mul(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let (a, b) = (self.operand(node, 0)?, self.operand(node, 1)?);
        for operands in [[a, b], [b, a]] {
            if let Some(value) = self.scaled_by_learned(operands, node)? {
                return Ok(value);
            }
        }
        let zeros = vec![0.0; self.shape(node).iter().product()];
        for (x, constant) in [(a, b), (b, a)] {
            if let Some(scale) = self.broadcast_constant(constant, node)
                && self.shape(x) == self.shape(node)
                && let Some(mask) = self.masking(node, x, &scale)?
            {
                return Ok(mask);
            }
        }
        if let Some(scale) = self.broadcast_constant(b, node) {
            return self.scaled(a, node, &scale, &zeros);
        }
        if let Some(scale) = self.broadcast_constant(a, node) {
            return self.scaled(b, node, &scale, &zeros);
        }
        if let Some(value) = self.product_in_columns(node, [a, b])? {
            return Ok(value);
        }
        let operands = [a, b].map(|operand| broadcast(self.shape(operand), self.shape(node)));
        let [left, right] =
            [self.elements(a)?.gather(&operands[0]), self.elements(b)?.gather(&operands[1])];
        let form = self.product(&left, &right, node)?;
        Ok(Value::Pending(Pending::of(form, node)))
    }

    /// A product element by element where a factor's columns have steps of their own: that of the integers, and of what
    /// applies to them.
    fn product_in_columns(
        &mut self,
        node: usize,
        operands: [usize; 2],
    ) -> Result<Option<Value>, QuantiseError> {
        let mut sides = vec![];
        for operand in operands {
            sides.push(self.elements_in_columns(operand)?);
        }
        if sides.iter().all(Option::is_none) {
            return Ok(None);
        }
        let mut factors = vec![1.0; self.shape(node).iter().product()];
        let mut elements = vec![];
        for (operand, side) in operands.into_iter().zip(sides) {
            let index = broadcast(self.shape(operand), self.shape(node));
            elements.push(match side {
                Some(side) => {
                    factors.iter_mut().zip(&index).for_each(|(f, &at)| *f *= side.factors[at]);
                    side.of.gather(&index)
                }
                None => self.elements(operand)?.gather(&index),
            });
        }
        let form = self.product(&elements[0], &elements[1], node)?;
        self.rounded_and_scaled(Pending::of(form, node), factors, node).map(Some)
    }

    pub(super) fn product(
        &mut self,
        a: &Elements,
        b: &Elements,
        node: usize,
    ) -> Result<Form, QuantiseError> {
        let (a_id, b_id) = (self.tensor(a, None, node)?, self.tensor(b, None, node)?);
        Ok(Form::Contract { a: a_id, b: b_id, scale: 1.0, bias: vec![0.0; a.len()] })
    }

    /// Repeated products, halving the exponent.
    pub(super) fn pow(&mut self, node: usize, exponent: u32) -> Result<Value, QuantiseError> {
        let x = self.operand(node, 0)?;
        if exponent == 1 {
            return Ok(Value::Pending(self.pending(x)?));
        }
        if let Some(InColumns { of, factors }) = self.elements_in_columns(x)? {
            let form = self.power(&of, exponent, UNIT.magnitude(), node)?;
            let power = |factor: f64| (0..exponent).fold(1.0, |product, _| product * factor);
            let factors = factors.into_iter().map(power).collect();
            return self.rounded_and_scaled(Pending::of(form, node), factors, node);
        }
        let base = self.elements(x)?;
        let form = self.power(&base, exponent, self.range(x).magnitude(), node)?;
        Ok(Value::Pending(Pending::of(form, node)))
    }

    /// The form of `base^exponent`, exponent ≥ 2, for values calibrated to ±`magnitude`.
    fn power(
        &mut self,
        base: &Elements,
        exponent: u32,
        magnitude: f64,
        node: usize,
    ) -> Result<Form, QuantiseError> {
        let (left, right) = (exponent / 2, exponent - exponent / 2);
        let mut factors = vec![];
        for part in [left, right] {
            factors.push(match part {
                1 => base.clone(),
                _ => self.power_elements(base, part, magnitude, node)?,
            });
        }
        self.product(&factors[0], &factors[1], node)
    }

    fn power_elements(
        &mut self,
        base: &Elements,
        exponent: u32,
        magnitude: f64,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let form = self.power(base, exponent, magnitude, node)?;
        let part = i32::try_from(exponent).unwrap_or(1);
        self.emit_within(Pending::of(form, node), magnitude.powi(part), node)
    }
}

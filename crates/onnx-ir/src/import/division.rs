//! Quotients by divisors that are data, rounded down or towards zero, and what remains: exact, whatever the signs.
//!
//! `Op::Round` divides by positive numbers. So the sign of the divisor moves to the dividend, or both signs to the
//! result. A divisor of zero is met in calibration, and by no proof.

use super::builder::Builder;
use super::integral;
use super::reason::Reason;
use crate::tensor::{broadcast, volume};
use crate::{ElementType, NodeId, Op};

/// A division in the making.
pub(super) struct Division<'b> {
    pub(super) builder: &'b mut Builder,
    pub(super) name: &'b str,
}

impl Division<'_> {
    /// x/b without its fraction.
    pub(super) fn truncated(&mut self, x: NodeId, b: NodeId) -> Result<NodeId, Reason> {
        let signs = (self.negative("dividend", x)?, self.negative("divisor", b)?);
        let dividend = self.size("dividend", x, signs.0)?;
        let divisor = self.size("divisor", b, signs.1)?;
        let times = self.floor(dividend, divisor)?;
        let negative = match signs {
            (Some(x), Some(b)) => {
                let same = self.truth("same", Op::Equal, &[x, b])?;
                let minus = self.like("minus", Op::Neg, &[times], times)?;
                return self.like("quotient", Op::Where, &[same, times, minus], times);
            }
            (x, b) => x.or(b),
        };
        self.signed("quotient", times, negative)
    }

    /// x − b·⌊x/b⌋, which has the sign of the divisor.
    pub(super) fn modulo(&mut self, x: NodeId, b: NodeId) -> Result<NodeId, Reason> {
        let negative = self.negative("divisor", b)?;
        let dividend = self.signed("dividend", x, negative)?;
        let divisor = self.size("divisor", b, negative)?;
        self.rest(dividend, divisor, negative)
    }

    /// x less b times the quotient without its fraction, which has the sign of the dividend.
    pub(super) fn remainder(&mut self, x: NodeId, b: NodeId) -> Result<NodeId, Reason> {
        let (negative, of_divisor) = (self.negative("dividend", x)?, self.negative("divisor", b)?);
        let dividend = self.size("dividend", x, negative)?;
        let divisor = self.size("divisor", b, of_divisor)?;
        self.rest(dividend, divisor, negative)
    }

    /// What remains by a positive divisor, with its sign turned where it says so.
    fn rest(
        &mut self,
        dividend: NodeId,
        divisor: NodeId,
        negative: Option<NodeId>,
    ) -> Result<NodeId, Reason> {
        let times = self.floor(dividend, divisor)?;
        let beyond = self.like("beyond", Op::Mul, &[times, divisor], divisor)?;
        let rest = self.like("rest", Op::Sub, &[dividend, beyond], dividend)?;
        self.signed("signed", rest, negative)
    }

    /// The floor of x by positive numbers.
    pub(super) fn floor(&mut self, x: NodeId, divisor: NodeId) -> Result<NodeId, Reason> {
        let own = self.builder.shape(x);
        let shape = broadcast(&own, &self.builder.shape(divisor));
        let shape = shape.filter(|shape| volume(shape).is_some());
        let shape = shape.ok_or("its operands do not fit together")?;
        let x = match shape == own {
            true => x,
            false => {
                let name = self.part("expanded");
                self.builder.push_shaped(&name, Op::Expand, &[x], &shape)?
            }
        };
        let name = self.part("times");
        integral::floor(self.builder, &name, x, divisor, f32::NEG_INFINITY)
    }

    /// Where a node is negative; none where it never is.
    fn negative(&mut self, part: &str, x: NodeId) -> Result<Option<NodeId>, Reason> {
        if integral::bounds(self.builder, x).is_some_and(|(lo, _)| lo >= 0.0) {
            return Ok(None);
        }
        let zero = self.part(&format!("{part}.zero"));
        let zero = self.builder.scalar(&zero, 0.0);
        self.truth(&format!("{part}.negative"), Op::Less, &[x, zero]).map(Some)
    }

    /// The magnitude of a node that may be negative.
    fn size(&mut self, part: &str, x: NodeId, negative: Option<NodeId>) -> Result<NodeId, Reason> {
        match negative {
            None => Ok(x),
            Some(_) => self.like(&format!("{part}.size"), Op::Abs, &[x], x),
        }
    }

    /// x, or −x where it says so.
    fn signed(
        &mut self,
        part: &str,
        x: NodeId,
        negative: Option<NodeId>,
    ) -> Result<NodeId, Reason> {
        let Some(negative) = negative else { return Ok(x) };
        let minus = self.like(&format!("{part}.minus"), Op::Neg, &[x], x)?;
        self.like(part, Op::Where, &[negative, minus, x], x)
    }

    fn truth(&mut self, part: &str, op: Op, inputs: &[NodeId]) -> Result<NodeId, Reason> {
        let id = self.builder.push(&self.part(part), op, inputs)?;
        self.builder.elements.entry(id).or_insert(ElementType::Boolean);
        Ok(id)
    }

    /// Appends an operator whose results are whole numbers if this operand is one.
    fn like(
        &mut self,
        part: &str,
        op: Op,
        inputs: &[NodeId],
        operand: NodeId,
    ) -> Result<NodeId, Reason> {
        let id = self.builder.push(&self.part(part), op, inputs)?;
        let whole = integral::bounds(self.builder, operand).is_some();
        if whole && self.builder.value(id).is_none() {
            self.builder.elements.entry(id).or_insert(super::rounding::WHOLE);
        }
        Ok(id)
    }

    fn part(&self, part: &str) -> String {
        format!("{}.{part}", self.name)
    }
}

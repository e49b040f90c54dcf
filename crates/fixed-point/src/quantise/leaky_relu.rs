//! LeakyRelu and PRelu.
//!
//! LeakyRelu's table multiplies q by integer slopes into a result 2^S times finer than the wanted one, and one more
//! rescale rounds it. PRelu is `α·q + (1−α)·relu(q)`, rounded once.

use super::affine::push_term;
use super::emit::{Ends, Plan};
use super::error::QuantiseError;
use super::family::Family;
use super::ideal::Ideal;
use super::in_columns::{InColumns, UNIT, scale};
use super::lowering::Lowering;
use super::value::{Elements, Form, Pending, Term, Value};
use crate::convert::{exponent, power_of_two};
use crate::settings::Range;

impl Lowering<'_> {
    pub(super) fn leaky_relu(&mut self, node: usize, alpha: f64) -> Result<Value, QuantiseError> {
        let x = self.operand(node, 0)?;
        if let Some(InColumns { of: pending, factors }) = self.form_in_columns(x) {
            let values = self.leaky(&pending, UNIT, (x, node), alpha)?;
            return Ok(self.scaled_back(values, factors, node));
        }
        if self.pending(x)?.form.is_bilinear() {
            self.elements(x)?;
        }
        let pending = self.pending(x)?;
        Ok(Value::Elements(self.leaky(&pending, self.range(x), (x, node), alpha)?))
    }

    /// Of a form of node `x` whose values lie in `range`.
    fn leaky(
        &mut self,
        pending: &Pending,
        range: Range,
        (x, node): (usize, usize),
        alpha: f64,
    ) -> Result<Elements, QuantiseError> {
        let bounds = self.bounds(&pending.form);
        let magnitude = range.magnitude().min(bounds.0.abs().max(bounds.1.abs()));
        let q_step = self.step_for(&pending.form, magnitude, bounds, x, None);
        let step = self.table_step(magnitude.max(q_step) * alpha.abs().max(1.0), node);
        let fine = step / power_of_two(exponent(self.format.shift));
        let slope = |slope: f64| self.integer(slope * q_step, fine, node);
        let family = Family::Leaky {
            below: slope(alpha)?,
            above: slope(1.0)?,
            hi: self.whole_heads(magnitude, q_step),
        };
        let ideal = Ideal::Leaky { alpha, range };
        let plan = Plan { q_step, step: fine, family, shift: 0, ideal, watch: Ends::BOTH };
        let values = self.emit(pending, &plan, node)?;
        let values = Pending::identity(values, node);
        self.emit(&values, &Plan::identity(step), node)
    }

    pub(super) fn p_relu(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let (x, slope) = (self.operand(node, 0)?, self.operand(node, 1)?);
        let Some(alpha) = self.broadcast_constant(slope, node) else {
            return Err(self.unsupported(
                node,
                "its slope is not a constant; only constant slopes are supported",
            ));
        };
        let (q, factors) = self.elements_and_factors(x, Some)?;
        let plan = Plan::relu(q.step);
        let relu = self.emit(&Pending::identity(q.clone(), node), &plan, node)?;
        let mut terms = vec![Term { input: q, coefficients: alpha.clone() }];
        push_term(
            &mut terms,
            Term { input: relu, coefficients: alpha.iter().map(|a| 1.0 - a).collect() },
        );
        for term in &mut terms {
            scale(&mut term.coefficients, factors.as_deref());
        }
        Ok(Value::Pending(Pending::of(Form::Combine { terms, bias: vec![0.0; alpha.len()] }, node)))
    }
}

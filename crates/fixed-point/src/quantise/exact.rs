//! Exact tensors: forms whose integers are taken as they are.

use super::deviation::Deviation;
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::value::{Elements, Form, Pending, Value};
use crate::quant_graph::QuantOp;

impl Lowering<'_> {
    /// The real value of one unit in which a form's weights are whole numbers of a few bits at most, where there is
    /// one: of sums in which every element weighs the same, and of products.
    pub(super) fn exact_unit(&self, form: &Form) -> Option<f64> {
        let same = |weights: &[f64]| {
            let first = *weights.first()?;
            weights.iter().all(|w| w.to_bits() == first.to_bits()).then_some(first)
        };
        if self.commits() && form.learned().is_some() {
            return None;
        }
        let (factor, bias) = match form {
            Form::Dense { input, weights, bias, .. } => (same(weights)? * self.step(*input), bias),
            Form::Conv(conv) if conv.is_pointwise() => {
                (same(&conv.kernel)? * self.step(conv.input), &conv.bias)
            }
            Form::Conv(_) => return None,
            Form::MatMul { a, b, scale, bias, .. } | Form::Contract { a, b, scale, bias } => {
                (scale * self.step(*a) * self.step(*b), bias)
            }
            Form::Combine { terms, bias } => {
                let [term] = terms.as_slice() else { return None };
                (same(&term.coefficients)? * term.input.step, bias)
            }
        };
        (factor > 0.0 && bias.iter().all(|&b| b == 0.0)).then_some(factor)
    }

    /// A form's integers in these units, in the node's order; its bias must be zero.
    pub(super) fn emit_exact(
        &mut self,
        pending: &Pending,
        unit: f64,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let (linear, bias, shape) = self.linear(&pending.form, unit, node)?;
        if bias.iter().any(|&b| b != 0.0) {
            return Err(self.unsupported(node, "an exact form has no bias"));
        }
        let off = self.form_deviation(&pending.form, &linear, &vec![0; bias.len()], unit);
        let range = self.range(pending.node);
        let id = self.push(node, shape, unit, QuantOp::Exact { linear }, None)?;
        self.deviations[id.0] =
            Deviation::of_values(off.terms, off.variance, self.proven(id), range);
        let all = self.all(id);
        Ok(match &pending.order {
            None => all,
            Some(order) => all.gather(order),
        })
    }

    /// A node's integers without a rescale where its form has such, else those that it is rescaled to.
    pub(super) fn exact_or_rescaled(&mut self, node: usize) -> Result<Elements, QuantiseError> {
        if let Value::Pending(pending) = self.value(node)
            && let Some(unit) = self.exact_unit(&pending.form)
        {
            let pending = pending.clone();
            return self.emit_exact(&pending, unit, node);
        }
        self.elements(node)
    }
}

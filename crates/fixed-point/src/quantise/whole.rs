//! Sums of whole numbers and truth values, exact.

use super::deviation::Deviation;
use super::emit::Plan;
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::value::{Elements, Form, Pending, Value};
use crate::convert::integer;
use crate::error_bound::ErrorTerms;
use crate::format::Format;
use crate::quant_graph::{QuantOp, Source, TensorId};
use provenn_onnx_ir::{ElementType, NodeId, Op};

impl Lowering<'_> {
    /// Whether a node's elements are whole numbers or truth values.
    pub(super) fn is_whole(&self, mut node: usize) -> bool {
        loop {
            match self.graph.element(NodeId(node)) {
                ElementType::Integer { .. } | ElementType::Boolean => return true,
                ElementType::Float | ElementType::Double => {}
            }
            // What is only moved is what it was.
            let this = self.node(node);
            let moved = matches!(
                this.op,
                Op::Reshape
                    | Op::Transpose { .. }
                    | Op::Slice { .. }
                    | Op::Expand
                    | Op::Tile { .. }
            );
            match this.inputs.first() {
                Some(id) if moved => node = id.0,
                _ => return false,
            }
        }
    }

    /// A node's sum of tensors of step 1 with whole coefficients, as it is; `None` for any other form.
    pub(super) fn whole_sum(
        &mut self,
        pending: &Pending,
        node: usize,
    ) -> Result<Option<Elements>, QuantiseError> {
        if let Some(elements) = self.multiples(pending, node) {
            return Ok(Some(elements));
        }
        let Form::Combine { terms, bias } = &pending.form else {
            return self.whole_form(pending, node);
        };
        let whole = |x: f64| integer(x).filter(|_| x.fract() == 0.0);
        let one_step = terms.iter().all(|term| term.input.step.to_bits() == 1.0_f64.to_bits());
        let factors: Option<Vec<i64>> = terms
            .iter()
            .map(|term| {
                let (first, rest) = term.coefficients.split_first()?;
                whole(*first).filter(|_| rest.iter().all(|c| c == first))
            })
            .collect();
        let constants: Option<Vec<i64>> = bias.iter().map(|&b| whole(b)).collect();
        let (Some(factors), Some(constants)) = (factors, constants) else {
            return self.whole_form(pending, node);
        };
        if !one_step || terms.is_empty() || !self.stays_whole(&pending.form, node) {
            return Ok(None);
        }
        let mut summands = vec![];
        for (term, factor) in terms.iter().zip(factors) {
            summands.push((self.tensor(&term.input, None, node)?, factor));
        }
        if constants.iter().any(|&constant| constant != 0) {
            let map = constants.into_iter().map(Source::Constant).collect();
            let ones = Elements { sources: vec![], map, step: 1.0, constants: 0.0 };
            summands.push((self.tensor(&ones, None, node)?, 1));
        }
        let elements = match summands.as_slice() {
            &[(only, 1)] => self.all(only),
            _ => {
                let id = self.exact_sum(summands, node)?;
                self.all(id)
            }
        };
        Ok(Some(match &pending.order {
            None => elements,
            Some(order) => elements.gather(order),
        }))
    }

    /// `2·a − x`, whole numbers.
    pub(super) fn twice_less(
        &mut self,
        a: Value,
        x: usize,
        node: usize,
    ) -> Result<Value, QuantiseError> {
        let a = match a {
            Value::Elements(elements) => elements,
            Value::Constant(data) => self.constant_elements(&data, Some(1.0), node)?,
            Value::Pending(pending) => self.emit_identity(pending, node, Some(1.0))?,
            // A model's constant is no operand here.
            Value::Stored => return Err(self.unsupported(node, "its operand is a constant")),
        };
        let x = self.elements(x)?;
        let x = self.restep(x, 1.0, node)?;
        let parts = (self.tensor(&a, None, node)?, self.tensor(&x, None, node)?);
        let id = self.exact_sum(vec![(parts.0, 2), (parts.1, -1)], node)?;
        Ok(Value::Elements(self.all(id)))
    }

    /// A sum of tensors that all weigh the same, up to the sign, in units of that weight: nothing is rounded.
    pub(super) fn even_sum(
        &mut self,
        pending: &Pending,
        node: usize,
    ) -> Result<Option<Elements>, QuantiseError> {
        let Form::Combine { terms, bias } = &pending.form else { return Ok(None) };
        let weight = |term: &super::value::Term| {
            let (first, rest) = term.coefficients.split_first()?;
            rest.iter().all(|c| c == first).then_some(first * term.input.step)
        };
        let weights: Option<Vec<f64>> = terms.iter().map(weight).collect();
        let Some(weights) = weights else { return Ok(None) };
        let unit = weights.first().map_or(0.0, |w| w.abs());
        let even = unit > 0.0 && weights.iter().all(|w| w.abs() == unit);
        if !even || bias.iter().any(|&b| b != 0.0) {
            return Ok(None);
        }
        let (mut summands, mut inherited, mut variance) = (vec![], 0.0, 0.0);
        for (term, weight) in terms.iter().zip(&weights) {
            let id = self.tensor(&term.input, None, node)?;
            let scale = unit / self.step(id);
            inherited += scale * self.deviations[id.0].worst();
            variance += scale * scale * self.deviations[id.0].variance;
            summands.push((id, if *weight < 0.0 { -1 } else { 1 }));
        }
        let len = pending.form.len();
        let id = self.push(node, vec![len], unit, QuantOp::sum(summands), None)?;
        let terms = ErrorTerms { inherited, ..ErrorTerms::default() };
        let proven = self.proven(id);
        self.deviations[id.0] = Deviation::of_values(terms, variance, proven, self.range(node));
        let all = self.all(id);
        Ok(Some(match &pending.order {
            None => all,
            Some(order) => all.gather(order),
        }))
    }

    /// Any other form of whole numbers, as it is.
    fn whole_form(
        &mut self,
        pending: &Pending,
        node: usize,
    ) -> Result<Option<Elements>, QuantiseError> {
        if !self.is_whole(node) || !self.counts(&pending.form) {
            return Ok(None);
        }
        let (plain, bias) = match &pending.form {
            Form::Conv(conv) => (conv.is_pointwise(), &conv.bias),
            Form::Dense { bias, .. }
            | Form::MatMul { bias, .. }
            | Form::Contract { bias, .. }
            | Form::Combine { bias, .. } => (true, bias),
        };
        if plain && bias.iter().all(|&b| b == 0.0) {
            return self.emit_exact(pending, 1.0, node).map(Some);
        }
        // Nothing is dropped of it.
        let own = self.format;
        self.format = Format { shift: 0, ..own };
        let elements = self.emit(pending, &Plan::identity(1.0), node);
        self.format = own;
        elements.map(Some)
    }

    /// Whole numbers by a factor (what a `DequantizeLinear` gives) as the same integers of another step.
    fn multiples(&self, pending: &Pending, node: usize) -> Option<Elements> {
        if !self.is_dequantised(node) || self.is_whole(node) {
            return None;
        }
        let (term, bias) = pending.affine()?;
        let (&factor, rest) = term.coefficients.split_first()?;
        let same =
            factor > 0.0 && rest.iter().all(|&c| c == factor) && bias.iter().all(|&b| b == 0.0);
        if !same || term.input.step != 1.0 {
            return None;
        }
        let all = Elements {
            step: factor,
            constants: factor * term.input.constants,
            ..term.input.clone()
        };
        Some(match &pending.order {
            None => all,
            Some(order) => all.gather(order),
        })
    }

    /// Whether a node multiplies whole numbers by a constant.
    pub(super) fn is_dequantised(&self, node: usize) -> bool {
        let this = self.node(node);
        let integer = |id: &NodeId| matches!(self.graph.element(*id), ElementType::Integer { .. });
        let constant = |id: &NodeId| matches!(self.node(id.0).op, Op::Constant(_));
        this.op == Op::Mul && this.inputs.iter().any(integer) && this.inputs.iter().any(constant)
    }

    /// An exact sum of tensors of one step.
    pub(super) fn exact_sum(
        &mut self,
        summands: Vec<(TensorId, i64)>,
        node: usize,
    ) -> Result<TensorId, QuantiseError> {
        let (first, _) = summands.first().copied().ok_or_else(|| self.wrap(node))?;
        let (len, step) = (self.out.tensors[first.0].len(), self.step(first));
        let (mut inherited, mut variance) = (0.0, 0.0);
        for &(id, factor) in &summands {
            let factor = crate::convert::real(factor);
            inherited += factor.abs() * self.deviations[id.0].worst();
            variance += factor * factor * self.deviations[id.0].variance;
        }
        let id = self.push(node, vec![len], step, QuantOp::sum(summands), None)?;
        let terms = ErrorTerms { inherited, ..ErrorTerms::default() };
        let proven = self.proven(id);
        self.deviations[id.0] = Deviation::of_values(terms, variance, proven, super::ideal::ANY);
        Ok(id)
    }
}

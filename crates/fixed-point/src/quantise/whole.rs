//! Sums of whole numbers and truth values, exact.

use super::deviation::Deviation;
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::value::{Elements, Form, Pending};
use crate::convert::integer;
use crate::error_bound::ErrorTerms;
use crate::quant_graph::{QuantOp, Source, TensorId};
use provenn_onnx_ir::{ElementType, NodeId};

impl Lowering<'_> {
    /// Whether a node's elements are whole numbers or truth values.
    pub(super) fn is_whole(&self, node: usize) -> bool {
        match self.graph.element(NodeId(node)) {
            ElementType::Integer { .. } | ElementType::Boolean => true,
            ElementType::Float | ElementType::Double => false,
        }
    }

    /// A node's sum of tensors of step 1 with whole coefficients, as it is; `None` for any other form.
    pub(super) fn whole_sum(
        &mut self,
        pending: &Pending,
        node: usize,
    ) -> Result<Option<Elements>, QuantiseError> {
        let Form::Combine { terms, bias } = &pending.form else {
            return self.whole_product(pending, node);
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
        let (Some(factors), Some(constants)) = (factors, constants) else { return Ok(None) };
        if !one_step || !self.is_whole(node) || terms.is_empty() {
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

    /// A node's product with whole weights, as it is: sums along an axis.
    fn whole_product(
        &mut self,
        pending: &Pending,
        node: usize,
    ) -> Result<Option<Elements>, QuantiseError> {
        let (input, weights, bias) = match &pending.form {
            Form::Dense { input, weights, bias } => (*input, weights, bias),
            Form::Conv(conv) if conv.is_pointwise() => (conv.input, &conv.kernel, &conv.bias),
            Form::Conv(_) | Form::MatMul { .. } | Form::Contract { .. } | Form::Combine { .. } => {
                return Ok(None);
            }
        };
        let one_step = self.step(input).to_bits() == 1.0_f64.to_bits();
        let whole = weights.iter().all(|w| w.fract() == 0.0) && bias.iter().all(|&b| b == 0.0);
        if !one_step || !whole || !self.is_whole(node) {
            return Ok(None);
        }
        self.emit_exact(pending, 1.0, node).map(Some)
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

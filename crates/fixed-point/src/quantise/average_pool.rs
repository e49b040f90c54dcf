//! AveragePool: one view per kernel offset, weighted by the reciprocal of the window's count.

use super::affine::merge;
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::value::{Form, Pending, Term, Value};
use crate::convert::real_count;
use provenn_onnx_ir::Window;
use std::collections::HashMap;

impl Lowering<'_> {
    pub(super) fn average_pool(
        &mut self,
        node: usize,
        window: &Window,
        count_include_pad: bool,
    ) -> Result<Value, QuantiseError> {
        let x = self.operand(node, 0)?;
        let (&[n, c, h, w], &[_, _, oh, ow]) = (self.shape(x), self.shape(node)) else {
            return Err(self.unsupported(node, "its operand is not [N,C,H,W]"));
        };
        let whole = window.kernel == [h, w] && [oh, ow] == [1, 1] && window.pad_before == [0, 0];
        if whole {
            let index: Vec<usize> = (0..n * c * h * w).collect();
            return self.scaled_sums(x, (&index, h * w), 1.0 / real_count(h * w), node);
        }
        let (x, factors) = self.elements_and_factors(x, Some)?;
        let factor = |at: usize| factors.as_ref().map_or(1.0, |factors| factors[at]);
        let extents = [h, w];
        // Position of a tap along an axis, if it is inside the image.
        let at = |axis: usize, position: usize, tap: usize| {
            let shifted = position * window.stride[axis] + tap * window.dilation[axis];
            shifted.checked_sub(window.pad_before[axis]).filter(|&p| p < extents[axis])
        };
        // Others lie in the padding at every position: they count at most.
        let met = [window.taps(0, h, oh), window.taps(1, w, ow)];
        let counted = |axis: usize, position: usize| {
            if !count_include_pad {
                return met[axis].iter().filter(|&&tap| at(axis, position, tap).is_some()).count();
            }
            let end = extents[axis] + window.pad_before[axis] + window.pad_after[axis];
            let left = end.saturating_sub(position * window.stride[axis]);
            left.div_ceil(window.dilation[axis]).min(window.kernel[axis])
        };
        let counts: [Vec<usize>; 2] = [(0, oh), (1, ow)]
            .map(|(axis, out)| (0..out).map(|position| counted(axis, position)).collect());
        let len = n * c * oh * ow;
        let mut terms: Vec<Term> = vec![];
        let mut known: HashMap<u64, Vec<usize>> = HashMap::new();
        for (a, b) in met[0].iter().flat_map(|&a| met[1].iter().map(move |&b| (a, b))) {
            let mut index = Vec::with_capacity(len);
            let mut coefficients = Vec::with_capacity(len);
            for i in 0..len {
                let (plane, row, column) = (i / (oh * ow), i / ow % oh, i % ow);
                let divisor = real_count((counts[0][row] * counts[1][column]).max(1));
                match (at(0, row, a), at(1, column, b)) {
                    (Some(y), Some(x)) => {
                        let from = (plane * h + y) * w + x;
                        index.push(from);
                        coefficients.push(factor(from) / divisor);
                    }
                    // Outside: any element, times zero.
                    _ => {
                        index.push(plane * h * w);
                        coefficients.push(0.0);
                    }
                }
            }
            if coefficients.iter().any(|&c| c != 0.0) {
                let term = Term { input: x.gather(&index), coefficients };
                let alike: &mut Vec<usize> = known.entry(term.input.fingerprint()).or_default();
                match alike.iter().copied().find(|&at| terms[at].input == term.input) {
                    Some(at) => merge(&mut terms[at], &term),
                    None => {
                        alike.push(terms.len());
                        terms.push(term);
                    }
                }
            }
        }
        Ok(Value::Pending(Pending::of(Form::Combine { terms, bias: vec![0.0; len] }, node)))
    }
}

//! AveragePool: one view per kernel offset, weighted by the reciprocal of the window's count.

use super::affine::push_term;
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::value::{Form, Pending, Term, Value};
use crate::convert::real_count;
use provenn_onnx_ir::Window;

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
        let x = self.elements(x)?;
        if whole {
            return self.sum_groups(
                &x,
                (0..x.len()).collect(),
                h * w,
                1.0 / real_count(h * w),
                node,
            );
        }
        let extents = [h, w];
        // Position of a tap along an axis, and whether it is inside the image or at least inside the padding.
        let at = |axis: usize, position: usize, tap: usize| {
            let shifted = position * window.stride[axis] + tap * window.dilation[axis];
            let inside =
                shifted.checked_sub(window.pad_before[axis]).filter(|&p| p < extents[axis]);
            (inside, shifted < extents[axis] + window.pad_before[axis] + window.pad_after[axis])
        };
        let counted = |axis: usize, position: usize| {
            (0..window.kernel[axis])
                .filter(|&tap| {
                    let (inside, padded) = at(axis, position, tap);
                    if count_include_pad { padded } else { inside.is_some() }
                })
                .count()
        };
        let len = n * c * oh * ow;
        let mut terms = vec![];
        for (a, b) in (0..window.kernel[0]).flat_map(|a| (0..window.kernel[1]).map(move |b| (a, b)))
        {
            let mut index = Vec::with_capacity(len);
            let mut coefficients = Vec::with_capacity(len);
            for i in 0..len {
                let (plane, row, column) = (i / (oh * ow), i / ow % oh, i % ow);
                let divisor = real_count((counted(0, row) * counted(1, column)).max(1));
                match (at(0, row, a).0, at(1, column, b).0) {
                    (Some(y), Some(x)) => {
                        index.push((plane * h + y) * w + x);
                        coefficients.push(1.0 / divisor);
                    }
                    // Outside: any element, times zero.
                    _ => {
                        index.push(plane * h * w);
                        coefficients.push(0.0);
                    }
                }
            }
            if coefficients.iter().any(|&c| c != 0.0) {
                push_term(&mut terms, Term { input: x.gather(&index), coefficients });
            }
        }
        Ok(Value::Pending(Pending::of(Form::Combine { terms, bias: vec![0.0; len] }, node)))
    }
}

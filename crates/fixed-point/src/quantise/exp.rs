//! Exp: a table from where results are no more than nothing up to what calibration met.
//!
//! Its rows do not depend on the range: `ln 2^(bits + 1)` below the upper end results round to zero.

use super::emit::Ends;
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::smooth_function::{Smooth, near};
use super::value::Value;
use crate::settings::Range;
use provenn_onnx_ir::functions;

impl Lowering<'_> {
    /// Error: three quarters of a unit of the result, and a unit in 2^t of the operand's segment.
    pub(super) fn exp(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let operand = self.operand(node, 0)?;
        let (seen, result) = (self.range(operand), self.range(node));
        // Operand and result have a margin each: the nearer end is that of both.
        let end = if result.hi > 0.0 { functions::log(result.hi) } else { seen.hi };
        let hi = seen.hi.min(end).max(seen.lo);
        let step = self.table_step(functions::exp(hi), node);
        let nothing = functions::log(step / 4.0).min(hi - 1.0);
        let lo = seen.lo.clamp(nothing, hi);
        let width = hi - lo;
        let most = functions::exp(hi);
        let segment = self.segment(step, most, most, width);
        let bound = functions::exp(hi + segment);
        let smooth = Smooth {
            name: None,
            f: &functions::exp,
            active: (lo, hi),
            segment,
            step,
            second: &near(functions::exp, bound),
            lipschitz: bound,
            limits: (0.0, most),
            watch: Ends { below: lo > nothing, above: true },
            premise: Range { lo: seen.lo, hi },
            between: true,
            rows: self.rows(width, segment, node),
        };
        self.smooth(node, &smooth)
    }
}

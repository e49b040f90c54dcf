//! Softplus: a table from where results are no more than nothing up to what calibration met.

use super::emit::Ends;
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::smooth_function::{Smooth, near};
use super::value::Value;
use crate::settings::Range;
use provenn_onnx_ir::functions::{exp, log, softplus, softplus_inverse};

/// At least |f'''| anywhere: with s = f', which rises from 0 to 1, f'' = s·(1 − s) and f''' = f''·(1 − 2s), largest at
/// s = (1 ± 1/√3)/2 as 1/(6√3).
const THIRD: f64 = 0.0963;

/// f' = 1/(1 + e^-x)
fn slope(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// f'', which is even and falls on both sides of zero.
fn second(x: f64) -> f64 {
    let power = exp(-x.abs());
    power / ((1.0 + power) * (1.0 + power))
}

impl Lowering<'_> {
    /// Error: three quarters of a unit of the result, as long as 2^13 segments are as many as that takes; and, each
    /// times the slope, a unit in 2^t of a segment, 2^-15 of the operand, and half a unit of an operand that is
    /// clamped first because it reaches far beyond the table.
    pub(super) fn softplus(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let operand = self.operand(node, 0)?;
        let (seen, result) = (self.range(operand), self.range(node));
        // Operand and result have a margin each: the nearer end is that of both.
        let end = if result.hi > 0.0 { softplus_inverse(result.hi) } else { seen.hi };
        let hi = seen.hi.min(end).max(seen.lo);
        // What is no `f32` is zero.
        let step = self.table_step(softplus(hi).max(f32::MIN_POSITIVE.into()), node);
        // f(x) < e^x
        let nothing = log(step / 4.0).min(hi - 1.0);
        let lo = seen.lo.clamp(nothing, hi);
        let width = (hi - lo).max(step);
        // Far out on the left both are zero.
        let (curvature, rise) = (second(hi.min(0.0)).max(step), slope(hi).max(step));
        let segment = self.segment(step, curvature, rise, width);
        // The last segment may reach beyond the end.
        let beyond = hi + segment;
        let smooth = Smooth {
            name: None,
            f: &softplus,
            active: (lo, hi),
            segment,
            step,
            second: &near(second, THIRD.min(second(beyond.min(0.0)))),
            lipschitz: slope(beyond),
            limits: (0.0, softplus(hi)),
            watch: Ends { below: lo > nothing, above: true },
            premise: Range { lo: seen.lo, hi },
            between: true,
            rows: self.rows(width, segment, node),
        };
        self.smooth(node, &smooth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the table's error bound takes for granted, on a grid finer than any table's.
    #[test]
    fn derivatives_are_what_they_are_said_to_be() {
        const STEP: f64 = 1.0 / 1024.0;
        for i in -20_480_i32..20_480 {
            let x = f64::from(i) * STEP;
            let at = |k: f64| softplus(x + k * STEP);
            let rise = (at(1.0) - at(-1.0)) / (2.0 * STEP);
            let curvature = (at(1.0) - 2.0 * at(0.0) + at(-1.0)) / (STEP * STEP);
            let third = (second(x + STEP) - second(x - STEP)) / (2.0 * STEP);
            assert!((rise - slope(x)).abs() < 1e-6 && (curvature - second(x)).abs() < 1e-6, "{x}");
            // Up to an end, as the table takes them.
            assert!(third.abs() < THIRD && third.abs() < second((x + STEP).min(0.0)), "{x}");
            assert!(at(0.0) < exp(x) && at(0.0) > x.max(0.0));
        }
    }
}

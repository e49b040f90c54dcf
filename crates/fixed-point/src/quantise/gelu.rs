//! Gelu: a table from where results are no more than nothing up to what calibration met.

use super::emit::Ends;
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::smooth_function::{Smooth, near};
use super::value::Value;
use crate::settings::Range;
use core::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};
use provenn_onnx_ir::functions::{CUBIC, exp, gelu, inner};

/// The least value of either form, rounded down; it lies between -1 and -0.7.
const LEAST: f64 = -0.1701;
/// At least the magnitudes of the first three derivatives of either form, anywhere.
const DERIVATIVES: [f64; 3] = [1.13, 0.8, 1.0];

/// The second derivative of x·Φ(x): with φ the density, (2 − x²)·φ(x).
fn second(x: f64) -> f64 {
    let density = FRAC_2_SQRT_PI * FRAC_1_SQRT_2 / 2.0 * exp(-x * x / 2.0);
    (2.0 - x * x) * density
}

/// The second derivative of x/2·(1 + T), T being tanh of the inner cubic: T' + x/2·T''.
fn second_tanh(x: f64) -> f64 {
    let linear = FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
    let (v1, v2) = (linear * (1.0 + 3.0 * CUBIC * x * x), linear * 6.0 * CUBIC * x);
    let t = inner(x).tanh();
    let rest = 1.0 - t * t;
    let (t1, t2) = (rest * v1, rest * (v2 - 2.0 * t * v1 * v1));
    t1 + x / 2.0 * t2
}

impl Lowering<'_> {
    /// Error: three quarters of a unit of the result, and a unit in 2^t of a segment.
    pub(super) fn gelu(&mut self, node: usize, tanh: bool) -> Result<Value, QuantiseError> {
        let operand = self.operand(node, 0)?;
        let (seen, result) = (self.range(operand), self.range(node));
        // f(x) ≥ x + the least value, for every x: a result's upper end is one of the operand's.
        let hi = seen.hi.min(result.hi.max(0.0) - LEAST).max(seen.lo);
        let f = |x: f64| gelu(x, tanh);
        let step = self.table_step(f(hi).abs().max(-LEAST), node);
        let nothing = nothing(f, step / 4.0);
        let lo = seen.lo.max(nothing).min(hi);
        let width = (hi - lo).max(step);
        let [lipschitz, curvature, third] = DERIVATIVES;
        let segment = self.segment(step, curvature, lipschitz, width);
        let smooth = Smooth {
            name: None,
            f: &f,
            active: (lo, hi),
            segment,
            step,
            second: &near(if tanh { second_tanh } else { second }, third),
            lipschitz,
            limits: (0.0, f(hi)),
            watch: Ends { below: lo > nothing, above: true },
            premise: Range { lo: seen.lo, hi },
            between: true,
            rows: self.rows(width, segment, node),
        };
        self.smooth(node, &smooth)
    }
}

/// The end below which results lie within `unit` of zero, by bisection: f falls from zero down to -1.
fn nothing(f: impl Fn(f64) -> f64, unit: f64) -> f64 {
    let (mut lo, mut hi) = (-16.0, -1.0);
    for _ in 0..40 {
        let middle = f64::midpoint(lo, hi);
        if f(middle) > -unit { lo = middle } else { hi = middle }
    }
    lo
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the table's error bound takes for granted, on a grid finer than any table's.
    #[test]
    fn derivatives_are_what_they_are_said_to_be() {
        const STEP: f64 = 1.0 / 1024.0;
        for tanh in [false, true] {
            let second: fn(f64) -> f64 = if tanh { second_tanh } else { second };
            for i in -12_288_i32..12_288 {
                let x = f64::from(i) * STEP;
                let at = |k: f64| gelu(x + k * STEP, tanh);
                let slope = (at(1.0) - at(-1.0)) / (2.0 * STEP);
                let curvature = (at(1.0) - 2.0 * at(0.0) + at(-1.0)) / (STEP * STEP);
                let third = (second(x + STEP) - second(x - STEP)) / (2.0 * STEP);
                assert!((curvature - second(x)).abs() < 1e-6, "{tanh} {x}");
                let sizes = [slope, curvature, third].map(f64::abs);
                assert!(sizes.iter().zip(DERIVATIVES).all(|(got, most)| *got < most), "{x}");
                assert!(at(0.0) > LEAST && at(0.0) >= x + LEAST);
            }
        }
    }
}

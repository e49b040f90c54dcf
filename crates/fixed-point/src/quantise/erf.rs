//! Erf: as Tanh, from -4 to 4, beyond which it is 1 to 2·10^-8.

use super::emit::Ends;
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::smooth_function::{Smooth, near};
use super::value::Value;
use core::f64::consts::FRAC_2_SQRT_PI;
use provenn_onnx_ir::functions;

/// f' = 2/√π·e^(-x²)
fn slope(x: f64) -> f64 {
    FRAC_2_SQRT_PI * functions::exp(-x * x)
}

/// Beyond this f is 1 to 2·10^-8.
const END: f64 = 4.0;

impl Lowering<'_> {
    /// Error: three quarters of a unit of the result, and a unit in 2^t of a segment.
    pub(super) fn erf(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let step = self.table_step(1.0, node);
        // |f''| = 2|x|·f' is largest at 1/√2.
        let segment = self.segment(step, 0.968, FRAC_2_SQRT_PI, 2.0 * END);
        let second = |x: f64| -2.0 * x * slope(x);
        let smooth = Smooth {
            name: None,
            f: &functions::erf,
            active: (-END, END),
            segment,
            step,
            // The third derivative, (4x² − 2)·f', is largest at 0.
            second: &near(second, 2.0 * FRAC_2_SQRT_PI),
            lipschitz: FRAC_2_SQRT_PI,
            limits: (-1.0, 1.0),
            watch: Ends::NONE,
            premise: self.range(self.operand(node, 0)?),
            between: true,
            rows: self.rows(2.0 * END, segment, node),
        };
        self.smooth(node, &smooth)
    }
}

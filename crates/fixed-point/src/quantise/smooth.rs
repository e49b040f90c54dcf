//! Sigmoid, Tanh and other smooth functions: piecewise linear on segments of 2^t units of q.
//!
//! With segments of width w, the line through a segment's ends, moved by half its largest deviation, is off by at
//! most `max|f''|·w²/16`; q itself is off by half a unit, `w·2^-(t+1)`. The table's values are 2^S times finer
//! than the result, so that rounding slopes and bases adds less than `2^(t−S)/2 + 2^-S` units of the result, and
//! one more rescale rounds them.

use super::emit::Plan;
use super::error::QuantiseError;
use super::family::Family;
use super::lowering::Lowering;
use super::value::{Elements, Pending, Value};
use crate::convert::{exponent, integer, power_of_two, real};
use crate::quant_graph::Piecewise;
use crate::round::round;

/// A smooth function and where it is not constant.
pub(super) struct Smooth<'f> {
    pub(super) f: &'f dyn Fn(f64) -> f64,
    /// Beyond these the function counts as constant.
    pub(super) active: (f64, f64),
    /// Width of a segment.
    pub(super) segment: f64,
    /// Step of the result.
    pub(super) step: f64,
}

/// Rows that a smooth function may span before its operand is clamped to the active range.
const MOST_SEGMENTS: i64 = 1 << 13;

impl Lowering<'_> {
    /// Error: 6·10^-6 (segments of 2^-5) and half a unit of the result.
    pub(super) fn sigmoid(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let f = |x: f64| 1.0 / (1.0 + (-x).exp());
        let step = self.table_step(1.0, node);
        self.smooth(node, &Smooth { f: &f, active: (-12.0, 12.0), segment: power_of_two(-5), step })
    }

    /// Error: 1.2·10^-5 (segments of 2^-6) and half a unit of the result.
    pub(super) fn tanh(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let step = self.table_step(1.0, node);
        self.smooth(
            node,
            &Smooth { f: &f64::tanh, active: (-6.5, 6.5), segment: power_of_two(-6), step },
        )
    }

    fn smooth(&mut self, node: usize, smooth: &Smooth<'_>) -> Result<Value, QuantiseError> {
        let operand = self.operand(node, 0)?;
        let pending = self.pending(operand)?;
        Ok(Value::Elements(self.emit_smooth(pending, operand, smooth, node)?))
    }

    /// The function of a form; `operand` is the node whose range the form has.
    pub(super) fn emit_smooth(
        &mut self,
        mut pending: Pending,
        operand: usize,
        smooth: &Smooth<'_>,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let (lo, hi) = self.bounds(&pending.form);
        if pending.form.is_bilinear() || self.blocks(hi - lo, smooth.segment) > MOST_SEGMENTS {
            // The function is constant out there: saturating first changes nothing.
            let own = self.emit_clip(pending, smooth.active, operand, None)?;
            pending = Pending::identity(own, operand);
        }
        let fine = power_of_two(exponent(self.out.shift));
        let step = smooth.step;
        let (inner, below, above) =
            table(smooth, step / fine, self.out.low_bits).ok_or_else(|| self.wrap(node))?;
        let plan = Plan {
            q_step: smooth.segment / power_of_two(exponent(self.out.low_bits)),
            step: step / fine,
            family: Family::Smooth { inner, below, above },
            shift: 0,
        };
        let values = self.emit(&pending, &plan, node)?;
        let plan = Plan { q_step: step, step, family: Family::IDENTITY, shift: 0 };
        self.emit(&Pending::identity(values, node), &plan, node)
    }
}

/// The table over the active range, and the constants on both sides.
fn table(smooth: &Smooth<'_>, unit: f64, low_bits: u32) -> Option<(Piecewise, i64, i64)> {
    let first = integer((smooth.active.0 / smooth.segment).floor())?;
    let end = integer((smooth.active.1 / smooth.segment).ceil())?;
    let length = power_of_two(exponent(low_bits));
    let segment = |h: i64| {
        let (from, to) = (real(h) * smooth.segment, real(h + 1) * smooth.segment);
        let (f0, f1) = ((smooth.f)(from), (smooth.f)(to));
        // Half the deviation at the middle, where a function this smooth deviates most.
        let lift = ((smooth.f)(f64::midpoint(from, to)) - f64::midpoint(f0, f1)) / 2.0;
        Some((round((f1 - f0) / length / unit)?, round((f0 + lift) / unit)?))
    };
    let entries = (first..end).map(segment).collect::<Option<Vec<_>>>()?;
    let at = |x: f64| round((smooth.f)(x) / unit);
    Some((Piecewise { first, entries }, at(smooth.active.0)?, at(smooth.active.1)?))
}

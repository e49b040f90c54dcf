//! Masks that are computed: a number of zeros and ones times one so large that it stands for "left out".
//!
//! At its full size the product would leave no bits to what it is added to. Its readers tell nothing apart below some end
//! L, so it is `max(c·x, L)`: a table by the integers of x, of which few lie between zero and the end.

use super::emit::{Ends, Plan};
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::smooth::MOST_SEGMENTS;
use super::smooth_function::Smooth;
use super::value::{Pending, Value};
use crate::convert::{integer, real};
use crate::settings::Range;

/// Integers between zero and the end, at most.
const FEW: i64 = 1 << 10;
/// How far beyond what readers tell apart the end lies: what it is added to may reach beyond its calibrated range before
/// it is cut.
const BEYOND: f64 = 2.0;

impl Lowering<'_> {
    /// `scale·operand`, cut at what readers tell apart, where that is little of it; `None` for other products.
    pub(super) fn masking(
        &mut self,
        node: usize,
        operand: usize,
        scale: &[f64],
    ) -> Result<Option<Value>, QuantiseError> {
        let (need, range) = (self.need(node), self.range(operand));
        let Some((&factor, rest)) = scale.split_first() else { return Ok(None) };
        let uniform = rest.iter().all(|other| other.to_bits() == factor.to_bits());
        // What is on the other side of zero would be as large, and is not cut.
        let one_sided = if factor < 0.0 { range.lo >= 0.0 } else { range.hi <= 0.0 };
        if !uniform || !one_sided || !need.lo.is_finite() || need.lo >= 0.0 || factor == 0.0 {
            return Ok(None);
        }
        let least = BEYOND * need.lo;
        let x = self.pending(operand)?;
        let Some(unit) = unit(&x) else { return Ok(None) };
        let Some(count) = integer((least / (factor * unit)).abs().ceil()).filter(|&n| n <= FEW)
        else {
            return Ok(None);
        };
        let ends = if factor < 0.0 { (0, count) } else { (-count, 0) };
        let whole = self.is_whole(operand);
        let step = self.table_step(-least, node);
        let f = |x: f64| (factor * x).max(least);
        let smooth = Smooth {
            name: None,
            f: &f,
            active: (real(ends.0) * unit, real(ends.1) * unit),
            segment: unit,
            step,
            // A whole number is what it is; others may lie between.
            second: &|_, _| if whole { (0.0, 0.0) } else { (f64::NEG_INFINITY, f64::INFINITY) },
            lipschitz: if whole { 0.0 } else { factor.abs().min(-least / unit) },
            limits: if factor < 0.0 { (0.0, least) } else { (least, 0.0) },
            watch: Ends { below: factor < 0.0, above: factor > 0.0 },
            premise: Range { lo: range.lo, hi: range.hi },
            between: false,
            rows: MOST_SEGMENTS,
        };
        let (values, _) = self.fine_smooth(&x, &smooth, ends, node)?;
        let values = self.emit(&Pending::identity(values, node), &Plan::identity(step), node)?;
        Ok(Some(Value::Elements(values)))
    }
}

/// What all values of a form are multiples of, where it is affine in one tensor.
fn unit(pending: &Pending) -> Option<f64> {
    let (term, bias) = pending.affine()?;
    let unit = term.coefficients.first()?.abs() * term.input.step;
    let uniform = term.coefficients.iter().all(|c| c.abs() * term.input.step == unit);
    let multiples = bias.iter().all(|b| (b / unit).fract() == 0.0);
    (uniform && multiples && unit > 0.0).then_some(unit)
}

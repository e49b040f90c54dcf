//! Div: by a constant a scale; of two tensors `a · (1/b)`, b of one sign and away from zero.

use super::emit::Ends;
use super::error::QuantiseError;
use super::gather::broadcast;
use super::lowering::Lowering;
use super::smooth::{MOST_SEGMENTS, Smooth};
use super::value::{Form, Pending, Value};
use crate::convert::{exponent, power_of_two};
use crate::settings::Range;

/// Segments of the reciprocal's table over b's range.
const SEGMENTS: f64 = 4096.0;
/// Ratio of b's bounds up to which the table's relative error stays below 10^-4.
const WIDEST_RATIO: f64 = 64.0;

impl Lowering<'_> {
    pub(super) fn div(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let (a, b) = (self.operand(node, 0)?, self.operand(node, 1)?);
        if let Some(divisor) = self.broadcast_constant(b, node) {
            if divisor.contains(&0.0) {
                return Err(self.unsupported(node, "it divides by a constant zero"));
            }
            let scale: Vec<f64> = divisor.iter().map(|d| 1.0 / d).collect();
            return self.scaled(a, node, &scale, &vec![0.0; scale.len()]);
        }
        let Range { lo, hi } = self.range(b);
        let (near, far) = if lo > 0.0 { (lo, hi) } else { (hi, lo) };
        let one_sign = lo > 0.0 || hi < 0.0;
        if !one_sign || far / near > WIDEST_RATIO {
            let node = self.node(node).name.clone();
            return Err(QuantiseError::Divisor { node, lo, hi, ratio: WIDEST_RATIO });
        }
        let f = |x: f64| 1.0 / x;
        let segment = (hi - lo).max(near.abs() / SEGMENTS) / SEGMENTS;
        let step = 1.0 / near.abs() / power_of_two(exponent(self.bits(node)) - 1);
        let second = |x: f64| 2.0 / (x * x * x);
        // The first and last segment may reach beyond the range.
        let least = near.abs() - segment;
        let smooth = Smooth {
            f: &f,
            active: (lo, hi),
            segment,
            step,
            second: &second,
            third: 6.0 / least.powi(4),
            lipschitz: 1.0 / least.powi(2),
            limits: (f(lo), f(hi)),
            watch: Ends::BOTH,
            premise: self.range(b),
            rows: MOST_SEGMENTS,
        };
        let pending = self.pending(b)?;
        let reciprocal = self.emit_smooth(pending, b, &smooth, node)?;
        let index = broadcast(self.shape(b), self.shape(node));
        let reciprocal = reciprocal.gather(&index);
        if let Some(numerator) = self.broadcast_constant(a, node) {
            let mut pending = Pending::identity(reciprocal, node);
            if let Form::Combine { terms, .. } = &mut pending.form {
                terms.iter_mut().for_each(|term| term.coefficients.clone_from(&numerator));
            }
            return Ok(Value::Pending(pending));
        }
        let index = broadcast(self.shape(a), self.shape(node));
        let numerator = self.elements(a)?.gather(&index);
        let form = self.product(&numerator, &reciprocal, node)?;
        Ok(Value::Pending(Pending::of(form, node)))
    }
}

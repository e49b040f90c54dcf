//! Sqrt: an exact root of exact integers, in units fine enough for the bits of its reader.

use super::deviation::{Deviation, FLOAT_SLACK};
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::value::{Form, Pending, Value};
use crate::convert::{ceil_log2, exponent, power_of_two};
use crate::error_bound::ErrorTerms;
use crate::quant_graph::QuantOp;
use crate::settings::Range;

/// Bits that roots have at least and at most.
const ROOT_BITS: std::ops::RangeInclusive<i32> = 16..=26;

impl Lowering<'_> {
    /// Error: that of the operand through the root, and one unit of the root.
    pub(super) fn sqrt(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let x = self.operand(node, 0)?;
        let range = self.range(x);
        if range.lo < 0.0 {
            let Range { lo, hi } = range;
            let node = self.node(node).name.clone();
            return Err(QuantiseError::Negative { node, lo, hi });
        }
        let (pending, addend) = self.radicand(x)?;
        let factor = self.exact_unit(&pending.form);
        let factor = factor.ok_or_else(|| self.unsupported(node, "its operand has no integers"))?;
        // As fine as roots that need a row or two of the range's table allow.
        let (_, most) = self.bounds(&pending.form);
        let bits = exponent(self.format.shift + self.format.low_bits);
        let bits = 2 * bits.clamp(*ROOT_BITS.start(), *ROOT_BITS.end());
        let finer = bits - ceil_log2(((most + addend) / factor).max(1.0));
        let unit = factor / power_of_two(finer.max(0));
        let v = self.emit_exact(&pending, unit, node)?;
        let addend = self.integer(addend, unit, node)?;
        let operand = self.tensor(&v, None, node)?;
        let (len, step) = (v.len(), unit.sqrt());
        let id = self.push(node, vec![len], step, QuantOp::Root { operand, addend }, None)?;
        let root = |x: f64| x.max(0.0).sqrt();
        let within = Range { lo: root(range.lo), hi: root(range.hi) };
        let off = &self.deviations[operand.0];
        let (terms, variance) = root_deviation(off, unit / 2.0, range, step);
        self.deviations[id.0] = Deviation::of_values(terms, variance, self.proven(id), within);
        Ok(Value::Elements(self.all(id)))
    }

    /// A form without bias, and what is to be added to each of its values.
    fn radicand(&mut self, x: usize) -> Result<(Pending, f64), QuantiseError> {
        if let Value::Pending(pending) = self.value(x) {
            let mut pending = pending.clone();
            let bias = pending.form.bias_mut();
            let first = bias.first().copied().unwrap_or(0.0);
            if first >= 0.0 && bias.iter().all(|b| b.to_bits() == first.to_bits()) {
                bias.iter_mut().for_each(|b| *b = 0.0);
                if self.exact_unit(&pending.form).is_some() {
                    return Ok((pending, first));
                }
            }
        }
        Ok((Pending::identity(self.elements(x)?, x), 0.0))
    }
}

/// Of √v, v in `range` off by what its deviation and `rounding` say, cut to whole units of `step`: its error terms and
/// their variance.
fn root_deviation(v: &Deviation, rounding: f64, range: Range, step: f64) -> (ErrorTerms, f64) {
    let off = v.worst() + rounding;
    // |√a − √b| = |a − b|/(√a + √b), and at most √|a − b|.
    let least = range.lo.max(0.0);
    let slope = 1.0 / (least.sqrt() + (least - off).max(0.0).sqrt());
    let inherited = if slope.is_finite() { (off * slope).min(off.sqrt()) } else { off.sqrt() };
    let slack = FLOAT_SLACK * range.hi.max(0.0).sqrt();
    let terms = ErrorTerms { inherited, rounding: step + slack, ..ErrorTerms::default() };
    let typical = least.max(v.square.sqrt()).max(f64::MIN_POSITIVE);
    let variance = (v.variance + rounding * rounding / 3.0) / (4.0 * typical);
    (terms, variance + step * step / 3.0)
}

impl Form {
    /// What is added to each of its elements, or of its channels.
    fn bias_mut(&mut self) -> &mut Vec<f64> {
        match self {
            Form::Dense { bias, .. }
            | Form::MatMul { bias, .. }
            | Form::Contract { bias, .. }
            | Form::Combine { bias, .. } => bias,
            Form::Conv(conv) => &mut conv.bias,
        }
    }
}

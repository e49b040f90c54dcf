//! Log: of operands that calibration met above zero.
//!
//! One table of equal segments serves a few octaves. A wider range is cut into parts of a few octaves each, since
//!
//! ```text
//! log x = log a0 + Σ (log clip(x, a_j, a_(j+1)) − log a_j)
//! ```
//!
//! each with segments of its own: all but one of the summands are constant.

use super::emit::Ends;
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::smooth_function::Smooth;
use super::value::{Form, Pending, Term, Value};
use crate::settings::Range;
use provenn_onnx_ir::functions;

/// Ratio of a part's ends, at most.
const PART: f64 = 16.0;
/// Parts, at most.
const MOST_PARTS: i32 = 8;

impl Lowering<'_> {
    /// Error: three quarters of a unit of the result, and a unit in 2^t of a segment, for each part.
    pub(super) fn log(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let operand = self.operand(node, 0)?;
        let (seen, result) = (self.range(operand), self.range(node));
        // Operand and result have a margin each: the nearer ends are those of both.
        let hi = seen.hi.min(functions::exp(result.hi)).max(seen.lo);
        let lo = seen.lo.max(functions::exp(result.lo)).min(hi);
        let Some(ends) = parts(seen.lo.min(lo), lo, hi) else {
            let name = self.node(node).name.clone();
            return Err(QuantiseError::Logarithm { node: name, lo: seen.lo, hi: seen.hi });
        };
        let magnitude = functions::log(lo).abs().max(functions::log(hi).abs());
        let step = self.table_step(magnitude.max(1.0 / 4096.0), node);
        let pending = match ends.as_slice() {
            [_, _] => self.pending(operand)?,
            _ => Pending::identity(self.elements(operand)?, operand),
        };
        let mut terms = vec![];
        for (at, pair) in ends.windows(2).enumerate() {
            let &[from, to] = pair else { continue };
            let width = (to - from).max(from / 4096.0);
            // The first and last segment may reach beyond the part, but none as far as zero.
            let segment = self.segment(step, 1.0 / (from * from), 1.0 / from, width);
            let segment = segment.min(from / 4.0);
            let least = from - segment;
            let smooth = Smooth {
                f: &functions::log,
                active: (from, to),
                segment,
                step,
                second: &|x: f64| -1.0 / (x * x),
                third: 2.0 / least.powi(3),
                lipschitz: 1.0 / least,
                limits: (functions::log(from), functions::log(to)),
                watch: Ends { below: at == 0, above: at + 2 == ends.len() },
                premise: Range { lo: from, hi: to },
                rows: self.rows(width, segment, node),
            };
            let input = self.emit_smooth(pending.clone(), operand, &smooth, node)?;
            let coefficients = vec![1.0; input.len()];
            terms.push(Term { input, coefficients });
        }
        // Every part but the last starts where the one before it ends, whose value is counted twice.
        let inner = ends.iter().skip(1).rev().skip(1);
        let counted: f64 = inner.map(|&end| functions::log(end)).sum();
        Ok(match <[Term; 1]>::try_from(terms) {
            Ok([only]) => Value::Elements(only.input),
            Err(terms) => {
                let len = terms.first().map_or(0, |term| term.input.len());
                let form = Form::Combine { terms, bias: vec![-counted; len] };
                Value::Pending(Pending::of(form, node))
            }
        })
    }
}

/// The ends of parts of equal ratios; `None` for operands that may not be positive, and for too many octaves.
fn parts(least: f64, lo: f64, hi: f64) -> Option<Vec<f64>> {
    let enough = |count: &i32| lo * PART.powi(*count) >= hi;
    let count = (1..=MOST_PARTS).find(enough).filter(|_| least > 0.0)?;
    let ratio = (hi / lo).powf(1.0 / f64::from(count));
    let inner = (1..count).map(|at| lo * ratio.powi(at));
    Some(std::iter::once(lo).chain(inner).chain([hi]).collect())
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn parts_have_equal_ratios_and_meet() {
        assert_eq!(parts(0.5, 0.5, 8.0), Some(vec![0.5, 8.0]));
        let ends = parts(1.0, 1.0, 1000.0).unwrap_or_default();
        assert_eq!(ends.len(), 4);
        assert!(ends.windows(2).all(|pair| (pair[1] / pair[0] - 10.0).abs() < 1e-9));
        assert_eq!(parts(0.0, 1.0, 8.0), None);
        assert_eq!(parts(1e-9, 1e-9, 1e9), None);
    }
}

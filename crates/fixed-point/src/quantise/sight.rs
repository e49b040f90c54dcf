//! Values that lie beyond what their readers tell apart.

use super::ideal::ANY;
use super::lowering::Lowering;
use super::value::{Elements, Form};
use crate::convert::integer;
use crate::quant_graph::{Interval, Watch, Watched};
use crate::settings::Range;

impl Lowering<'_> {
    /// What the readers of a node tell apart.
    pub(super) fn need(&self, node: usize) -> Range {
        self.needs[node]
    }

    /// Elements of a sum that lie beyond `need` whatever its operands are become its ends.
    pub(super) fn within_sight(&self, form: &mut Form, need: Range) {
        let Form::Combine { terms, bias } = form else { return };
        let intervals: Vec<_> =
            terms.iter().map(|term| self.elements_interval(&term.input)).collect();
        for (i, bias) in bias.iter_mut().enumerate() {
            let (mut lo, mut hi) = (*bias, *bias);
            for (term, x) in terms.iter().zip(&intervals) {
                let (a, b) = (term.coefficients[i] * x.0, term.coefficients[i] * x.1);
                (lo, hi) = (lo + a.min(b), hi + a.max(b));
            }
            let end = if hi <= need.lo {
                need.lo
            } else if lo >= need.hi {
                need.hi
            } else {
                continue;
            };
            *bias = end;
            terms.iter_mut().for_each(|term| term.coefficients[i] = 0.0);
        }
    }

    /// Has a maximum or minimum watched whose operand is cut at what it needs: a result there is one that
    /// calibration never met, and nothing is known of it but that.
    pub(super) fn watch_extremum(&mut self, operand: usize, result: &Elements) {
        let need = self.need(operand);
        let end = |x: f64, by: i64| Some(integer((x / result.step).round())? + by);
        let lo = if need.lo == ANY.lo { None } else { end(need.lo, 1) };
        let hi = if need.hi == ANY.hi { None } else { end(need.hi, -1) };
        if lo.is_none() && hi.is_none() {
            return;
        }
        let range = Interval { lo: lo.unwrap_or(i64::MIN), hi: hi.unwrap_or(i64::MAX) };
        for &tensor in &result.sources {
            let (what, unit) = (Watched::Value, result.step);
            self.out.watches.push(Watch { tensor, what, range, unit });
        }
    }
}

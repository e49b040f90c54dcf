//! The distance of a rescaled tensor from its float value: the form's, rounded, through the function.

use super::deviation::Deviation;
use super::emit::Plan;
use super::ideal::Ideal;
use super::lowering::Lowering;
use super::value::Form;
use crate::convert::{exponent, power_of_two};
use crate::error_bound::ErrorTerms;
use crate::quant_graph::Linear;
use crate::settings::Range;

/// A rescale's deviation, before its interval is known.
pub(super) struct Rescaled {
    terms: ErrorTerms,
    variance: f64,
    range: Range,
}

impl Rescaled {
    /// With the proven real interval of the result.
    pub(super) fn within(self, proven: (f64, f64)) -> Deviation {
        Deviation::of_values(self.terms, self.variance, proven, self.range)
    }
}

impl Lowering<'_> {
    /// The deviation of a form under a plan; `bias` in integers, without the plan's shift.
    pub(super) fn rescale_deviation(
        &self,
        form: &Form,
        (linear, bias): (&Linear, &[i64]),
        plan: &Plan,
    ) -> Rescaled {
        let unit = plan.q_step / power_of_two(exponent(self.format.shift));
        let off = self.form_deviation(form, linear, bias, unit);
        if matches!(plan.ideal, Ideal::Floor) {
            return floored(off.terms, off.variance);
        }
        if matches!(plan.ideal, Ideal::Step) {
            return stepped(off.variance, self.bounds(form));
        }
        let (mut terms, mut variance) = (off.terms, off.variance);
        if !drops_nothing(linear, bias, self.format.shift) {
            terms.rounding = plan.q_step / 2.0;
            variance += plan.q_step * plan.q_step / 12.0;
        }
        // No element's form of float values differs from that of the integers by more than this.
        let reach = off.terms.total();
        let (lo, hi) = self.bounds(form);
        let effect = plan.effect((lo - reach, hi + reach), self.format.low_bits);
        let terms = terms.through(effect.lipschitz);
        let terms = ErrorTerms { function: effect.adds(terms.total()), ..terms };
        let (slope, interpolation) = match plan.ideal {
            // An error that is nowhere larger than this, and of both signs.
            Ideal::Smooth { error, typical, .. } => (typical, error * error / 3.0),
            Ideal::Clip { .. }
            | Ideal::Abs { .. }
            | Ideal::Floor
            | Ideal::Step
            | Ideal::Leaky { .. } => (effect.lipschitz, 0.0),
        };
        let variance = variance * slope * slope + interpolation;
        Rescaled { terms, variance, range: effect.range }
    }
}

/// A floor moves by whole units, at most by the operand's error rounded up.
fn floored(terms: ErrorTerms, variance: f64) -> Rescaled {
    let inherited = terms.total().ceil();
    let terms = ErrorTerms { inherited, ..ErrorTerms::default() };
    // Of operands spread evenly over the units, as many cross one as they are off on average.
    let variance = variance + (variance * 2.0 / std::f64::consts::PI).sqrt();
    Rescaled { terms, variance, range: super::ideal::ANY }
}

/// A truth value is right or wrong; of operands spread evenly, as many are wrong as are off by more than they are.
fn stepped(variance: f64, (lo, hi): (f64, f64)) -> Rescaled {
    let terms = ErrorTerms { function: 1.0, ..ErrorTerms::default() };
    let wrong = 2.0 * variance.sqrt() / (hi - lo).max(f64::MIN_POSITIVE);
    Rescaled { terms, variance: wrong.min(1.0), range: Range { lo: 0.0, hi: 1.0 } }
}

/// Whether the bits that a rescale drops are always zero, so that it rounds nothing.
fn drops_nothing(linear: &Linear, bias: &[i64], shift: u32) -> bool {
    linear.is_multiple_of(shift) && bias.iter().all(|x| x.trailing_zeros() >= shift)
}

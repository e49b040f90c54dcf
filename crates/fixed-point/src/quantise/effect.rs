//! The distance between a plan's table and the real function that it stands for.

use super::emit::Plan;
use super::family::Family;
use super::ideal::{ANY, Ideal};
use crate::convert::{exponent, power_of_two, real};
use crate::settings::Range;

/// What a table does to the error of its operand.
pub(super) struct Effect {
    /// The operand's error is multiplied by this.
    pub(super) lipschitz: f64,
    /// Distance between table and function.
    pub(super) error: f64,
    /// Distance between the ends of two projections, infinite for other functions.
    pub(super) ends: f64,
    /// Where the premise puts the result.
    pub(super) range: Range,
}

impl Effect {
    /// A function whose table's distance is added, of any result.
    fn added(lipschitz: f64, error: f64) -> Self {
        Effect { lipschitz, error, ends: f64::INFINITY, range: ANY }
    }

    /// What the function adds to an error of `operand`, its Lipschitz constant included.
    ///
    /// `max(a, min(b, x))` moves no farther than the one of a, b and x that moves farthest: projections that differ
    /// in their ends add nothing to errors larger than that.
    pub(super) fn adds(&self, operand: f64) -> f64 {
        self.error.min((self.ends - operand).max(0.0))
    }
}

impl Plan {
    /// The effect of the plan's table in place of its ideal, on forms whose real value lies in `form`.
    pub(super) fn effect(&self, form: (f64, f64), low_bits: u32) -> Effect {
        let high = |h: i64| real(h) * power_of_two(exponent(low_bits)) * self.q_step;
        match self.ideal {
            Ideal::Clip { lo, hi, range } => {
                let table = self.clamp_ends(low_bits);
                // Where operands can lie whose projection lies in the range; nowhere means that they tell nothing.
                let meets = lo <= range.hi && range.lo <= hi;
                let from = if meets && lo < range.lo { range.lo } else { f64::NEG_INFINITY };
                let to = if meets && hi > range.hi { range.hi } else { f64::INFINITY };
                let (from, to) = (from.max(form.0), to.min(form.1));
                let difference = |z: f64| (z.max(table.0).min(table.1) - z.max(lo).min(hi)).abs();
                let kinks = [table.0, table.1, lo, hi];
                let error = largest(difference, &kinks, (from, to));
                // An end that no operand reaches may lie anywhere beyond them.
                let below = if lo > from { lo } else { from.min(table.0) };
                let above = if hi < to { hi } else { to.max(table.1) };
                let apart = |a: f64, b: f64| if a == b { 0.0 } else { (a - b).abs() };
                let ends = apart(table.0, below).max(apart(table.1, above));
                Effect { lipschitz: 1.0, error, ends, range: if meets { range } else { ANY } }
            }
            Ideal::Abs { range } => {
                let top = match self.family {
                    Family::Abs { hi } => high(hi),
                    _ => f64::INFINITY,
                };
                let error = (range.hi - top).max(0.0);
                // min(|x|, top): a projection's argument holds for its upper end.
                Effect { lipschitz: 1.0, error, ends: error, range }
            }
            Ideal::Step => Effect::added(0.0, 1.0),
            Ideal::Floor => Effect::added(1.0, 0.0),
            Ideal::Leaky { alpha, range } => {
                let Family::Leaky { below, above, hi } = self.family else {
                    return Effect::added(1.0, f64::INFINITY);
                };
                let slopes = [below, above].map(|slope| real(slope) * self.step / self.q_step);
                let difference = |z: f64| {
                    let clamped = z.clamp(-high(hi), high(hi));
                    let (table, wanted) =
                        if z < 0.0 { (slopes[0], alpha) } else { (slopes[1], 1.0) };
                    (clamped * table - z * wanted).abs()
                };
                let operand = (range.lo.max(form.0), range.hi.min(form.1));
                let error = largest(difference, &[-high(hi), 0.0, high(hi)], operand);
                let lipschitz = slopes[0].abs().max(slopes[1].abs());
                Effect::added(lipschitz, error)
            }
            Ideal::Smooth { lipschitz, error, .. } => Effect::added(lipschitz, error),
        }
    }

    /// The real ends of a `Clamp`: its table is the projection on the integers between them.
    pub(super) fn clamp_ends(&self, low_bits: u32) -> (f64, f64) {
        match self.family {
            Family::Clamp { lo, hi, offset } => (
                lo.map_or(f64::NEG_INFINITY, |lo| real((lo << low_bits) + offset) * self.q_step),
                hi.map_or(f64::INFINITY, |(_, value)| real(value) * self.q_step),
            ),
            _ => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }
}

/// The largest value of a piecewise linear, continuous function with these kinks over an interval.
fn largest(f: impl Fn(f64) -> f64, kinks: &[f64], (a, b): (f64, f64)) -> f64 {
    let (lo, hi) = (a.min(b), a.max(b));
    let at = kinks.iter().map(|&z| z.clamp(lo, hi)).chain([lo, hi]);
    at.filter(|z| z.is_finite()).map(f).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantise::emit::Ends;

    fn plan(family: Family, ideal: Ideal) -> Plan {
        Plan { q_step: 0.5, step: 0.5, family, shift: 0, ideal, watch: Ends::NONE }
    }

    #[test]
    fn a_clamp_is_compared_over_what_the_premise_allows() {
        let family = Family::Clamp { lo: Some(-2), hi: Some((2, 7)), offset: 0 };
        let ideal = |lo, hi| Ideal::Clip {
            lo: f64::NEG_INFINITY,
            hi: f64::INFINITY,
            range: Range { lo, hi },
        };
        let error = |lo, hi| plan(family.clone(), ideal(lo, hi)).effect((-100.0, 100.0), 2).error;
        // The table holds -4.0 to 3.5.
        assert!(error(-4.0, 3.5).abs() < 1e-12);
        assert!((error(-4.0, 4.0) - 0.5).abs() < 1e-12);
        assert!((error(-5.0, 4.0) - 1.0).abs() < 1e-12);
        // The form's own interval is what is left without a premise.
        assert!(
            (plan(family.clone(), Ideal::IDENTITY).effect((-4.25, 3.0), 2).error - 0.25).abs()
                < 1e-12
        );
        assert!(plan(Family::RELU, Ideal::RELU).effect((-9.0, 9.0), 2).error.abs() < 1e-12);
    }

    #[test]
    fn kinks_between_units_count() {
        let family = Family::Clamp { lo: Some(-1), hi: Some((1, 5)), offset: 1 };
        let ideal = Ideal::Clip { lo: -1.6, hi: 2.5, range: ANY };
        // The table's lower end is (-4 + 1)/2.
        assert!((plan(family, ideal).effect((-9.0, 9.0), 2).error - 0.1).abs() < 1e-12);
    }
}

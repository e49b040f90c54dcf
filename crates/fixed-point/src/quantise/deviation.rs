//! What is known of a tensor's distance from its float value.

use crate::error_bound::ErrorTerms;
use crate::settings::Range;

/// Covers the `f64` arithmetic of folding and of the bounds themselves, relative to the magnitudes involved:
/// 8192 roundings of 2^-53.
pub(super) const FLOAT_SLACK: f64 = 1.0 / 1_099_511_627_776.0; // 2^-40

/// Root-mean-square of an activation, relative to its largest magnitude: part of the estimate, not of the bound.
const TYPICAL: f64 = 0.25;

/// A tensor's distance from its float value, in real units.
#[derive(Clone, Debug, Default)]
pub(super) struct Deviation {
    /// The largest, by cause.
    pub(super) terms: ErrorTerms,
    /// Mean square over the elements, estimated.
    pub(super) variance: f64,
    /// Holds the float value of every element under the premise of the bounds.
    pub(super) exact: (f64, f64),
    /// Holds `step · integer` of every element under the premise of the bounds.
    pub(super) values: (f64, f64),
    /// Mean square of the values, estimated.
    pub(super) square: f64,
    /// Whether values are cut to what readers tell apart.
    pub(super) cut: bool,
}

impl Deviation {
    pub(super) fn worst(&self) -> f64 {
        self.terms.total()
    }

    /// Largest magnitude of the float value.
    pub(super) fn magnitude(&self) -> f64 {
        self.exact.0.abs().max(self.exact.1.abs())
    }

    /// Of integers that stand for the float values of either.
    pub(super) fn or(self, other: &Deviation) -> Self {
        let exact = hull(self.exact, other.exact);
        let farther = if self.worst() >= other.worst() { self } else { other.clone() };
        Deviation { exact, ..farther }
    }

    /// Of a tensor whose float values lie in `range`, and whose integers lie in `proven`.
    pub(super) fn of_values(
        terms: ErrorTerms,
        variance: f64,
        proven: (f64, f64),
        range: Range,
    ) -> Self {
        let worst = terms.total();
        let wider = |(lo, hi): (f64, f64)| (lo - worst, hi + worst);
        let values = meet(proven, wider((range.lo, range.hi)));
        let exact = meet(wider(proven), (range.lo, range.hi));
        let square = (values.0.abs().max(values.1.abs()) * TYPICAL).powi(2);
        Deviation { terms, variance, exact, values, square, cut: false }
    }
}

/// What two intervals share; the first where settings contradict each other, since what is proven holds anyway.
pub(super) fn meet(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let (lo, hi) = (a.0.max(b.0), a.1.min(b.1));
    if lo <= hi { (lo, hi) } else { a }
}

/// The smallest interval that holds both.
pub(super) fn hull(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0.min(b.0), a.1.max(b.1))
}

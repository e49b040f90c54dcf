//! Families of functions: a table for any range of h, so that nodes can share one.

use crate::convert::count;
use crate::quant_graph::{Interval, Piecewise};
use std::sync::Arc;

/// A function of `q = h·2^t + l` on all integers.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Family {
    /// `q + offset`, constant below high `lo` and from high `hi` on.
    Clamp {
        /// First high of the linear part.
        lo: Option<i64>,
        /// First high beyond the linear part, and the value from there on.
        hi: Option<(i64, i64)>,
        /// Added to q; lets kinks lie between multiples of 2^t.
        offset: i64,
    },
    /// `|q|`, at most `hi·2^t`.
    Abs {
        /// First high beyond the linear part.
        hi: i64,
    },
    /// 1 from zero on, 0 below.
    Step,
    /// `max(h, 0)`: the floor of a non-negative number whose step is 2^-t.
    Floor,
    /// `min(max(h, lo), hi) + plus`: the floor of a number whose step is 2^-t.
    Stairs {
        /// The least h that counts.
        lo: i64,
        /// The greatest.
        hi: i64,
        /// Added.
        plus: i64,
    },
    /// `(below, above)` slopes for negative and other q, constant beyond ±`hi` highs.
    Leaky {
        /// Slope for negative q.
        below: i64,
        /// Slope for other q.
        above: i64,
        /// First high beyond the linear part.
        hi: i64,
    },
    /// A table, constant on both sides of it.
    Smooth {
        /// The table.
        inner: Piecewise,
        /// Value below the table.
        below: i64,
        /// Value above the table.
        above: i64,
    },
}

impl Family {
    /// `max(q, 0)`.
    pub(super) const RELU: Family = Family::Clamp { lo: Some(0), hi: None, offset: 0 };
    /// `q`.
    pub(super) const IDENTITY: Family = Family::Clamp { lo: None, hi: None, offset: 0 };

    /// Slope and base at `h`; `None` beyond `i64`.
    pub(super) fn entry(&self, h: i64, low_bits: u32) -> Option<(i64, i64)> {
        let start = |h: i64| h.checked_mul(1 << low_bits);
        match self {
            Family::Clamp { lo, hi, offset } => match (lo, hi) {
                (Some(lo), _) if h < *lo => Some((0, start(*lo)?.checked_add(*offset)?)),
                (_, Some((hi, value))) if h >= *hi => Some((0, *value)),
                _ => Some((1, start(h)?.checked_add(*offset)?)),
            },
            Family::Abs { hi } if h >= *hi || h < -hi => Some((0, start(*hi)?)),
            Family::Abs { .. } if h < 0 => Some((-1, start(h)?.checked_neg()?)),
            Family::Abs { .. } => Some((1, start(h)?)),
            Family::Step => Some((0, i64::from(h >= 0))),
            Family::Floor => Some((0, h.max(0))),
            Family::Stairs { lo, hi, plus } => Some((0, h.max(*lo).min(*hi) + plus)),
            Family::Leaky { below, hi, .. } if h < -hi => {
                Some((0, start(-hi)?.checked_mul(*below)?))
            }
            Family::Leaky { above, hi, .. } if h >= *hi => {
                Some((0, start(*hi)?.checked_mul(*above)?))
            }
            Family::Leaky { below, .. } if h < 0 => Some((*below, start(h)?.checked_mul(*below)?)),
            Family::Leaky { above, .. } => Some((*above, start(h)?.checked_mul(*above)?)),
            Family::Smooth { inner, below, .. } if h < inner.first => Some((0, *below)),
            Family::Smooth { inner, above, .. } => Some(inner.entry(h).unwrap_or((0, *above))),
        }
    }

    /// The q between the family's constant ends; an end that it does not have is that of `i64`.
    pub(super) fn linear_part(&self, low_bits: u32) -> Interval {
        let start = |h: i64| h.saturating_mul(1 << low_bits);
        let until = |h: i64| start(h).saturating_sub(1);
        match self {
            // The q whose own value is the constant beyond is cut nowhere: zero, of differences from a maximum.
            Family::Clamp { lo, hi, offset } => Interval {
                lo: lo.map_or(i64::MIN, start),
                hi: hi.map_or(i64::MAX, |(_, value)| value.saturating_sub(*offset)),
            },
            Family::Abs { hi } | Family::Leaky { hi, .. } => {
                Interval { lo: start(-hi), hi: until(*hi) }
            }
            Family::Step | Family::Stairs { .. } => Interval { lo: i64::MIN, hi: i64::MAX },
            Family::Floor => Interval { lo: 0, hi: i64::MAX },
            Family::Smooth { inner, .. } => {
                let end = inner.first.saturating_add(count(inner.entries.len()));
                // At its very end the constant beyond is the function's own value.
                Interval { lo: start(inner.first), hi: start(end) }
            }
        }
    }

    /// The table for highs in `highs`; `None` beyond `i64`.
    pub(super) fn table(&self, highs: Interval, low_bits: u32) -> Option<Piecewise> {
        let entries =
            (highs.lo..=highs.hi).map(|h| self.entry(h, low_bits)).collect::<Option<Arc<[_]>>>()?;
        Some(Piecewise { first: highs.lo, entries })
    }
}

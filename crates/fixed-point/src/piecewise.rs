//! Functions by table: evaluation, coverage and range.

use crate::convert::count;
use crate::quant_graph::{Interval, Piecewise};

impl Piecewise {
    /// `(h, l)` with `q = h·2^t + l`, `0 ≤ l < 2^t`; `t` is below 63.
    #[must_use]
    pub fn split(q: i64, low_bits: u32) -> (i64, i64) {
        (q >> low_bits, q & ((1 << low_bits) - 1))
    }

    /// Slope and base at `h`, if the table holds it.
    #[must_use]
    pub fn entry(&self, h: i64) -> Option<(i64, i64)> {
        let at = usize::try_from(h.checked_sub(self.first)?).ok()?;
        self.entries.get(at).copied()
    }

    /// `f(q)`; `None` outside the table or beyond `i64`.
    #[must_use]
    pub fn eval(&self, q: i64, low_bits: u32) -> Option<i64> {
        let (h, l) = Self::split(q, low_bits);
        let (slope, base) = self.entry(h)?;
        slope.checked_mul(l)?.checked_add(base)
    }

    /// The range of h that the table holds; `None` for an empty table.
    #[must_use]
    pub fn highs(&self) -> Option<Interval> {
        let last = count(self.entries.len().checked_sub(1)?);
        Some(Interval { lo: self.first, hi: self.first.checked_add(last)? })
    }

    /// The range of h that a table for `q` must hold.
    #[must_use]
    pub fn highs_of(q: Interval, low_bits: u32) -> Interval {
        Interval { lo: q.lo >> low_bits, hi: q.hi >> low_bits }
    }

    /// The exact range of `f` over `q`; `None` where the table does not cover `q` or a value exceeds `i64`.
    #[must_use]
    pub fn range(&self, q: Interval, low_bits: u32) -> Option<Interval> {
        let highs = Self::highs_of(q, low_bits);
        let last = (1_i64 << low_bits) - 1;
        if !self.highs()?.covers(&highs) || q.lo > q.hi {
            return None;
        }
        let mut range: Option<Interval> = None;
        for h in highs.lo..=highs.hi {
            let (slope, base) = self.entry(h)?;
            // A segment is linear: its extremes are at the ends that q can reach.
            let from = if h == highs.lo { Self::split(q.lo, low_bits).1 } else { 0 };
            let to = if h == highs.hi { Self::split(q.hi, low_bits).1 } else { last };
            for l in [from, to] {
                let value = Interval::point(slope.checked_mul(l)?.checked_add(base)?);
                range = Some(range.map_or(value, |r| r.hull(value)));
            }
        }
        range
    }

    /// Whether the table is `max(q, 0)` wherever it is defined.
    #[must_use]
    pub fn is_relu(&self, low_bits: u32) -> bool {
        (self.first..).zip(&*self.entries).all(|(h, &entry)| {
            if h < 0 {
                entry == (0, 0)
            } else {
                h.checked_mul(1 << low_bits).is_some_and(|base| entry == (1, base))
            }
        })
    }
}

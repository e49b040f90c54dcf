//! Rescaling and a table: `x = f(q)`, `q = ⌊y/2^S + 1/2⌋`.

use crate::forgery::Parts;
use provenn_fixed_point::{Interval, Piecewise, QuantGraph, QuantOp, TensorId};

/// The function of a tensor's accumulators.
#[derive(Clone, Copy, Debug)]
pub struct Function<'g> {
    /// S.
    pub shift: u32,
    /// t.
    pub low_bits: u32,
    /// What accumulators, bias included, are proven to lie in.
    pub accumulator: Interval,
    table: &'g Piecewise,
}

impl<'g> Function<'g> {
    /// That of a tensor, if it has one.
    #[must_use]
    pub fn of(graph: &'g QuantGraph, id: TensorId) -> Option<Self> {
        let QuantOp::Rescale { format, function, accumulator, .. } = &graph.tensors[id.0].op else {
            return None;
        };
        let format = graph.formats[format.0];
        let (shift, low_bits) = (format.shift, format.low_bits);
        Some(Function { shift, low_bits, accumulator: *accumulator, table: function })
    }

    /// `y + 2^(S−1)` in parts: high counted from the table's first entry on, low, and what is dropped.
    #[must_use]
    pub fn split(&self, y: i128) -> [i128; 3] {
        let (dropped, step) = (1_i128 << self.shift, 1_i128 << self.low_bits);
        let sum = if self.shift == 0 { y } else { y + dropped / 2 };
        let (q, remainder) = (sum.div_euclid(dropped), sum.rem_euclid(dropped));
        [q.div_euclid(step) - i128::from(self.table.first), q.rem_euclid(step), remainder]
    }

    /// Slope and base where high is this.
    #[must_use]
    pub fn entry(&self, high: i128) -> Option<(i64, i64)> {
        self.table.entries.get(usize::try_from(high).ok()?).copied()
    }

    /// f, where the table has it.
    #[must_use]
    pub fn at(&self, y: i128) -> Option<i64> {
        let [high, low, _] = self.split(y);
        let (slope, base) = self.entry(high)?;
        i64::try_from(i128::from(slope) * low + i128::from(base)).ok()
    }

    /// The cells of an accumulator with an output that may be no table's.
    #[must_use]
    pub fn claim(&self, y: i128, output: i64) -> Parts {
        let [high, low, remainder] =
            self.split(y).map(|part| i64::try_from(part).expect("an accumulator of 64 bits"));
        Parts { high, low, remainder, slope: 0, base: output }
    }
}

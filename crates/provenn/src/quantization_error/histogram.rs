//! How often errors are how large.

use serde::Serialize;

/// Counts of values in bins of equal width on a logarithmic scale.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Histogram {
    /// Values that are exactly zero, which a logarithmic scale has no place for.
    pub zeros: usize,
    /// Edges of the bins: one more than there are counts.
    pub edges: Vec<f64>,
    /// Values per bin; the upper edge belongs to the last bin alone.
    pub counts: Vec<usize>,
}

/// Bins between the smallest and the largest value.
const BINS: usize = 20;

impl Histogram {
    /// Bins for values that are not negative.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let positive = || values.iter().copied().filter(|&v| v > 0.0);
        let zeros = values.len() - positive().count();
        let (lo, hi) =
            positive().fold((f64::INFINITY, 0.0_f64), |(lo, hi), v| (lo.min(v), hi.max(v)));
        if lo > hi {
            return Histogram { zeros, ..Self::default() };
        }
        // A single value gets a bin around it.
        let (from, to) = if lo < hi { (lo.ln(), hi.ln()) } else { (lo.ln() - 0.5, lo.ln() + 0.5) };
        #[allow(clippy::cast_precision_loss)] // at most BINS
        let edge = |i: usize| (from + (to - from) * i as f64 / BINS as f64).exp();
        let edges: Vec<f64> = (0..=BINS).map(edge).collect();
        let mut counts = vec![0; BINS];
        for value in positive() {
            let bin = edges.partition_point(|&edge| edge <= value).saturating_sub(1);
            counts[bin.min(BINS - 1)] += 1;
        }
        Histogram { zeros, edges, counts }
    }
}

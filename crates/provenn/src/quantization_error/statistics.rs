//! Order statistics, as NumPy defines them.

use serde::Serialize;

/// Summary of a sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Statistics {
    /// Arithmetic mean.
    pub mean: f64,
    /// 50th percentile.
    pub median: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest value.
    pub max: f64,
}

impl Statistics {
    /// Summary of `values` in any order; zeros for none.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let Some(&max) = values.last() else { return Self::default() };
        Statistics {
            mean: mean(&values),
            median: percentile(&values, 0.5),
            p99: percentile(&values, 0.99),
            max,
        }
    }
}

/// Σ values / count; zero for none.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    #[allow(clippy::cast_precision_loss)] // a count
    let count = values.len().max(1) as f64;
    values.iter().sum::<f64>() / count
}

/// The value at rank `share·(n−1)` of sorted values, linear between neighbours (NumPy's default, type 7 of
/// Hyndman and Fan 1996); zero for none.
#[must_use]
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    #[allow(clippy::cast_precision_loss)] // a count
    let rank = share.clamp(0.0, 1.0) * last as f64;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and last
    let below = (rank.floor() as usize).min(last);
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * rank.fract()
}

//! Sums, and sums with biases.

use crate::interval::Wide;
use crate::quant_graph::Interval;

/// Sums as 64-bit integers; `None` where one does not fit.
pub(super) fn narrow(wide: Vec<i128>) -> Option<Vec<i64>> {
    wide.into_iter().map(|y| i64::try_from(y).ok()).collect()
}

/// Σ of products of pairs of whatever magnitude; `None` beyond `i128`.
pub(super) fn wide_dot<'a>(pairs: impl Iterator<Item = (&'a i64, &'a i64)>) -> Option<i128> {
    let mut sum = 0_i128;
    for (w, x) in pairs {
        sum = sum.checked_add(i128::from(*w) * i128::from(*x))?;
    }
    Some(sum)
}

/// `y` with the bias of element `at` of `len`: one per element or per channel, or none.
pub(super) fn with_bias(y: Wide, bias: &[i64], at: usize, len: usize) -> Option<Wide> {
    let per_channel = len.checked_div(bias.len()).unwrap_or(1).max(1);
    y.plus(Interval::point(bias.get(at / per_channel).copied().unwrap_or(0)).into())
}

/// The same `y` everywhere, each bias in turn.
pub(super) fn spread(y: Wide, bias: &[i64]) -> Option<Wide> {
    let biases = bias.iter().map(|&bias| y.plus(Interval::point(bias).into()));
    let all: Option<Vec<Wide>> = biases.collect();
    Some(all?.into_iter().reduce(Wide::hull).unwrap_or(y))
}

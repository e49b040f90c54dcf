//! Values are `f32`, what sums them is `f64`.

/// Rounds a sum, or a constant that operands are compared with, to the precision in which values are stored.
#[expect(clippy::cast_possible_truncation, reason = "the reference stores f32 by definition")]
pub(crate) fn store(value: f64) -> f32 {
    value as f32
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "no tensor has 2^53 elements")]
pub(crate) fn count(value: usize) -> f64 {
    value as f64
}

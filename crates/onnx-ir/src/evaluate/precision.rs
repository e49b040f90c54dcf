//! Values are `f32`, what sums them is `f64`.

/// Rounds an accumulator to the stored precision.
#[expect(clippy::cast_possible_truncation, reason = "the reference stores f32 by definition")]
pub(super) fn store(value: f64) -> f32 {
    value as f32
}

/// A count as a divisor.
#[expect(clippy::cast_precision_loss, reason = "no tensor has 2^53 elements")]
pub(super) fn count(value: usize) -> f64 {
    value as f64
}

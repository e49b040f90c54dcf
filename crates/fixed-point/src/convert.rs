//! Conversions between number types: every cast of this crate, each with its check.

/// The nearest float; exact up to 2^53.
#[allow(clippy::cast_precision_loss)] // the nearest float is what is asked for
pub(crate) fn real(x: i64) -> f64 {
    x as f64
}

/// The nearest float of a count.
#[allow(clippy::cast_precision_loss)] // the nearest float is what is asked for
pub(crate) fn real_count(x: usize) -> f64 {
    x as f64
}

/// An integer of at most 2^53 in magnitude as a float, and back: exact.
#[allow(clippy::cast_precision_loss)] // none, as said
pub(crate) fn float(x: i64) -> f64 {
    x as f64
}

/// What [`float`] made, and sums and products of it that are as small.
#[allow(clippy::cast_possible_truncation)] // none, as said
pub(crate) fn integer_of(x: f64) -> i64 {
    x as i64
}

/// The nearest `f32`, which may be infinite.
#[allow(clippy::cast_possible_truncation)] // the nearest float is what is asked for
pub(crate) fn single(x: f64) -> f32 {
    x as f32
}

/// An integral float as an integer; `None` for NaN and outside ±2^62.
#[allow(clippy::cast_possible_truncation)] // checked: integral floats below 2^62 convert exactly
pub(crate) fn integer(x: f64) -> Option<i64> {
    (x.abs() < LIMIT && x.fract() == 0.0).then_some(x as i64)
}

/// A float without its fraction; `None` for NaN and outside ±2^62.
#[allow(clippy::cast_possible_truncation)] // checked: whole parts below 2^62 convert exactly
pub(crate) fn truncated(x: f64) -> Option<i64> {
    (x.abs() < LIMIT).then_some(x as i64)
}

/// 2^62.
const LIMIT: f64 = 4_611_686_018_427_387_904.0;

/// A flat index as a view's source stores it.
pub(crate) fn index32(x: usize) -> Option<u32> {
    u32::try_from(x).ok()
}

/// A view's index as a flat index.
pub(crate) fn index(x: u32) -> usize {
    usize::try_from(x).unwrap_or(usize::MAX)
}

/// A count as an integer; counts of elements in memory always fit.
pub(crate) fn count(x: usize) -> i64 {
    i64::try_from(x).unwrap_or(i64::MAX)
}

/// 2^exponent as a float.
pub(crate) fn power_of_two(exponent: i32) -> f64 {
    2.0_f64.powi(exponent)
}

/// A shift as a float exponent.
pub(crate) fn exponent(bits: u32) -> i32 {
    i32::try_from(bits).unwrap_or(i32::MAX)
}

/// Smallest e with 2^e >= x, for positive x; clamped to ±1000.
pub(crate) fn ceil_log2(x: f64) -> i32 {
    let mut e = integer(x.log2().clamp(-1000.0, 1000.0).ceil())
        .and_then(|e| i32::try_from(e).ok())
        .unwrap_or(0);
    // log2 is not exact: settle by comparison.
    while e > -1000 && power_of_two(e - 1) >= x {
        e -= 1;
    }
    while e < 1000 && power_of_two(e) < x {
        e += 1;
    }
    e
}

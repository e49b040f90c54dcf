//! Numbers within limits: what is out of range is refused before anything is read.

use clap::builder::RangedI64ValueParser;
use clap::value_parser;
use provenn::MAX_K;
use provenn::limits::SCALE;
use std::ops::RangeInclusive;

/// k: rows are 2^k.
pub(crate) fn logrows() -> RangedI64ValueParser<u32> {
    within(&(1..=MAX_K))
}

/// A number of bits.
pub(crate) fn within(range: &RangeInclusive<u32>) -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(i64::from(*range.start())..=i64::from(*range.end()))
}

/// −log2 of a step.
pub(crate) fn scale() -> RangedI64ValueParser<i32> {
    value_parser!(i32).range(i64::from(*SCALE.start())..=i64::from(*SCALE.end()))
}

/// A number that is not negative.
pub(crate) fn error(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| format!("`{text}` is not a number that is 0 or more"))
}

/// A positive number of GiB.
pub(crate) fn memory(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| format!("`{text}` is not a positive number of GiB"))
}

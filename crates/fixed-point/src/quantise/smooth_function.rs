//! What is known of a smooth function.

use super::emit::Ends;
use crate::settings::Range;

/// A smooth function and where it is not constant.
#[derive(Clone)]
pub(super) struct Smooth<'f> {
    /// What f and its derivatives are, where no parameter decides: tables of the same name and extents are the same.
    pub(super) name: Option<&'static str>,
    pub(super) f: &'f dyn Fn(f64) -> f64,
    /// Beyond these the function counts as constant.
    pub(super) active: (f64, f64),
    /// Width of a segment.
    pub(super) segment: f64,
    /// Step of the result.
    pub(super) step: f64,
    /// Bounds of f'' between two points of the active range and a segment around it; infinite where there are none, and
    /// the function rises or falls throughout.
    pub(super) second: &'f dyn Fn(f64, f64) -> (f64, f64),
    /// At least |f'| there.
    pub(super) lipschitz: f64,
    /// Values of f at the ends of its domain.
    pub(super) limits: (f64, f64),
    /// Ends of `active` where calibration found the operand to end, rather than where the function is constant.
    pub(super) watch: Ends,
    /// Where the premise of the error bounds puts the operand.
    pub(super) premise: Range,
    /// Whether operands lie anywhere in a segment, rather than at its ends alone.
    pub(super) between: bool,
    /// Rows that the function may span before its operand is clamped to the active range.
    pub(super) rows: i64,
}

impl Smooth<'_> {
    /// Whether the premise puts operands below the active range, and above it.
    pub(super) fn beyond(&self) -> [bool; 2] {
        [self.premise.lo < self.active.0, self.premise.hi > self.active.1]
    }
}

/// Bounds of f'' between two points by its values there, and `third`, which |f'''| is nowhere larger than.
pub(super) fn near(second: impl Fn(f64) -> f64, third: f64) -> impl Fn(f64, f64) -> (f64, f64) {
    move |a, b| {
        let (ends, spread) = ([second(a), second(b)], third * (b - a) / 2.0);
        (ends[0].min(ends[1]) - spread, ends[0].max(ends[1]) + spread)
    }
}

//! What is known of a smooth function.

use super::emit::Ends;
use crate::settings::Range;

/// A smooth function and where it is not constant.
#[derive(Clone)]
pub(super) struct Smooth<'f> {
    pub(super) f: &'f dyn Fn(f64) -> f64,
    /// Beyond these the function counts as constant.
    pub(super) active: (f64, f64),
    /// Width of a segment.
    pub(super) segment: f64,
    /// Step of the result.
    pub(super) step: f64,
    /// f''.
    pub(super) second: &'f dyn Fn(f64) -> f64,
    /// At least |f'''| on the active range and a segment around it.
    pub(super) third: f64,
    /// At least |f'| there.
    pub(super) lipschitz: f64,
    /// Values of f at the ends of its domain.
    pub(super) limits: (f64, f64),
    /// Ends of `active` where calibration found the operand to end, rather than where the function is constant.
    pub(super) watch: Ends,
    /// Where the premise of the error bounds puts the operand.
    pub(super) premise: Range,
    /// Rows that the function may span before its operand is clamped to the active range.
    pub(super) rows: i64,
}

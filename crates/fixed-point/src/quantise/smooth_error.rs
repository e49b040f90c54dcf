//! The distance of an interpolating table from its function, proven by the function's curvature.
//!
//! On a segment [a, b] of width w the table is the line through its own values at a and b. With
//! `e = table − f`, and `f − chord(f) = −f''(ξ)·(x − a)(b − x)/2`:
//!
//! ```text
//! min(e(a), e(b)) − max(−f'', 0)·w²/8  ≤  e(x)  ≤  max(e(a), e(b)) + max(f'', 0)·w²/8
//! ```
//!
//! e(a) and e(b) are those of the integers in the table, so the rounding of slopes and bases is included.

use super::deviation::FLOAT_SLACK;
use super::smooth_function::Smooth;
use crate::convert::{exponent, power_of_two, real};
use crate::quant_graph::Piecewise;
use crate::settings::Range;

/// Bounds the distance between a table in units of `fine`, with its constants on both sides, and the function, for
/// operands where the premise puts them.
pub(super) fn table_error(
    smooth: &Smooth<'_>,
    (inner, below, above): (&Piecewise, i64, i64),
    fine: f64,
    low_bits: u32,
) -> f64 {
    let width = smooth.segment;
    let bulge = width * width / 8.0;
    let length = power_of_two(exponent(low_bits));
    let (mut worst, mut steep) = (0.0_f64, 0.0_f64);
    // Of one segment's end and the next one's beginning.
    let mut next = (smooth.f)(real(inner.first) * width);
    for (h, &(slope, base)) in (inner.first..).zip(&*inner.entries) {
        let (a, b) = (real(h) * width, real(h + 1) * width);
        let (f_a, f_b) = (next, (smooth.f)(b));
        next = f_b;
        let errors = [real(base) * fine - f_a, (real(base) + real(slope) * length) * fine - f_b];
        let (least, most) = (smooth.second)(a, b);
        if !(least.is_finite() && most.is_finite()) {
            // f is monotone, as its chord is: neither leaves what lies between its values at the ends. Its operand's
            // error is that through the chord, so what else is there counts twice: where it is, and where it seems.
            let apart = errors[0].abs().max(errors[1].abs()) + (f_b - f_a).abs();
            steep = steep.max(apart);
            continue;
        }
        let most = errors[0].max(errors[1]) + most.max(0.0) * bulge;
        let least = errors[0].min(errors[1]) - (-least).max(0.0) * bulge;
        worst = worst.max(most.abs()).max(least.abs());
    }
    let ((lo, hi), beyond) = (smooth.active, smooth.beyond());
    let mut tail = 0.0_f64;
    for (value, end, limit, beyond) in
        [(below, lo, smooth.limits.0, beyond[0]), (above, hi, smooth.limits.1, beyond[1])]
    {
        let at_end = (smooth.f)(end);
        worst = worst.max((real(value) * fine - at_end).abs());
        if beyond {
            tail = tail.max((limit - at_end).abs());
        }
    }
    worst + steep + tail + FLOAT_SLACK * (smooth.limits.0.abs().max(smooth.limits.1.abs()))
}

/// Root-mean-square slope of the function over operands spread evenly over half of `range`, or all
/// of it if zero is outside: an estimate.
pub(super) fn typical_slope(smooth: &Smooth<'_>, range: Range) -> f64 {
    const SAMPLES: u32 = 256;
    let share = if range.lo < 0.0 && range.hi > 0.0 { 0.5 } else { 1.0 };
    let lo = range.lo * share;
    let part = (range.hi * share - lo) / f64::from(SAMPLES);
    if part <= 0.0 {
        return smooth.lipschitz;
    }
    let slope = |i: u32| {
        let from = lo + part * f64::from(i);
        ((smooth.f)(from + part) - (smooth.f)(from)) / part
    };
    let squares: f64 = (0..SAMPLES).map(|i| slope(i) * slope(i)).sum();
    (squares / f64::from(SAMPLES)).sqrt()
}

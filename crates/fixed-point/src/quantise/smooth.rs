//! Sigmoid, Tanh and other smooth functions: piecewise linear on segments of 2^t units of q.
//!
//! With segments of width w, the line through a segment's ends, moved by half its largest deviation, is off by at
//! most `max|f''|·w²/16`; q itself is off by half a unit, `w·2^-(t+1)`. The table's values are 2^S times finer
//! than the result, so that rounding slopes and bases adds less than `2^(t−S)/2 + 2^-S` units of the result, and
//! one more rescale rounds them.

use super::emit::{Ends, Plan};
use super::error::QuantiseError;
use super::family::Family;
use super::ideal::Ideal;
use super::lowering::Lowering;
use super::made::{SmoothKey, SmoothTable};
use super::smooth_error::{table_error, typical_slope};
use super::smooth_function::{Smooth, near};
use super::value::{Elements, Form, Pending, Value};
use crate::convert::{count, exponent, integer, power_of_two, real};
use crate::quant_graph::Piecewise;
use crate::round::round;
use std::sync::Arc;

/// A factor may be off by this part of itself.
const NOTICED: f64 = 1.0 / 32_768.0;

/// Rescales before a function.
const MOST_DROPS: usize = 8;

/// Rows that a smooth function may span before its operand is clamped to the active range.
pub(super) const MOST_SEGMENTS: i64 = 1 << 13;

impl Lowering<'_> {
    /// Error: 6·10^-6 (segments of 2^-5, finer beyond 16 bits) and half a unit of the result.
    pub(super) fn sigmoid(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let f = |x: f64| 1.0 / (1.0 + (-x).exp());
        let step = self.table_step(1.0, node);
        let second = |x: f64| {
            let y = f(x);
            y * (1.0 - y) * (1.0 - 2.0 * y)
        };
        let smooth = Smooth {
            name: Some("Sigmoid"),
            f: &f,
            active: (-12.0, 12.0),
            segment: power_of_two(-5 - self.fineness(node)),
            step,
            // With p = f' between 0 and 1/4: f''' = p·(1 − 6p).
            second: &near(second, 0.125),
            lipschitz: 0.25,
            limits: (0.0, 1.0),
            watch: Ends::NONE,
            premise: self.range(self.operand(node, 0)?),
            between: true,
            rows: MOST_SEGMENTS,
        };
        self.smooth(node, &smooth)
    }

    /// Error: 1.2·10^-5 (segments of 2^-6, finer beyond 16 bits) and half a unit of the result.
    pub(super) fn tanh(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let step = self.table_step(1.0, node);
        let second = |x: f64| {
            let y = x.tanh();
            -2.0 * y * (1.0 - y.powi(2))
        };
        let smooth = Smooth {
            name: Some("Tanh"),
            f: &f64::tanh,
            active: (-6.5, 6.5),
            segment: power_of_two(-6 - self.fineness(node)),
            step,
            // With u = f² between 0 and 1: f''' = (1 − u)·(6u − 2).
            second: &near(second, 2.0),
            lipschitz: 1.0,
            limits: (-1.0, 1.0),
            watch: Ends::NONE,
            premise: self.range(self.operand(node, 0)?),
            between: true,
            rows: MOST_SEGMENTS,
        };
        self.smooth(node, &smooth)
    }

    /// How often segments are halved for results of more than 16 bits: an interpolation's error falls with the
    /// square of the width.
    fn fineness(&self, node: usize) -> i32 {
        exponent(self.bits(node).saturating_sub(16).div_ceil(2).min(4))
    }

    /// With segments of which a form's one factor is a whole number, where rounding it would be noticed over the range.
    fn exactly<'f>(&self, smooth: &Smooth<'f>, form: &Form) -> Smooth<'f> {
        let parts = power_of_two(exponent(self.format.low_bits));
        let reachable = self.reachable(form, smooth.segment / parts) * parts;
        let noticed = (reachable / smooth.segment - 1.0).abs() > NOTICED;
        let segment = if noticed { reachable } else { smooth.segment };
        Smooth { segment, ..smooth.clone() }
    }

    /// Width of a segment over an active range of `width`: interpolation is off by a quarter of the result's step at
    /// most, and so is the rounding of q where that takes no more than four times as many segments.
    pub(super) fn segment(&self, step: f64, curvature: f64, slope: f64, width: f64) -> f64 {
        let by_curvature = (4.0 * step / curvature).sqrt();
        let by_rounding = step * power_of_two(exponent(self.format.low_bits) - 1) / slope;
        let segment = by_curvature.min(by_rounding.max(by_curvature / 4.0));
        segment.max(width / real(MOST_SEGMENTS))
    }

    /// Rows that a function's table may take: as many more than it needs as it has elements, for each of which a
    /// clamp beforehand would take a row of its own.
    pub(super) fn rows(&self, width: f64, segment: f64, node: usize) -> i64 {
        let elements: usize = self.shape(node).iter().product();
        let least = self.blocks(width, segment).saturating_add(2);
        least.saturating_add(count(elements)).min(MOST_SEGMENTS).max(least)
    }

    pub(super) fn smooth(
        &mut self,
        node: usize,
        smooth: &Smooth<'_>,
    ) -> Result<Value, QuantiseError> {
        let operand = self.operand(node, 0)?;
        let pending = self.pending(operand)?;
        Ok(Value::Elements(self.emit_smooth(pending, operand, smooth, node)?))
    }

    /// The function of a form; `operand` is the node whose range the form has.
    pub(super) fn emit_smooth(
        &mut self,
        mut pending: Pending,
        operand: usize,
        smooth: &Smooth<'_>,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let (lo, hi) = self.bounds(&pending.form);
        if pending.form.is_bilinear() || self.blocks(hi - lo, smooth.segment) > smooth.rows {
            // Where the function is constant, saturating first changes nothing; elsewhere calibration decides.
            let own = |end: f64, watched: bool, open: f64| if watched { open } else { end };
            let ends = (
                own(smooth.active.0, smooth.watch.below, f64::NEG_INFINITY),
                own(smooth.active.1, smooth.watch.above, f64::INFINITY),
            );
            let own = self.emit_clip(pending, ends, operand, None)?;
            pending = Pending::identity(own, operand);
        }
        // A unit that is nothing beside one of q is dropped first, as many bits at a time as a rescale drops.
        let q_step = smooth.segment / power_of_two(exponent(self.format.low_bits));
        for _ in 0..MOST_DROPS {
            let reachable = self.reachable(&pending.form, q_step);
            if reachable >= q_step / 2.0 {
                break;
            }
            let coarser = self.emit(&pending, &Plan::identity(reachable), operand)?;
            pending = Pending::identity(coarser, operand);
        }
        let smooth = &self.exactly(smooth, &pending.form);
        let ends = (smooth.active.0 / smooth.segment, smooth.active.1 / smooth.segment);
        let ends = integer(ends.0.floor()).zip(integer(ends.1.ceil()));
        let ends = ends.ok_or_else(|| self.wrap(node))?;
        let (values, _) = self.fine_smooth(&pending, smooth, ends, node)?;
        self.emit(&Pending::identity(values, node), &Plan::identity(smooth.step), node)
    }

    /// The function of a form, on segments from the first to before the last of `ends`, in units of 2^-S of the result's;
    /// and what it is below these.
    pub(super) fn fine_smooth(
        &mut self,
        pending: &Pending,
        smooth: &Smooth<'_>,
        ends: (i64, i64),
        node: usize,
    ) -> Result<(Elements, f64), QuantiseError> {
        self.check_rows(ends.1.abs_diff(ends.0), node)?;
        let unit = smooth.step / power_of_two(exponent(self.format.shift));
        let low_bits = self.format.low_bits;
        let key = SmoothKey::of(smooth, ends, (self.format.shift, low_bits));
        let made = self.made.smooth(key, || {
            let (inner, below, above) = table(smooth, unit, low_bits, ends)?;
            let error = table_error(smooth, (&inner, below, above), unit, low_bits);
            Some(SmoothTable { inner, below, above, error })
        });
        let SmoothTable { inner, below, above, error } = made.ok_or_else(|| self.wrap(node))?;
        let typical = typical_slope(smooth, smooth.premise);
        let q_step = smooth.segment / power_of_two(exponent(low_bits));
        let lipschitz = smooth.lipschitz;
        let plan = Plan {
            q_step,
            step: unit,
            family: Family::Smooth { inner, below, above },
            shift: 0,
            ideal: Ideal::Smooth { lipschitz, error, typical },
            watch: smooth.watch,
        };
        Ok((self.emit(pending, &plan, node)?, real(below) * unit))
    }
}

/// The table over the active range, and the constants on both sides.
fn table(
    smooth: &Smooth<'_>,
    unit: f64,
    low_bits: u32,
    (first, end): (i64, i64),
) -> Option<(Piecewise, i64, i64)> {
    let length = power_of_two(exponent(low_bits));
    // Of one segment's end and the next one's beginning.
    let mut next = (smooth.f)(real(first) * smooth.segment);
    let segment = |h: i64| {
        let (from, to) = (real(h) * smooth.segment, real(h + 1) * smooth.segment);
        let (f0, f1) = (next, (smooth.f)(to));
        next = f1;
        // Half the deviation at the middle, where a function this smooth deviates most.
        let bulge = (smooth.f)(f64::midpoint(from, to)) - f64::midpoint(f0, f1);
        let lift = if smooth.between { bulge / 2.0 } else { 0.0 };
        Some((round((f1 - f0) / length / unit)?, round((f0 + lift) / unit)?))
    };
    let entries = (first..end).map(segment).collect::<Option<Arc<[_]>>>()?;
    let at = |x: f64| round((smooth.f)(x) / unit);
    Some((Piecewise { first, entries }, at(smooth.active.0)?, at(smooth.active.1)?))
}

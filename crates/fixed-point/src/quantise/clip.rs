//! Relu, Clip, Abs, and the plain saturating rescale: the choice of steps.

use super::emit::{Ends, Plan};
use super::error::QuantiseError;
use super::family::Family;
use super::ideal::{ANY, Ideal};
use super::lowering::{Lowering, Wish};
use super::value::{Elements, Form, Pending, Value};
use crate::convert::{ceil_log2, count, exponent, integer, power_of_two, real};
use crate::observe::is_mask;
use crate::round::{round, scale_of, step_of_scale};
use crate::settings::Range;

/// Steps are made coarser before a table exceeds this many rows.
const MODERATE_ROWS: i64 = 1 << 12;
/// The same where only a small part of the rows is within sight of the node's readers: what is masked out spans
/// most of them, and a coarser step would swallow the rest.
const MASKED_ROWS: i64 = 1 << 16;
/// Accumulators this far beyond the calibrated range are not worth a step of their own.
const OVERSHOOT: f64 = 16.0;

impl Lowering<'_> {
    /// `min(max(x, lo), hi)`, a constant where the bounds leave nothing else.
    pub(super) fn clip(&mut self, node: usize, lo: f64, hi: f64) -> Result<Value, QuantiseError> {
        let pending = self.pending(self.operand(node, 0)?)?;
        // Counts that lie between the bounds stay what they are: a truth value that is nearly 1 would be none.
        let (least, most) = self.bounds(&pending.form);
        if lo <= least && most <= hi && self.counts(&pending.form) {
            return Ok(self.value(self.operand(node, 0)?).clone());
        }
        if let Some(value) = self.whole_between(&pending, (lo, hi), node)? {
            return Ok(value);
        }
        if !scales((lo, hi))
            && let Some(value) = self.clip_in_columns(node, (lo, hi))?
        {
            return Ok(value);
        }
        self.clipped(pending, (lo, hi), node)
    }

    /// `min(max(form, lo), hi)` as a value of `node`.
    pub(super) fn clipped(
        &mut self,
        mut pending: Pending,
        bounds: (f64, f64),
        node: usize,
    ) -> Result<Value, QuantiseError> {
        self.within_sight(&mut pending.form, Range { lo: bounds.0, hi: bounds.1 });
        if let Some(value) = only(bounds, self.bounds(&pending.form)) {
            return Ok(Value::Constant(vec![value; pending.form.len()]));
        }
        if let Some(value) = self.in_columns(&pending, bounds, node)? {
            return Ok(value);
        }
        Ok(Value::Elements(self.emit_clip(pending, bounds, node, None)?))
    }

    pub(super) fn abs(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let operand = self.operand(node, 0)?;
        let pending = self.pending(operand)?;
        if self.stays_whole(&pending.form, node)
            && let Some(positive) = self.whole_between(&pending, (0.0, f64::INFINITY), node)?
        {
            // |x| = 2·max(x, 0) − x
            return self.twice_less(positive, operand, node);
        }
        if let Some(value) = self.abs_in_columns(&pending, node)? {
            return Ok(value);
        }
        let plan = self.absolute(&pending.form, self.range(node), node);
        Ok(Value::Elements(self.emit(&pending, &plan, node)?))
    }

    /// A plan of `|form|`, saturated at `range`.
    pub(super) fn absolute(&self, form: &Form, range: Range, node: usize) -> Plan {
        let step = self.step_for(form, range.magnitude(), self.bounds(form), node, None);
        let family = Family::Abs { hi: self.highs(range.magnitude(), step) };
        let ideal = Ideal::Abs { range };
        Plan { q_step: step, step, family, shift: 0, ideal, watch: Ends::BOTH }
    }

    /// The form's own values, saturated at the calibrated range of `node` and at what its readers tell apart; of
    /// step `step` if given.
    pub(super) fn emit_identity(
        &mut self,
        mut pending: Pending,
        node: usize,
        step: Option<f64>,
    ) -> Result<Elements, QuantiseError> {
        if step.is_none()
            && let Some(whole) = self.whole_sum(&pending, node)?
        {
            return Ok(whole);
        }
        let need = self.need(node);
        if need == ANY {
            self.check_magnitude(node)?;
            return self.emit_clip(pending, (need.lo, need.hi), node, step);
        }
        // A constant that pushes an element out of its readers' sight need not push it any farther.
        self.within_sight(&mut pending.form, need);
        let range = self.range(node);
        let seen = Range { lo: range.lo.max(need.lo), hi: range.hi.min(need.hi) };
        let seen = if seen.lo <= seen.hi { seen } else { need };
        let mut plan = self.saturating(&pending.form, f64::NEG_INFINITY, seen, node, step);
        let (lo, hi) = plan.clamp_ends(self.format.low_bits);
        let (cut_below, cut_above) = (need.lo > range.lo, need.hi < range.hi);
        // Where readers see no difference, saturation is part of what the elements stand for.
        plan.ideal = Ideal::Clip {
            lo: if cut_below { lo.min(need.lo) } else { f64::NEG_INFINITY },
            hi: if cut_above { hi.max(need.hi) } else { f64::INFINITY },
            range: Range {
                lo: if cut_below { ANY.lo } else { range.lo },
                hi: if cut_above { ANY.hi } else { range.hi },
            },
        };
        plan.watch = Ends { below: !cut_below, above: !cut_above };
        let elements = self.emit(&pending, &plan, node)?;
        for id in &elements.sources {
            self.deviations[id.0].cut = true;
        }
        Ok(elements)
    }

    /// That calibration met values, and no masks that its readers do tell apart from them.
    fn check_magnitude(&self, node: usize) -> Result<(), QuantiseError> {
        if !is_mask(self.range(node).magnitude()) {
            return Ok(());
        }
        Err(self.masked(node, self.range(node).magnitude()))
    }

    /// That a mask is read by something that tells it from values.
    pub(super) fn masked(&self, node: usize, magnitude: f64) -> QuantiseError {
        let node = self.node(node);
        QuantiseError::Mask { node: node.name.clone(), op: node.op.name().into(), magnitude }
    }

    /// The form's values between `lo` and `hi`, saturated at the calibrated range of `node`.
    pub(super) fn emit_clip(
        &mut self,
        mut pending: Pending,
        (lo, hi): (f64, f64),
        node: usize,
        forced: Option<f64>,
    ) -> Result<Elements, QuantiseError> {
        // What lies beyond a bound whatever its operands are (a mask) is that bound.
        self.within_sight(&mut pending.form, Range { lo, hi });
        let (p_lo, p_hi) = self.bounds(&pending.form);
        if let Some(value) = only((lo, hi), (p_lo, p_hi)) {
            return self.constant_elements(&vec![value; pending.form.len()], forced, node);
        }
        let range = self.range(node);
        let ideal = Ideal::Clip { lo, hi, range };
        let cuts_below = lo > p_lo && lo != 0.0;
        // A bound that calibration never met is the saturation's business.
        let cuts_above = hi < p_hi && hi <= range.hi;
        if cuts_below || cuts_above {
            if pending.form.is_bilinear() || forced.is_some() {
                let own = self.emit_saturated(pending, node)?;
                pending = Pending::identity(own, node);
            }
            let plan = self.kinked(&pending.form, (lo, hi), node);
            let clipped = self.emit(&pending, &plan, node)?;
            return match forced {
                Some(step) => self.restep(clipped, step, node),
                None => Ok(clipped),
            };
        }
        let plan = Plan { ideal, ..self.saturating(&pending.form, lo, range, node, forced) };
        self.emit(&pending, &plan, node)
    }

    /// The form's own values, saturated at the calibrated range of `node`, which is not theirs: saturation is part
    /// of what the elements stand for.
    fn emit_saturated(&mut self, pending: Pending, node: usize) -> Result<Elements, QuantiseError> {
        let range = self.range(node);
        let mut plan = self.saturating(&pending.form, f64::NEG_INFINITY, range, node, None);
        let (lo, hi) = plan.clamp_ends(self.format.low_bits);
        plan.ideal = Ideal::Clip { lo: lo.min(range.lo), hi: hi.max(range.hi), range: ANY };
        plan.watch = Ends::NONE;
        self.emit(&pending, &plan, node)
    }

    /// A plan that cuts at `lo` where that is zero, and else saturates at `range`.
    pub(super) fn saturating(
        &self,
        form: &Form,
        lo: f64,
        range: Range,
        node: usize,
        forced: Option<f64>,
    ) -> Plan {
        let (p_lo, p_hi) = self.bounds(form);
        let positive = p_hi.min(range.hi).max(0.0);
        let negative = if lo == 0.0 { 0.0 } else { (-p_lo).min(-range.lo).max(0.0) };
        let magnitude = positive.max(negative);
        let step = self.step_for(form, magnitude, (p_lo, p_hi), node, forced);
        let highs = self.highs(magnitude.max(self.floor_of((p_lo, p_hi))), step);
        // A proven end that is a whole number of blocks is kept: 1 less a unit is no truth value.
        let end = highs << self.format.low_bits;
        let top = if p_hi <= range.hi && p_hi == real(end) * step { end } else { end - 1 };
        let family = Family::Clamp {
            lo: Some(if lo == 0.0 { 0 } else { -highs }),
            hi: Some((highs, top)),
            offset: 0,
        };
        let ideal = Ideal::Clip { lo, hi: f64::INFINITY, range };
        let watch = Ends { below: lo != 0.0, above: true };
        Plan { q_step: step, step, family, shift: 0, ideal, watch }
    }

    /// A plan whose kinks are exact: the step divides `hi − lo` into whole blocks, and `lo` starts one.
    fn kinked(&self, form: &Form, bounds: (f64, f64), node: usize) -> Plan {
        let (proven, range) = (self.bounds(form), self.range(node));
        let (lo, hi) = window(bounds, proven, range);
        let watch = Ends { below: lo > bounds.0, above: hi < bounds.1 };
        let ideal = Ideal::Clip { lo: bounds.0, hi: bounds.1, range };
        let t = self.format.low_bits;
        let wanted = self.step_for(form, lo.abs().max(hi.abs()), proven, node, None);
        let block = power_of_two(exponent(t));
        let blocks =
            integer(((hi - lo) / (wanted * block)).ceil().max(1.0)).unwrap_or(MODERATE_ROWS);
        let fits = |x: f64| (x / (wanted * block)).fract() == 0.0;
        // The wished step stays where it meets both kinks as it is.
        let step = if fits(lo) && fits(hi) { wanted } else { (hi - lo) / (real(blocks) * block) };
        let start = round(lo / step).unwrap_or(0);
        let (high, offset) = (start >> t, start & ((1 << t) - 1));
        let end = high + blocks;
        let family = Family::Clamp { lo: Some(high), hi: Some((end, (end << t) + offset)), offset };
        Plan { q_step: step, step, family, shift: offset << self.format.shift, ideal, watch }
    }

    /// The step for values up to `magnitude` whose proven interval is `bounds`.
    pub(super) fn step_for(
        &self,
        form: &Form,
        magnitude: f64,
        bounds: (f64, f64),
        node: usize,
        forced: Option<f64>,
    ) -> f64 {
        if let Some(step) = forced {
            return step;
        }
        let wish = self.wish(node);
        // Products and means of many may miss a given step: they keep their bits, and the output is rescaled once more.
        if let Wish::Scale(scale) = wish
            && !form.is_bilinear()
            && !self.misses(form, step_of_scale(scale))
        {
            return step_of_scale(scale);
        }
        let magnitude = magnitude.max(self.floor_of(bounds));
        let t = exponent(self.format.low_bits);
        let by_bits = magnitude / power_of_two((exponent(self.bits(node)) - 1).max(t));
        let rows = if self.need(node) == ANY { MODERATE_ROWS } else { MASKED_ROWS };
        let by_rows = (bounds.1 - bounds.0) / (power_of_two(t) * real(rows));
        let step = by_bits.max(by_rows);
        let step = if wish == Wish::PowerOfTwo { power_of_two(ceil_log2(step)) } else { step };
        // Values that are only moved, negated or cut at zero keep their step, and with it every bit.
        if let Form::Combine { terms, bias } = form
            && let [term] = terms.as_slice()
            && term.coefficients.iter().all(|&c| c.abs() == 1.0)
            && bias.iter().all(|&b| b == 0.0)
            && !term.input.sources.is_empty()
            && (wish == Wish::Any || scale_of(term.input.step).is_some())
            && bounds.1 - bounds.0 <= 2.0 * OVERSHOOT * magnitude
            && term.input.step <= 2.0 * step
            && step <= OVERSHOOT * term.input.step
        {
            return term.input.step;
        }
        let free = wish == Wish::Any || form.is_bilinear() || self.misses(form, step);
        if free { self.reachable(form, step) } else { step }
    }

    /// The step of a result whose table is made for it: values up to `magnitude`, as the node wishes.
    pub(super) fn table_step(&self, magnitude: f64, node: usize) -> f64 {
        let step = magnitude / power_of_two(exponent(self.bits(node)) - 1);
        match self.wish(node) {
            Wish::Any => step,
            Wish::PowerOfTwo => power_of_two(ceil_log2(step)),
            Wish::Scale(scale) => step_of_scale(scale),
        }
    }

    /// A magnitude that is never zero, for nodes that calibration saw as (almost) constant zero.
    fn floor_of(&self, (lo, hi): (f64, f64)) -> f64 {
        let proven = lo.abs().max(hi.abs());
        if proven > 0.0 { proven / 4096.0 } else { 1.0 }
    }

    /// Blocks of 2^t that hold `magnitude`, rounded up to a power of two so that nodes share tables.
    fn highs(&self, magnitude: f64, step: f64) -> i64 {
        let blocks = magnitude / (step * power_of_two(exponent(self.format.low_bits)));
        // A hair above a power of two is that power: the step was chosen by division.
        1 << u32::try_from(ceil_log2((blocks * (1.0 - 1e-9)).max(1.0))).unwrap_or(0).min(40)
    }

    /// As `highs`, for functions whose saturation is their own.
    pub(super) fn whole_heads(&self, magnitude: f64, step: f64) -> i64 {
        self.highs(magnitude.max(step), step)
    }

    /// The form's values, saturated at ±`magnitude` rather than at the node's range.
    pub(super) fn emit_within(
        &mut self,
        pending: Pending,
        magnitude: f64,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let (lo, hi) = self.bounds(&pending.form);
        let range = Range { lo: -magnitude, hi: magnitude };
        let ideal = Ideal::Clip { lo: f64::NEG_INFINITY, hi: f64::INFINITY, range };
        let magnitude = magnitude.min(lo.abs().max(hi.abs())).max(self.floor_of((lo, hi)));
        let by_bits = magnitude
            / power_of_two((exponent(self.bits(node)) - 1).max(exponent(self.format.low_bits)));
        let step = self.reachable(&pending.form, by_bits);
        let highs = self.highs(magnitude, step);
        let top = (highs << self.format.low_bits) - 1;
        let family = Family::Clamp { lo: Some(-highs), hi: Some((highs, top)), offset: 0 };
        let plan = Plan { q_step: step, step, family, shift: 0, ideal, watch: Ends::BOTH };
        self.emit(&pending, &plan, node)
    }

    /// Rounded count of blocks, for tables over a whole interval.
    pub(super) fn blocks(&self, width: f64, block: f64) -> i64 {
        integer((width / block).ceil()).unwrap_or(i64::MAX).min(count(1 << 30))
    }
}

/// Whether clipping to these bounds scales with what is clipped.
pub(super) fn scales((lo, hi): (f64, f64)) -> bool {
    (lo == 0.0 || lo == f64::NEG_INFINITY) && hi == f64::INFINITY
}

/// The one value that clipping to `bounds` leaves of values in `proven`, if it leaves only one: ONNX's
/// `min(max(x, lo), hi)` is `hi` where the bounds cross.
fn only((lo, hi): (f64, f64), proven: (f64, f64)) -> Option<f64> {
    if hi <= lo || hi <= proven.0 {
        return Some(hi);
    }
    (lo >= proven.1).then_some(lo)
}

/// What of `bounds` values of the proven interval and the calibrated range meet: never empty, and never beyond
/// a bound.
fn window(bounds: (f64, f64), proven: (f64, f64), range: Range) -> (f64, f64) {
    let (lo, hi) = (bounds.0.max(proven.0), bounds.1.min(proven.1));
    let met = (lo.max(range.lo), hi.min(range.hi));
    if met.0 < met.1 {
        return met;
    }
    // Calibration met values on one side of the bounds only: the window reaches inwards from the bound there.
    let width = range.magnitude().max(1.0);
    if range.hi <= lo { (lo, hi.min(lo + width)) } else { (lo.max(hi - width), hi) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_that_leave_one_value() {
        assert_eq!(only((2.0, 1.0), (-9.0, 9.0)), Some(1.0));
        assert_eq!(only((1.0, 1.0), (-9.0, 9.0)), Some(1.0));
        assert_eq!(only((f64::NEG_INFINITY, -1.0), (0.0, 9.0)), Some(-1.0));
        assert_eq!(only((5.0, 7.0), (0.0, 4.0)), Some(5.0));
        assert_eq!(only((0.0, 7.0), (-4.0, 4.0)), None);
    }

    #[test]
    fn a_window_never_reaches_beyond_its_bounds() {
        let all = (-100.0, 100.0);
        let range = |lo, hi| Range { lo, hi };
        assert_eq!(window((-1.0, 6.0), all, range(-3.0, 4.0)), (-1.0, 4.0));
        // Calibration saw nothing below the upper bound, or nothing above the lower one.
        assert_eq!(window((f64::NEG_INFINITY, 1.0), all, range(3.0, 4.0)), (-3.0, 1.0));
        assert_eq!(window((2.0, 50.0), all, range(-4.0, -3.0)), (2.0, 6.0));
    }
}

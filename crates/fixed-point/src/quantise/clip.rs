//! Relu, Clip, Abs, and the plain saturating rescale: the choice of steps.

use super::emit::Plan;
use super::error::QuantiseError;
use super::family::Family;
use super::ideal::{ANY, Ideal};
use super::lowering::{Lowering, Wish};
use super::value::{Elements, Form, Pending, Value};
use crate::convert::{ceil_log2, count, exponent, integer, power_of_two, real};
use crate::input::scale_of;
use crate::round::{round, step_of_scale};
use crate::settings::Range;

/// Steps are made coarser before a table exceeds this many rows.
const MODERATE_ROWS: i64 = 1 << 12;
/// Accumulators this far beyond the calibrated range are not worth a step of their own.
const OVERSHOOT: f64 = 16.0;

impl Lowering<'_> {
    pub(super) fn clip(&mut self, node: usize, lo: f64, hi: f64) -> Result<Value, QuantiseError> {
        let pending = self.pending(self.operand(node, 0)?)?;
        Ok(Value::Elements(self.emit_clip(pending, (lo, hi), node, None)?))
    }

    pub(super) fn abs(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let pending = self.pending(self.operand(node, 0)?)?;
        let bounds = self.bounds(&pending.form);
        let step = self.step_for(&pending.form, self.range(node).magnitude(), bounds, node, None);
        let hi = self.heads(self.range(node).magnitude(), step);
        let ideal = Ideal::Abs { range: self.range(node) };
        let plan = Plan { q_step: step, step, family: Family::Abs { hi }, shift: 0, ideal };
        Ok(Value::Elements(self.emit(&pending, &plan, node)?))
    }

    /// The form's own values, saturated at the calibrated range of `node`; of step `step` if given.
    pub(super) fn emit_identity(
        &mut self,
        pending: Pending,
        node: usize,
        step: Option<f64>,
    ) -> Result<Elements, QuantiseError> {
        self.emit_clip(pending, (f64::NEG_INFINITY, f64::INFINITY), node, step)
    }

    /// The form's values between `lo` and `hi`, saturated at the calibrated range of `node`.
    pub(super) fn emit_clip(
        &mut self,
        mut pending: Pending,
        (lo, hi): (f64, f64),
        node: usize,
        forced: Option<f64>,
    ) -> Result<Elements, QuantiseError> {
        let (p_lo, p_hi) = self.bounds(&pending.form);
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
        let plan = self.saturating(&pending.form, lo, node, forced, ideal);
        self.emit(&pending, &plan, node)
    }

    /// The form's own values, saturated at the calibrated range of `node`, which is not theirs: saturation is part
    /// of what the elements stand for.
    fn emit_saturated(&mut self, pending: Pending, node: usize) -> Result<Elements, QuantiseError> {
        let mut plan =
            self.saturating(&pending.form, f64::NEG_INFINITY, node, None, Ideal::IDENTITY);
        let (range, (lo, hi)) = (self.range(node), plan.clamp_ends(self.out.low_bits));
        plan.ideal = Ideal::Clip { lo: lo.min(range.lo), hi: hi.max(range.hi), range: ANY };
        self.emit(&pending, &plan, node)
    }

    /// A plan that cuts at `lo` where that is zero, and else saturates at the calibrated range of `node`.
    fn saturating(
        &self,
        form: &Form,
        lo: f64,
        node: usize,
        forced: Option<f64>,
        ideal: Ideal,
    ) -> Plan {
        let ((p_lo, p_hi), range) = (self.bounds(form), self.range(node));
        let positive = p_hi.min(range.hi).max(0.0);
        let negative = if lo == 0.0 { 0.0 } else { (-p_lo).min(-range.lo).max(0.0) };
        let magnitude = positive.max(negative);
        let step = self.step_for(form, magnitude, (p_lo, p_hi), node, forced);
        let heads = self.heads(magnitude.max(self.floor_of((p_lo, p_hi))), step);
        let top = (heads << self.out.low_bits) - 1;
        let family = Family::Clamp {
            lo: Some(if lo == 0.0 { 0 } else { -heads }),
            hi: Some((heads, top)),
            offset: 0,
        };
        Plan { q_step: step, step, family, shift: 0, ideal }
    }

    /// A plan whose kinks are exact: the step divides `hi − lo` into whole blocks, and `lo` starts one.
    fn kinked(&self, form: &Form, (lo, hi): (f64, f64), node: usize) -> Plan {
        let (bounds, range) = (self.bounds(form), self.range(node));
        let ideal = Ideal::Clip { lo, hi, range };
        let lo = lo.max(bounds.0.max(range.lo));
        let hi = hi.min(bounds.1.min(range.hi));
        // Calibration may have met one side of the kink only.
        let (lo, hi) =
            if hi > lo { (lo, hi) } else { (lo.min(hi), lo.min(hi) + range.magnitude().max(1.0)) };
        let t = self.out.low_bits;
        let wanted = self.step_for(form, lo.abs().max(hi.abs()), bounds, node, None);
        let block = power_of_two(exponent(t));
        let blocks =
            integer(((hi - lo) / (wanted * block)).ceil().max(1.0)).unwrap_or(MODERATE_ROWS);
        let fits = |x: f64| (x / (wanted * block)).fract() == 0.0;
        // The wished step stays where it meets both kinks as it is.
        let step = if fits(lo) && fits(hi) { wanted } else { (hi - lo) / (real(blocks) * block) };
        let start = round(lo / step).unwrap_or(0);
        let (head, offset) = (start >> t, start & ((1 << t) - 1));
        let end = head + blocks;
        let family = Family::Clamp { lo: Some(head), hi: Some((end, (end << t) + offset)), offset };
        Plan { q_step: step, step, family, shift: offset << self.out.shift, ideal }
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
        // Products may miss a given step: they keep their bits, and the output is rescaled once more.
        if let Wish::Scale(scale) = wish
            && !form.is_bilinear()
        {
            return step_of_scale(scale);
        }
        let magnitude = magnitude.max(self.floor_of(bounds));
        let t = exponent(self.out.low_bits);
        let by_bits = magnitude / power_of_two((exponent(self.bits(node)) - 1).max(t));
        let by_rows = (bounds.1 - bounds.0) / (power_of_two(t) * real(MODERATE_ROWS));
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
        if wish == Wish::Any || form.is_bilinear() { self.reachable(form, step) } else { step }
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
    fn heads(&self, magnitude: f64, step: f64) -> i64 {
        let blocks = magnitude / (step * power_of_two(exponent(self.out.low_bits)));
        // A hair above a power of two is that power: the step was chosen by division.
        1 << u32::try_from(ceil_log2((blocks * (1.0 - 1e-9)).max(1.0))).unwrap_or(0).min(40)
    }

    /// As `heads`, for functions whose saturation is their own.
    pub(super) fn whole_heads(&self, magnitude: f64, step: f64) -> i64 {
        self.heads(magnitude.max(step), step)
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
            / power_of_two((exponent(self.bits(node)) - 1).max(exponent(self.out.low_bits)));
        let step = self.reachable(&pending.form, by_bits);
        let heads = self.heads(magnitude, step);
        let top = (heads << self.out.low_bits) - 1;
        let family = Family::Clamp { lo: Some(-heads), hi: Some((heads, top)), offset: 0 };
        self.emit(&pending, &Plan { q_step: step, step, family, shift: 0, ideal }, node)
    }

    /// Rounded count of blocks, for tables over a whole interval.
    pub(super) fn blocks(&self, width: f64, block: f64) -> i64 {
        integer((width / block).ceil()).unwrap_or(i64::MAX).min(count(1 << 30))
    }
}

//! Functions of one number, by one method for all: a table where one of equal segments does, and parts of several
//! widths where it does not (see `parts`).

use super::derivatives::{Order, enclose};
use super::emit::{Ends, Plan};
use super::error::QuantiseError;
use super::family::Family;
use super::ideal::{ANY, Ideal};
use super::lowering::Lowering;
use super::parts::{Part, parts};
use super::smooth::MOST_SEGMENTS;
use super::smooth_function::Smooth;
use super::value::{Elements, Form, Pending, Term, Value};
use crate::convert::{count, exponent, integer, power_of_two, real};
use crate::observe::{MARGIN, from_zero};
use crate::settings::Range;
use provenn_onnx_ir::Function;

/// More rows than this in one table are not worth having where parts need fewer.
const MANY: f64 = 2048.0;
/// Points at which a function is looked at between its ends.
const LOOKS: u32 = 64;
/// Rows that an element of one more part is worth: two rescales.
const ROWS_OF_AN_ELEMENT: i64 = 4;

/// A function over what calibration met.
#[derive(Clone, Copy, Debug)]
struct Curve {
    function: Function,
    /// Where calibration met operands, and the function is not constant.
    active: (f64, f64),
    /// Whether the ends are calibration's.
    watch: Ends,
    /// The part of the domain around it.
    domain: (f64, f64),
    /// Values beyond the ends.
    limits: (f64, f64),
    /// Where the premise of error bounds puts the operand.
    premise: Range,
    /// Step of the result.
    step: f64,
}

impl Curve {
    /// The function, held beyond what has a value.
    fn at(&self, x: f64) -> f64 {
        let (lo, hi) = self.domain;
        let y = if lo < x && x < hi { self.function.of(x) } else { f64::NAN };
        if y.is_finite() { y } else { self.function.of(x.clamp(self.active.0, self.active.1)) }
    }

    /// Whether [a, b] and the function's values there are within the domain.
    fn inside(&self, (a, b): (f64, f64)) -> bool {
        let (lo, hi) = self.domain;
        lo < a && b < hi && self.function.of(a).is_finite() && self.function.of(b).is_finite()
    }

    /// What encloses a derivative on [a, b]: nothing, where that reaches an end of the domain.
    fn enclose(&self, order: Order, (a, b): (f64, f64)) -> (f64, f64) {
        let (lo, hi) = self.domain;
        if lo < a && b < hi {
            return enclose(self.function, order, (a, b));
        }
        (f64::NEG_INFINITY, f64::INFINITY)
    }

    /// The largest magnitude of a derivative on [a, b].
    fn most(&self, order: Order, span: (f64, f64)) -> f64 {
        let (lo, hi) = self.enclose(order, span);
        lo.abs().max(hi.abs())
    }
}

impl Lowering<'_> {
    /// Error: three quarters of a unit of the result, and a unit in 2^t of a segment, or of the operand where that is
    /// more.
    pub(super) fn function(
        &mut self,
        node: usize,
        function: Function,
    ) -> Result<Value, QuantiseError> {
        let operand = self.operand(node, 0)?;
        let curve = self.curve(node, operand, function)?;
        let width = (curve.active.1 - curve.active.0).max(f64::MIN_POSITIVE);
        let (bend, rise) = (
            curve.most(Order::Second, curve.active).max(f64::MIN_POSITIVE),
            curve.most(Order::First, curve.active).max(f64::MIN_POSITIVE),
        );
        let segment = self.segment(curve.step, bend, rise, 0.0).min(width);
        let pending = self.pending(operand)?;
        // Results may be small beside their operand, whose factor is therefore not rounded.
        let parts = power_of_two(exponent(self.format.low_bits));
        let segment = self.reachable(&pending.form, segment / parts) * parts;
        let beyond = (curve.active.0 - 2.0 * segment, curve.active.1 + 2.0 * segment);
        let rows = self.rows(width, segment, node);
        // Elements that reach far beyond are cut without loss in parts.
        let far = match self.value(operand) {
            Value::Elements(x) => {
                let (lo, hi) = self.elements_interval(x);
                self.blocks(hi - lo, segment) > rows
            }
            Value::Pending(_) | Value::Constant(_) | Value::Stored => false,
        };
        if width / segment <= MANY && curve.inside(beyond) && !far {
            let smooth = Smooth {
                name: None,
                f: &|x| curve.at(x),
                active: curve.active,
                segment,
                step: curve.step,
                second: &|a, b| curve.enclose(Order::Second, (a, b)),
                lipschitz: curve.most(Order::First, beyond),
                limits: curve.limits,
                watch: curve.watch,
                premise: curve.premise,
                between: true,
                rows,
            };
            return Ok(Value::Elements(self.emit_smooth(pending, operand, &smooth, node)?));
        }
        self.in_parts(node, operand, &curve)
    }

    /// What of the function calibration met.
    fn curve(
        &self,
        node: usize,
        operand: usize,
        function: Function,
    ) -> Result<Curve, QuantiseError> {
        let (seen, result) = (self.range(operand), self.range(node));
        let refused = || {
            let (name, Range { lo, hi }) = (self.node(node).name.clone(), seen);
            QuantiseError::Domain { node: name, op: function.name().into(), lo, hi }
        };
        // What the data reached themselves.
        let met = from_zero(seen, 1.0 / MARGIN);
        let domain = function.domain(f64::midpoint(met.lo, met.hi));
        let (lo, hi) = (seen.lo.max(domain.0), seen.hi.min(domain.1));
        // A margin leaves signs as they are, so what reaches beyond zero did so before.
        let crosses = (domain.0 == 0.0 && seen.lo < 0.0) || (domain.1 == 0.0 && seen.hi > 0.0);
        // Beyond a pole the function goes on, with values of another branch.
        let beyond = function == Function::Tan && !(domain.0 < met.lo && met.hi < domain.1);
        if crosses || beyond || lo > hi || (lo >= hi && seen.lo < seen.hi) {
            return Err(refused());
        }
        let (lo, hi) = within_result(function, (lo, hi), result);
        if !(function.of(lo).is_finite() && function.of(hi).is_finite()) {
            return Err(refused());
        }
        let look = |i: u32| lo + (hi - lo) * f64::from(i) / f64::from(LOOKS);
        let magnitude = (0..=LOOKS).map(|i| function.of(look(i)).abs()).fold(0.0, f64::max);
        // What is no `f32` is zero.
        let step = self.table_step(magnitude.max(f32::MIN_POSITIVE.into()), node);
        let nothing = nothing(function, step / 4.0).min(hi);
        let tail = match function {
            Function::Elu { depth, .. } => -f64::from(depth),
            _ => 0.0,
        };
        let constant = lo < nothing;
        let from = lo.max(nothing);
        Ok(Curve {
            function,
            active: (from, hi),
            watch: Ends { below: !constant, above: true },
            domain,
            limits: (if constant { tail } else { function.of(from) }, function.of(hi)),
            premise: Range { lo: if constant { seen.lo } else { from }, hi },
            step,
        })
    }

    /// Parts of several widths, cut at integers of the operand.
    fn in_parts(
        &mut self,
        node: usize,
        operand: usize,
        curve: &Curve,
    ) -> Result<Value, QuantiseError> {
        let x = self.elements(operand)?;
        let (unit, t) = (x.step, self.format.low_bits);
        let ends = [curve.active.0 / unit, curve.active.1 / unit];
        let ends = [integer(ends[0].floor()), integer(ends[1].ceil())];
        let [Some(from), Some(to)] = ends else { return Err(self.wrap(node)) };
        let (lo, hi) = self.elements_interval(&x);
        let reach = self.blocks(hi - lo, unit);
        let width =
            |a: i64, b: i64| self.segment_log(curve, unit, (real(a) * unit, real(b) * unit));
        let each = count(x.len()).saturating_mul(ROWS_OF_AN_ELEMENT);
        let cost = |part: &Part| rows(part, reach, t, each).0;
        let parts = parts((from, to), &width, &cost);
        let last = parts.len().saturating_sub(1);
        let (mut terms, mut counted) = (vec![], 0.0);
        for (at, part) in parts.iter().enumerate() {
            let watch = Ends {
                below: at == 0 && curve.watch.below,
                above: at == last && curve.watch.above,
            };
            let clamped = rows(part, reach, t, each).1;
            let (input, first) = self.part(node, &x, curve, (part, clamped), watch)?;
            if at > 0 {
                counted += first;
            }
            let coefficients = vec![1.0; input.len()];
            terms.push(Term { input, coefficients });
        }
        let len = x.len();
        let sum = Pending::of(Form::Combine { terms, bias: vec![-counted; len] }, node);
        Ok(Value::Elements(self.emit(&sum, &Plan::identity(curve.step), node)?))
    }

    /// The widest segments that [a, b] may have, as a power of two of the operand's unit.
    fn segment_log(&self, curve: &Curve, unit: f64, (a, b): (f64, f64)) -> u32 {
        let span = (a - unit, b + unit);
        let (bend, rise) = (curve.most(Order::Second, span), curve.most(Order::First, span));
        // Nothing is gained by being nearer than half a unit of the operand is.
        let step = curve.step.max(rise.min(f64::MAX) * unit / 2.0);
        let step = if bend.is_finite() { step } else { curve.step };
        let segment =
            self.segment(step, bend.max(f64::MIN_POSITIVE), rise.max(f64::MIN_POSITIVE), 0.0);
        let mut log = 0;
        // A segment that reaches beyond the domain is as narrow as can be.
        let fits = |log: u32| {
            let wide = unit * power_of_two(exponent(log));
            let (lo, hi) = curve.active;
            wide <= segment && curve.inside((a.max(lo - wide), b.min(hi + wide)))
        };
        while log < 40 && fits(log + 1) {
            log += 1;
        }
        log
    }

    /// The function from a part's first integer to its last, constant beyond, in fine units; and its first value.
    fn part(
        &mut self,
        node: usize,
        x: &Elements,
        curve: &Curve,
        (part, clamped): (&Part, bool),
        watch: Ends,
    ) -> Result<(Elements, f64), QuantiseError> {
        let (unit, t) = (x.step, self.format.low_bits);
        let segment = unit * power_of_two(exponent(part.log));
        // Segments that hold nothing active are left out.
        let held = |x: f64| integer((x / segment).floor());
        let (Some(least), Some(most)) = (held(curve.active.0), held(curve.active.1)) else {
            return Err(self.wrap(node));
        };
        let first = (part.from >> part.log).max(least);
        let end = (part.to >> part.log).min(most.saturating_add(1)).max(first + 1);
        let ends = (real(first) * segment, real(end) * segment);
        let lowest = ends.0 <= curve.active.0;
        let smooth = Smooth {
            name: None,
            f: &|x| curve.at(x),
            active: ends,
            segment,
            step: curve.step,
            second: &|a, b| curve.enclose(Order::Second, (a, b)),
            lipschitz: steepest(curve, segment, (first, end)),
            limits: if lowest { curve.limits } else { (curve.at(ends.0), curve.at(ends.1)) },
            watch,
            premise: Range { lo: if lowest { curve.premise.lo } else { ends.0 }, hi: ends.1 },
            between: part.log > 0,
            rows: MOST_SEGMENTS,
        };
        let mut operand = Pending::identity(x.clone(), node);
        if clamped {
            let near = |x: i64| x.saturating_mul(1 << part.log);
            let blocks = ((near(first) - 1) >> t, (near(end) >> t) + 1);
            let clamped = self.emit(&operand, &clamp(blocks, unit, t), node)?;
            operand = Pending::identity(clamped, node);
        }
        self.fine_smooth(&operand, &smooth, (first, end), node)
    }
}

/// Rows that a part takes, `each` of them for the elements of a rescale, and whether its operand is cut to it first: a
/// table has a row for all that its operand may be.
fn rows(part: &Part, reach: i64, t: u32, each: i64) -> (i64, bool) {
    let own = part.segments().saturating_add(each);
    let (plain, cut) = ((reach >> part.log).saturating_add(each), (reach >> t) + own + each);
    // A cut is by blocks of 2^t.
    if cut < plain && part.log < t { (cut, true) } else { (plain, false) }
}

/// At least the slopes on segments, of the chord where the function's own have no bounds.
fn steepest(curve: &Curve, segment: f64, (first, end): (i64, i64)) -> f64 {
    let slope = |h: i64| {
        let (a, b) = (real(h) * segment, real(h + 1) * segment);
        let own = curve.most(Order::First, (a, b));
        let bends = curve.most(Order::Second, (a, b));
        match own.is_finite() && bends.is_finite() {
            true => own,
            false => (curve.at(b) - curve.at(a)).abs() / segment,
        }
    };
    (first..end).map(slope).fold(0.0, f64::max)
}

/// The identity between blocks of 2^t units, constant beyond.
fn clamp((lo, hi): (i64, i64), unit: f64, t: u32) -> Plan {
    let start = |block: i64| real(block) * power_of_two(exponent(t)) * unit;
    Plan {
        family: Family::Clamp { lo: Some(lo), hi: Some((hi, hi << t)), offset: 0 },
        ideal: Ideal::Clip { lo: start(lo), hi: start(hi), range: ANY },
        ..Plan::identity(unit)
    }
}

/// Where a function takes values that calibration met: operand and result have a margin each, so the nearer end is that
/// of both.
fn within_result(function: Function, (lo, hi): (f64, f64), result: Range) -> (f64, f64) {
    let met = |x: f64| (result.lo..=result.hi).contains(&function.of(x));
    let look = |i: u32| lo + (hi - lo) * f64::from(i) / f64::from(LOOKS);
    let looks =
        |from_end: bool| (0..=LOOKS).map(move |i| look(if from_end { LOOKS - i } else { i }));
    let nearest = |from_end: bool| {
        let mut outside = looks(from_end).take_while(|&x| !met(x)).last();
        let Some(mut inside) = looks(from_end).find(|&x| met(x)) else {
            return if from_end { hi } else { lo };
        };
        for _ in 0..60 {
            let Some(end) = outside else { break };
            let middle = f64::midpoint(inside, end);
            if met(middle) { inside = middle } else { outside = Some(middle) }
        }
        inside
    };
    (nearest(false), nearest(true))
}

/// Below this the function is within `unit` of its limit.
fn nothing(function: Function, unit: f64) -> f64 {
    let (limit, least) = match function {
        Function::Elu { depth, width, .. } => (-f64::from(depth), -64.0 * f64::from(width)),
        Function::Swish { beta } if beta > 0.0 => (0.0, -64.0 / f64::from(beta)),
        Function::Mish => (0.0, -64.0),
        _ => return f64::NEG_INFINITY,
    };
    // From its least value to the left each of them rises or falls throughout.
    let (mut lo, mut hi) = (least, least / 48.0);
    for _ in 0..60 {
        let middle = f64::midpoint(lo, hi);
        if (function.of(middle) - limit).abs() < unit { lo = middle } else { hi = middle }
    }
    lo
}

//! Round: the whole number that a form of whole numbers is rounded to, exactly as the model's arithmetic has it.
//!
//! What an accumulator is rounded to is a function that grows, met by the floor of a line (`stairs`): its weight goes
//! into the form's, S bits are dropped by the rescale and t by a table of one row for each result. No input is rounded
//! otherwise than by the model. Of forms that are no whole numbers the floor of the real quotient is taken, or of that
//! and a half.

use super::affine::fold;
use super::deviation::Deviation;
use super::emit::{Ends, Plan};
use super::error::QuantiseError;
use super::family::Family;
use super::gather::broadcast;
use super::ideal::{ANY, Ideal};
use super::lowering::Lowering;
use super::stairs::{Line, Stairs, parts};
use super::value::{Elements, Form, Pending, Term, Value};
use crate::convert::{exponent, integer, power_of_two, real, single};
use crate::error_bound::ErrorTerms;
use crate::format::Format;
use crate::quant_graph::{Interval, QuantOp, Quotient, TensorId};
use provenn_onnx_ir::{Op, Rounding};
use std::collections::HashMap;

/// Counts in floats that are whole by a table of their own span up to so many.
const FEW: f64 = 1024.0;
/// Bits that are dropped where those of the node do not suffice.
const SHIFTS: [u32; 2] = [24, 30];

/// Whole numbers that `f64` holds.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A form as whole numbers of this unit.
pub(super) struct Whole {
    /// Its values are whole numbers.
    form: Form,
    pub(super) unit: f64,
}

/// What is rounded, and between which bounds.
#[derive(Clone, Copy)]
struct Rule {
    rounding: Rounding,
    min: f32,
    max: f32,
}

impl Rule {
    fn of(self, x: f64, by: Option<f64>) -> f32 {
        let rounded = self.rounding.apply(single(x), by.map(single));
        rounded.max(self.min).min(self.max)
    }

    /// Results per unit of the operand.
    fn slope(self, by: Option<f64>) -> f64 {
        match (self.rounding, by) {
            (Rounding::EvenOfProduct, Some(by)) => by,
            (_, Some(by)) => 1.0 / by,
            (_, None) => 1.0,
        }
    }
}

/// Lines of all elements of a form, for one bank of results or two.
type Lines = Vec<(Line, Option<Line>)>;

impl Lowering<'_> {
    pub(super) fn round(
        &mut self,
        node: usize,
        rounding: Rounding,
        [min, max]: [f32; 2],
    ) -> Result<Value, QuantiseError> {
        let rule = Rule { rounding, min, max };
        let x = self.operand(node, 0)?;
        if self.deferred.contains(&x) {
            return self.quotient_rounded(x, rule, node);
        }
        let len: usize = self.shape(node).iter().product();
        let by = match self.node(node).inputs.get(1) {
            None => None,
            Some(id) => match self.broadcast_constant(id.0, node) {
                Some(by) if by.len() == len && by.iter().all(|&by| by > 0.0) => Some(by),
                None if rounding == Rounding::Floor => {
                    return self.floor_of_quotient(x, id.0, rule, node);
                }
                _ => return Err(self.unsupported(node, "its scale is no positive constant")),
            },
        };
        let pending = self.pending(x)?;
        if let Some(value) = self.by_stairs(&pending, by.as_deref(), rule, node)? {
            return Ok(value);
        }
        match self.nearly(pending, by.as_deref(), rule, node)? {
            Some(value) => Ok(value),
            None => {
                let own = Pending::identity(self.elements(x)?, node);
                match self.by_stairs(&own, by.as_deref(), rule, node)? {
                    Some(value) => Ok(value),
                    None => self.nearly(own, by.as_deref(), rule, node)?.ok_or_else(|| {
                        self.unsupported(node, "its scale does not fit its operand")
                    }),
                }
            }
        }
    }

    /// Whole numbers between bounds that are whole, or infinite, exactly.
    pub(super) fn whole_between(
        &mut self,
        pending: &Pending,
        (lo, hi): (f64, f64),
        node: usize,
    ) -> Result<Option<Value>, QuantiseError> {
        let end = |x: f64| x.is_infinite() || x.fract() == 0.0;
        if !end(lo) || !end(hi) || !self.counts(&pending.form) {
            return Ok(None);
        }
        if !self.stays_whole(&pending.form, node) {
            return Ok(None);
        }
        let rule = Rule { rounding: Rounding::Even, min: single(lo), max: single(hi) };
        self.by_stairs(pending, None, rule, node)
    }

    /// Whether counts are to be kept as they are: the model's own integers, or the few that it makes of truth values
    /// and has as floats, which a rescale would turn into nearly 1, and so into no truth value.
    pub(super) fn stays_whole(&self, form: &Form, node: usize) -> bool {
        let (least, most) = self.bounds(form);
        self.is_whole(node) || most - least <= FEW
    }

    /// Whether a quotient of data is read by nothing but roundings to the nearest.
    pub(super) fn is_rounded_alone(&self, node: usize) -> bool {
        let this = self.node(node);
        let moving = this.inputs.iter().all(|id| !matches!(self.node(id.0).op, Op::Constant(_)));
        let rounds = |&(reader, _): &(usize, usize)| {
            let reader = self.node(reader);
            matches!(reader.op, Op::Round { rounding: Rounding::Even, .. })
                && reader.inputs.len() == 1
        };
        let published = self.graph.outputs.iter().any(|id| id.0 == node);
        let readers = &self.readers[node];
        this.op == Op::Div
            && moving
            && !published
            && !readers.is_empty()
            && readers.iter().all(rounds)
    }

    /// Whether a node divides what is then rounded: rounding it first would move results.
    pub(super) fn divides_rounded(&self, node: usize) -> bool {
        self.readers[node].iter().any(|&(reader, at)| at == 1 && self.is_rounded_alone(reader))
    }

    /// The whole number nearest to a quotient, `⌊c·n/d + 1/2⌋` at once where the units of both allow.
    fn quotient_rounded(
        &mut self,
        x: usize,
        rule: Rule,
        node: usize,
    ) -> Result<Value, QuantiseError> {
        let (a, b) = (self.operand(x, 0)?, self.operand(x, 1)?);
        let divisor = self.divisor(b, x)?;
        let (from, index) =
            (broadcast(self.shape(a), self.shape(x)), broadcast(self.shape(b), self.shape(x)));
        let numerator = self.elements(a)?.gather(&from);
        let units = numerator.step / divisor.step();
        // The model's own constants are float32.
        let whole = (units - units.round()).abs() <= units * power_of_two(-22) && units >= 1.0;
        // One unit of the result, or a few bits more where that cannot be had.
        let wanted = if whole { 1.0 } else { 1.0 / 1024.0 };
        let quotient = self.quotient(&numerator, &divisor, &index, wanted, node)?;
        let open = rule.min.is_infinite() && rule.max.is_infinite();
        if whole && open {
            let all = Elements { step: 1.0, ..quotient };
            for id in &all.sources {
                // As the rounding is the model's own, what it adds is none of ours.
                let of = &mut self.deviations[id.0].terms;
                *of =
                    ErrorTerms { inherited: of.inherited.ceil().max(1.0), ..ErrorTerms::default() };
                self.out.tensors[id.0].step = 1.0;
            }
            return Ok(Value::Elements(all));
        }
        self.nearly(Pending::identity(quotient, node), None, rule, node)?
            .ok_or_else(|| self.unsupported(node, "its scale does not fit its operand"))
    }

    /// The floor of a quotient by data of one sign, as it is of what both are quantised to: with n and d in one unit
    /// `⌊(2n − d)/2d + 1/2⌋`.
    fn floor_of_quotient(
        &mut self,
        x: usize,
        by: usize,
        rule: Rule,
        node: usize,
    ) -> Result<Value, QuantiseError> {
        let divisor = self.divisor(by, node)?;
        let from = broadcast(self.shape(x), self.shape(node));
        let index = broadcast(self.shape(by), self.shape(node));
        let numerator = self.elements(x)?.gather(&from);
        let (p, q) = in_one_unit(numerator.step, divisor.step()).ok_or_else(|| {
            self.unsupported(node, "the steps of its operands have no unit in common")
        })?;
        let open = rule.min.is_infinite() && rule.max.is_infinite();
        if !open || divisor.is_negative() {
            return Err(self.unsupported(node, "it takes positive divisors, and no bounds"));
        }
        let least = if self.is_whole(by) { 1 } else { self.least(&divisor) };
        let least = q.checked_mul(2 * least).ok_or_else(|| self.wrap(node))?;
        let n = self.tensor(&numerator, None, node)?;
        let d = self.tensor(&divisor.gather(&index), None, node)?;
        let exact = [n, d].iter().all(|id| self.deviations[id.0].worst() == 0.0);
        let unit = numerator.step / real(p);
        let mut twice =
            |summands| self.push(node, vec![from.len()], unit, QuantOp::sum(summands), None);
        let numerator = twice(vec![(n, 2 * p), (d, -q)])?;
        let divided_by = twice(vec![(d, 2 * q)])?;
        let quotient =
            Quotient { numerator: Some(numerator), multiplier: 1, divisor: divided_by, least };
        let id = self.push(node, vec![from.len()], 1.0, QuantOp::Quotient(quotient), None)?;
        let off = self.quotient_error((n, d), &divisor);
        let terms =
            ErrorTerms { inherited: if exact { 0.0 } else { off.ceil() }, ..ErrorTerms::default() };
        let range = if exact { ANY } else { self.range(node) };
        let variance = if exact { 0.0 } else { off };
        self.deviations[id.0] = Deviation::of_values(terms, variance, self.proven(id), range);
        Ok(Value::Elements(self.all(id)))
    }

    /// By lines that meet every value of the form; `None` where it is no whole number, or there are no lines.
    fn by_stairs(
        &mut self,
        pending: &Pending,
        by: Option<&[f64]>,
        rule: Rule,
        node: usize,
    ) -> Result<Option<Value>, QuantiseError> {
        let Some(whole) = self.as_whole(&pending.form) else { return Ok(None) };
        let len = whole.form.len();
        // In the form's own order.
        let by = by.map(|by| match &pending.order {
            None => by.to_vec(),
            Some(order) => {
                let mut own = by.to_vec();
                order.iter().zip(by).for_each(|(&at, &by)| own[at] = by);
                own
            }
        });
        let intervals = self.element_bounds(&whole.form);
        let mut known: HashMap<(u64, i64, i64), usize> = HashMap::new();
        let mut stairs: Vec<(Stairs, f64)> = vec![];
        let mut of_element = Vec::with_capacity(len);
        for (i, (lo, hi)) in intervals.into_iter().enumerate() {
            let by = by.as_ref().map(|by| by[i]);
            // Bounds are computed in floats, so that they may be off by a little.
            let ends = (integer((lo - 0.25).floor()), integer((hi + 0.25).ceil()));
            let (Some(lo), Some(hi)) = ends else { return Err(self.wrap(node)) };
            let key = (by.unwrap_or(0.0).to_bits(), lo, hi);
            let at = match known.get(&key) {
                Some(&at) => at,
                None => {
                    let f =
                        |x: i64| integer(f64::from(rule.of(real(x) * whole.unit, by))).unwrap_or(0);
                    let Some(found) = Stairs::of(Interval { lo, hi }, f) else {
                        return Err(self.unsupported(
                            node,
                            "its results span more than 262,144 whole numbers; bring its operand nearer to zero",
                        ));
                    };
                    stairs.push((found, rule.slope(by) * whole.unit));
                    known.insert(key, stairs.len() - 1);
                    stairs.len() - 1
                }
            };
            of_element.push(at);
        }
        if stairs.iter().all(|(stairs, _)| stairs.risers.is_empty()) {
            let values = of_element.iter().map(|&at| real(stairs[at].0.first));
            let mut values: Vec<f64> = values.collect();
            if let Some(order) = &pending.order {
                values = order.iter().map(|&at| values[at]).collect();
            }
            return Ok(Some(Value::Constant(values)));
        }
        if let Some(same) = self.unchanged(pending, &whole, &stairs) {
            return Ok(Some(Value::Elements(same)));
        }
        let of = |(stairs, _): &(Stairs, f64)| Interval { lo: stairs.first, hi: stairs.last() };
        let Some(cut) = stairs.iter().map(of).reduce(Interval::hull) else { return Ok(None) };
        let Some((format, lines)) = self.stair_lines(&stairs, cut) else { return Ok(None) };
        let lines: Lines = of_element.iter().map(|&at| lines[at]).collect();
        let slope = stairs.iter().fold(0.0_f64, |most, (_, slope)| most.max(*slope));
        let before = std::mem::replace(&mut self.format, format);
        let result = self.emit_lines(&whole, pending, &lines, cut, slope, node);
        self.format = before;
        result.map(|elements| elements.map(Value::Elements))
    }

    /// A format with enough bits, and the lines of all stairs in it: one each, or else two.
    fn stair_lines(&self, stairs: &[(Stairs, f64)], cut: Interval) -> Option<(Format, Lines)> {
        let own = self.format;
        let more = SHIFTS.into_iter().filter(|shift| *shift > own.shift);
        let formats: Vec<Format> =
            [own.shift].into_iter().chain(more).map(|shift| Format { shift, ..own }).collect();
        for two in [false, true] {
            for &format in &formats {
                let bits = format.shift + format.low_bits;
                let line = |(stairs, slope): &(Stairs, f64)| {
                    if two {
                        let [even, odd] = stairs.lines(cut, *slope, bits, format.half())?;
                        Some((even, Some(odd)))
                    } else {
                        Some((stairs.line(cut, *slope, bits, format.half())?, None))
                    }
                };
                let all: Option<Lines> = stairs.iter().map(line).collect();
                if let Some(all) = all {
                    return Some((format, all));
                }
            }
        }
        None
    }

    /// The form's own elements, where rounding changes none.
    fn unchanged(
        &self,
        pending: &Pending,
        whole: &Whole,
        stairs: &[(Stairs, f64)],
    ) -> Option<Elements> {
        let Form::Combine { terms, bias } = &whole.form else { return None };
        let [Term { input, coefficients }] = terms.as_slice() else { return None };
        let plain =
            coefficients.iter().all(|&c| c * input.step == 1.0) && bias.iter().all(|&b| b == 0.0);
        let identity = |(stairs, _): &(Stairs, f64)| {
            let next = stairs.risers.iter().zip(stairs.first + 1..);
            next.clone().all(|(&riser, value)| riser == value)
        };
        let bounds = self.distinct_bounds(&whole.form);
        let reach = |(lo, hi): (f64, f64)| {
            stairs.iter().all(|(stairs, _)| real(stairs.first) <= lo && hi <= real(stairs.last()))
        };
        // Rounded it would be off by as much as it is now, and one more.
        let exact = input.sources.iter().all(|id| self.deviations[id.0].worst() == 0.0);
        if !plain || !exact || !stairs.iter().all(identity) || !bounds.into_iter().all(reach) {
            return None;
        }
        let same = Elements { step: 1.0, constants: 0.0, ..input.clone() };
        Some(match &pending.order {
            None => same,
            Some(order) => same.gather(order),
        })
    }

    fn emit_lines(
        &mut self,
        whole: &Whole,
        pending: &Pending,
        lines: &Lines,
        cut: Interval,
        slope: f64,
        node: usize,
    ) -> Result<Option<Elements>, QuantiseError> {
        let two = lines.iter().any(|(_, second)| second.is_some());
        let mut made = vec![];
        for odd in [false, true].into_iter().take(if two { 2 } else { 1 }) {
            let line = |&(first, second): &(Line, Option<Line>)| match second {
                Some(second) if odd => second,
                _ => first,
            };
            let mut form = Pending::of(whole.form.clone(), node);
            let exact = |x: i64| Some(real(x)).filter(|x| x.abs() < EXACT);
            let weights: Option<Vec<f64>> = lines.iter().map(|l| exact(line(l).weight)).collect();
            let biases: Option<Vec<f64>> = lines.iter().map(|l| exact(line(l).bias)).collect();
            let (Some(weights), Some(biases)) = (weights, biases) else { return Ok(None) };
            if !fold(&mut form, &weights, &biases) {
                return Ok(None);
            }
            let [evens, odds] = parts(cut);
            let (Interval { lo, hi }, plus) = match (two, odd) {
                (false, _) => (cut, 0),
                (true, false) => (evens, 0),
                (true, true) => (odds, 1),
            };
            let family = Family::Stairs { lo, hi, plus };
            let plan = Plan {
                q_step: power_of_two(exponent(self.format.shift)),
                step: 1.0,
                family,
                shift: self.format.half(),
                ideal: Ideal::Floor,
                watch: Ends::NONE,
            };
            let elements = self.emit(&form, &plan, node)?;
            made.push(self.tensor(&elements, None, node)?);
        }
        let id = match *made.as_slice() {
            [only] => only,
            [even, odd] => {
                let len = whole.form.len();
                self.push(node, vec![len], 1.0, QuantOp::sum([(even, 1), (odd, 1)]), None)?
            }
            _ => return Ok(None),
        };
        self.deviations[id.0] = self.moved(whole, slope, id, node);
        let all = self.all(id);
        Ok(Some(match &pending.order {
            None => all,
            Some(order) => all.gather(order),
        }))
    }

    /// How far what an operand is rounded to may be off: not at all, where the operand is not.
    fn moved(&self, whole: &Whole, slope: f64, id: TensorId, node: usize) -> Deviation {
        let (worst, variance) = self.error_of(&whole.form);
        let worst = (worst * slope).ceil();
        let inherited = if worst.is_finite() { worst } else { 0.0 };
        let terms = ErrorTerms { inherited, ..ErrorTerms::default() };
        // Of operands spread evenly over the units, as many cross one as they are off on average.
        let own = variance * slope * slope;
        let variance = own + (own * 2.0 / std::f64::consts::PI).sqrt();
        let range = if inherited == 0.0 { ANY } else { self.range(node) };
        Deviation::of_values(terms, variance, self.proven(id), range)
    }

    /// The largest error of an element of a form of whole numbers, in real units of its tensors times its weights.
    fn error_of(&self, form: &Form) -> (f64, f64) {
        let of = |id: &TensorId| (self.deviations[id.0].worst(), self.deviations[id.0].variance);
        let rows = |rows: &mut dyn Iterator<Item = &[f64]>, (worst, variance): (f64, f64)| {
            rows.map(|row| {
                let (sum, squares) =
                    row.iter().fold((0.0, 0.0), |(s, q), w| (s + w.abs(), q + w * w));
                (sum * worst, squares * variance)
            })
            .fold((0.0_f64, 0.0_f64), |(a, b), (c, d)| (a.max(c), b.max(d)))
        };
        match form {
            Form::Dense { input, weights, bias, .. } => {
                let k = weights.len() / bias.len().max(1);
                rows(&mut weights.chunks(k.max(1)), of(input))
            }
            Form::Conv(conv) => rows(&mut conv.rows(), of(&conv.input)),
            Form::MatMul { a, b, scale, .. } | Form::Contract { a, b, scale, .. } => {
                let (x, y) = (&self.deviations[a.0], &self.deviations[b.0]);
                let k = crate::convert::real_count(self.products(form)) * scale;
                let each =
                    x.magnitude() * y.worst() + y.magnitude() * x.worst() + x.worst() * y.worst();
                let variance = x.square * y.variance + y.square * x.variance;
                (k * each, k * k * variance)
            }
            Form::Combine { terms, .. } => {
                let mut sum = (0.0, 0.0);
                for term in terms {
                    let c = term.coefficients.iter().fold(0.0_f64, |most, c| most.max(c.abs()));
                    let of_sources = term.input.sources.iter().map(of);
                    let (worst, variance) =
                        of_sources.fold((0.0_f64, 0.0_f64), |(a, b), (x, y)| (a.max(x), b.max(y)));
                    let worst = worst.max(term.input.constants);
                    sum = (sum.0 + c * worst, sum.1 + c * c * variance);
                }
                sum
            }
        }
    }

    /// A form as whole numbers of some unit, if it is one whatever the inputs are.
    pub(super) fn as_whole(&self, form: &Form) -> Option<Whole> {
        // Whether committed weights are whole numbers is not to be seen in a circuit.
        if self.commits() && form.learned().is_some() {
            return None;
        }
        let whole = |x: &f64| x.fract() == 0.0 && x.abs() < EXACT;
        let one = |id: &TensorId| self.step(*id).to_bits() == 1.0_f64.to_bits();
        let ones = match form {
            Form::Dense { input, weights, bias, .. } => {
                one(input) && weights.iter().chain(bias).all(whole)
            }
            Form::Conv(conv) => one(&conv.input) && conv.kernel.iter().chain(&conv.bias).all(whole),
            Form::MatMul { a, b, scale, bias, .. } | Form::Contract { a, b, scale, bias } => {
                one(a) && one(b) && *scale == 1.0 && bias.iter().all(whole)
            }
            Form::Combine { terms, bias } => return as_multiples(terms, bias),
        };
        ones.then(|| Whole { form: form.clone(), unit: 1.0 })
    }

    /// Whether a form's values are whole numbers, or multiples of one.
    pub(super) fn counts(&self, form: &Form) -> bool {
        self.as_whole(form).is_some_and(|whole| whole.unit.fract() == 0.0)
    }

    /// By the real quotient, whose roundings may be to either side of a half; `None` where the form takes no scale.
    fn nearly(
        &mut self,
        mut pending: Pending,
        by: Option<&[f64]>,
        rule: Rule,
        node: usize,
    ) -> Result<Option<Value>, QuantiseError> {
        let len = pending.form.len();
        let slopes: Vec<f64> = match by {
            None => vec![1.0; len],
            Some(by) => by.iter().map(|&by| rule.slope(Some(by))).collect(),
        };
        let Format { shift, low_bits } = self.format;
        if let Form::MatMul { a, b, scale, .. } | Form::Contract { a, b, scale, .. } = &pending.form
        {
            // A product has one factor, whose rounding every result would have a share in.
            let slope = slopes.iter().copied().fold(f64::INFINITY, f64::min);
            let factor = slope * scale * self.step(*a) * self.step(*b);
            if factor * power_of_two(exponent(shift + low_bits)) < FINE {
                return Ok(None);
            }
        }
        if !fold(&mut pending, &slopes, &vec![0.0; len]) {
            return Ok(None);
        }
        let half = 1_i64 << (shift + low_bits - 1);
        let end = |x: f32| integer(f64::from(x)).unwrap_or(if x > 0.0 { FAR } else { -FAR });
        let plan = Plan {
            q_step: power_of_two(-exponent(low_bits)),
            step: 1.0,
            family: Family::Stairs { lo: end(rule.min), hi: end(rule.max), plus: 0 },
            // Half a unit less makes the rounding of the rescale a floor.
            shift: match rule.rounding {
                Rounding::Floor => self.format.half(),
                Rounding::Even | Rounding::EvenOfProduct => self.format.half() - half,
            },
            ideal: Ideal::Floor,
            watch: Ends::NONE,
        };
        Ok(Some(Value::Elements(self.emit(&pending, &plan, node)?)))
    }
}

/// Whole numbers p and q such that one step by p is the other by q, whatever the unit.
fn in_one_unit(a: f64, b: f64) -> Option<(i64, i64)> {
    let whole = |x: f64| integer(x).filter(|_| x.fract() == 0.0 && x >= 1.0);
    match (whole(a / b), whole(b / a)) {
        (Some(p), _) => Some((p, 1)),
        (None, Some(q)) => Some((1, q)),
        (None, None) => Some((whole(a)?, whole(b)?)),
    }
}

/// The rounding of a factor this large is less than that of its product.
const FINE: f64 = 131_072.0;

/// Beyond every table.
const FAR: i64 = 1 << 60;

/// A sum whose terms and constants are all multiples of one unit that `f32` holds.
fn as_multiples(terms: &[Term], bias: &[f64]) -> Option<Whole> {
    let sizes = |term: &Term| {
        let step = term.input.step;
        term.coefficients.iter().map(move |c| c * step).collect::<Vec<f64>>()
    };
    let first = terms.iter().flat_map(sizes).find(|size| *size != 0.0)?;
    let units = [first.abs(), 1.0].into_iter();
    let mut held = units.filter(|&unit| f64::from(single(unit)).to_bits() == unit.to_bits());
    held.find_map(|unit| in_units(terms, bias, unit))
}

/// As multiples of this one.
fn in_units(terms: &[Term], bias: &[f64], unit: f64) -> Option<Whole> {
    let sizes = |term: &Term| {
        let step = term.input.step;
        term.coefficients.iter().map(move |c| c * step).collect::<Vec<f64>>()
    };
    let multiple = |x: f64| {
        let times = x / unit;
        (times.fract() == 0.0 && times.abs() < EXACT && times * unit == x).then_some(times)
    };
    let mut own = vec![];
    for term in terms {
        let times: Option<Vec<f64>> = sizes(term).into_iter().map(multiple).collect();
        let coefficients = times?.into_iter().map(|times| times / term.input.step).collect();
        own.push(Term { input: term.input.clone(), coefficients });
    }
    let bias = bias.iter().map(|&b| multiple(b)).collect::<Option<Vec<f64>>>()?;
    Some(Whole { form: Form::Combine { terms: own, bias }, unit })
}

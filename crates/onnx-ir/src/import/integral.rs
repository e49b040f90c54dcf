//! Which nodes hold whole numbers, within which bounds; and what a type does to numbers that it does not hold.

use std::collections::HashMap;

use tract_onnx::prelude::DatumType;

use super::builder::Builder;
use super::importer::Importer;
use super::reason::Reason;
use crate::graph::EXACT;
use crate::{ElementType, NodeId, Op, Rounding};

/// Nodes that are looked at for one answer, at most.
const SIGHT: usize = 256;

/// Least and greatest; infinite where nothing is known.
pub(super) type Bounds = (f64, f64);

/// Of any size.
const ANY: Bounds = (f64::NEG_INFINITY, f64::INFINITY);

/// Bounds of a node's values, if they are whole numbers whatever the inputs are.
pub(super) fn bounds(builder: &Builder, id: NodeId) -> Option<Bounds> {
    Search { builder, known: HashMap::new() }.of(id)
}

struct Search<'b> {
    builder: &'b Builder,
    known: HashMap<NodeId, Option<Bounds>>,
}

impl Search<'_> {
    fn of(&mut self, id: NodeId) -> Option<Bounds> {
        if let Some(&known) = self.known.get(&id) {
            return known;
        }
        if self.known.len() >= SIGHT {
            return None;
        }
        self.known.insert(id, None);
        let stated = self.builder.elements.get(&id).and_then(|&element| element.range());
        let found = match (self.computed(id), stated) {
            (Some(a), Some(b)) => Some((a.0.max(b.0), a.1.min(b.1))),
            (a, b) => a.or(b),
        };
        self.known.insert(id, found);
        found
    }

    /// What follows from a node's operands.
    fn computed(&mut self, id: NodeId) -> Option<Bounds> {
        let node = self.builder.node(id)?;
        let inputs = node.inputs.as_slice();
        match (&node.op, inputs) {
            (Op::Constant(tensor), _) => {
                let whole = tensor.data.iter().all(|x| x.fract() == 0.0);
                let ends = tensor.data.iter().map(|&x| f64::from(x));
                let hull = |(lo, hi): Bounds, x: f64| (lo.min(x), hi.max(x));
                whole.then(|| ends.fold((f64::INFINITY, f64::NEG_INFINITY), hull))
            }
            (&Op::Round { rounding, min, max }, inputs) => {
                let (min, max) = (f64::from(min), f64::from(max));
                let known = self.quotient(rounding, inputs).unwrap_or(ANY);
                Some((known.0.max(min).min(max), known.1.max(min).min(max)))
            }
            (Op::Trunc, _) => Some(ANY),
            (Op::Less | Op::LessOrEqual | Op::Equal, _) => Some((0.0, 1.0)),
            (Op::Add, &[a, b]) => self.both(a, b, |a, b| (a.0 + b.0, a.1 + b.1)),
            (Op::Sub, &[a, b]) => self.both(a, b, |a, b| (a.0 - b.1, a.1 - b.0)),
            (Op::Mul, &[a, b]) => self.both(a, b, |a, b| {
                let all = [a.0 * b.0, a.0 * b.1, a.1 * b.0, a.1 * b.1];
                // Nothing by everything.
                let all = all.map(|x| if x.is_nan() { 0.0 } else { x });
                (all.into_iter().fold(0.0, f64::min), all.into_iter().fold(0.0, f64::max))
            }),
            (Op::Max, &[a, b]) => self.both(a, b, |a, b| (a.0.max(b.0), a.1.max(b.1))),
            (Op::Min, &[a, b]) => self.both(a, b, |a, b| (a.0.min(b.0), a.1.min(b.1))),
            (Op::Neg, &[x]) => self.of(x).map(|(lo, hi)| (-hi, -lo)),
            (Op::Abs, &[x]) => self.of(x).map(|(lo, hi)| (0.0, hi.max(-lo))),
            (&Op::Pow { exponent }, &[x]) => {
                let power = |x: f64| (0..exponent).map(|_| x).product::<f64>();
                let (lo, hi) = self.of(x)?;
                let most = power(hi.max(-lo));
                let least = if exponent % 2 == 0 { 0.0 } else { power(lo.min(0.0)) };
                Some((least, most))
            }
            (Op::Relu, &[x]) => self.of(x).map(|(lo, hi)| (lo.max(0.0), hi.max(0.0))),
            (&Op::Clip { min, max }, &[x]) => {
                let whole = |end: f32| end.is_infinite() || end.fract() == 0.0;
                let within = |x: f64| x.max(f64::from(min)).min(f64::from(max));
                let (lo, hi) = self.of(x)?;
                (whole(min) && whole(max)).then(|| (within(lo), within(hi)))
            }
            (Op::MatMul, &[a, b]) => {
                let summands =
                    self.builder.shape(a).last().copied().and_then(|k| u32::try_from(k).ok());
                let (a, b) = (self.of(a)?, self.of(b)?);
                let size = |(lo, hi): Bounds| hi.max(-lo);
                // Nothing by everything.
                let most = size(a) * size(b) * f64::from(summands?);
                Some(if most.is_nan() { ANY } else { (-most, most) })
            }
            (Op::Conv { .. } | Op::ConvTranspose { .. }, _) => {
                inputs.iter().all(|&input| self.of(input).is_some()).then_some(ANY)
            }
            (Op::ReduceSum { axes }, &[x]) => {
                let shape = self.builder.shape(x);
                let summed = axes.iter().filter_map(|&axis| shape.get(axis)).product::<usize>();
                let (count, (lo, hi)) = (f64::from(u32::try_from(summed).ok()?), self.of(x)?);
                Some((count * lo, count * hi))
            }
            (&Op::Pad { value, .. }, &[x]) => {
                let (lo, hi) = self.of(x)?;
                let value = f64::from(value);
                (value.fract() == 0.0).then(|| (lo.min(value), hi.max(value)))
            }
            (
                Op::MaxPool { .. }
                | Op::ReduceMax { .. }
                | Op::Reshape
                | Op::Transpose { .. }
                | Op::Slice { .. }
                | Op::Expand
                | Op::Tile { .. }
                | Op::Gather { .. }
                | Op::GatherElements { .. },
                &[x, ..],
            ) => self.of(x),
            (Op::Concat { .. }, all) => {
                let mut all = all.iter().map(|&x| self.of(x));
                let first = all.next()??;
                all.try_fold(first, |a, b| b.map(|b| (a.0.min(b.0), a.1.max(b.1))))
            }
            (Op::Where, &[_, x, y]) => self.both(x, y, |a, b| (a.0.min(b.0), a.1.max(b.1))),
            _ => None,
        }
    }

    /// What a quotient by constants is rounded to.
    fn quotient(&mut self, rounding: Rounding, inputs: &[NodeId]) -> Option<Bounds> {
        let (&x, by) = inputs.split_first()?;
        let (lo, hi) = self.of(x)?;
        let by = match by.first() {
            None => (1.0, 1.0),
            Some(&by) if self.builder.value(by).is_none() => {
                // Divisors that are whole numbers are one at least.
                let whole = rounding == Rounding::Floor && self.of(by).is_some();
                return whole.then_some((lo.min(0.0), hi.max(0.0)));
            }
            Some(&by) => {
                let all = self.builder.value(by)?.data.iter().map(|&by| f64::from(by));
                all.fold((f64::INFINITY, 0.0_f64), |(lo, hi), by| (lo.min(by), hi.max(by)))
            }
        };
        let each = |x: f64, by: f64| match rounding {
            Rounding::Floor => (x / by).floor(),
            Rounding::Even => (x / by).round_ties_even(),
            Rounding::EvenOfProduct => (x * by).round_ties_even(),
        };
        let all = [each(lo, by.0), each(lo, by.1), each(hi, by.0), each(hi, by.1)];
        let ends = all
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), x| (lo.min(*x), hi.max(*x)));
        all.iter().all(|x| !x.is_nan()).then_some(ends)
    }

    fn both(
        &mut self,
        a: NodeId,
        b: NodeId,
        join: impl Fn(Bounds, Bounds) -> Bounds,
    ) -> Option<Bounds> {
        let joined = join(self.of(a)?, self.of(b)?);
        (!joined.0.is_nan() && !joined.1.is_nan()).then_some(joined)
    }
}

/// What a type of the analysis holds, if it is one of whole numbers.
fn of_type(kind: DatumType) -> Option<(u8, Bounds)> {
    let bits = u8::try_from(kind.size_of() * 8).ok().filter(|_| kind.is_integer())?;
    Some((bits, ElementType::Integer { bits, signed: !kind.is_unsigned() }.range()?))
}

/// A node of whole numbers as numbers of a type: those that it does not hold lose their upper bits, as ONNX says.
///
/// What takes more than 24 bits is refused when it is met, so that types of 32 bits need only be told their sign.
pub(super) fn wrapped(
    importer: &mut Importer,
    name: &str,
    x: NodeId,
    kind: DatumType,
) -> Result<NodeId, Reason> {
    let Some((bits, (least, greatest))) = of_type(kind) else { return Ok(x) };
    let (lo, hi) = bounds(&importer.builder, x).unwrap_or(ANY);
    if least <= lo && hi <= greatest {
        return Ok(x);
    }
    if bits > 16 {
        let sign = least < 0.0 || lo >= 0.0;
        return sign.then_some(x).ok_or_else(|| {
            Reason(format!(
                "negative numbers as {kind:?} are not supported: cast to a signed type, or bound them below by a Max with 0"
            ))
        });
    }
    let builder = &mut importer.builder;
    note_met(builder, x);
    let size = 2f32.powi(bits.into());
    let least = if least < 0.0 { -size / 2.0 } else { 0.0 };
    let size = builder.scalar(&format!("{name}.size"), size);
    let mut shifted = x;
    if least != 0.0 {
        let least = builder.scalar(&format!("{name}.least"), least);
        shifted = builder.push(&format!("{name}.shifted"), Op::Sub, &[x, least])?;
        note_met(builder, shifted);
    }
    let times = floor(builder, &format!("{name}.times"), shifted, size, f32::NEG_INFINITY)?;
    let beyond = builder.push(&format!("{name}.beyond"), Op::Mul, &[times, size])?;
    builder.push(&format!("{name}.wrapped"), Op::Sub, &[x, beyond])
}

/// The floor of x divided by positive constants, at least `min`.
pub(super) fn floor(
    builder: &mut Builder,
    name: &str,
    x: NodeId,
    by: NodeId,
    min: f32,
) -> Result<NodeId, Reason> {
    let op = Op::Round { rounding: Rounding::Floor, min, max: f32::INFINITY };
    let id = builder.push(name, op, &[x, by])?;
    builder.elements.entry(id).or_insert(super::rounding::WHOLE);
    Ok(id)
}

/// The quotient of x and positive constants towards zero.
pub(super) fn truncated(
    builder: &mut Builder,
    name: &str,
    x: NodeId,
    by: NodeId,
) -> Result<NodeId, Reason> {
    if bounds(builder, x).is_some_and(|(lo, _)| lo >= 0.0) {
        return floor(builder, name, x, by, 0.0);
    }
    let above = floor(builder, &format!("{name}.above"), x, by, 0.0)?;
    let negative = builder.push(&format!("{name}.negative"), Op::Neg, &[x])?;
    let below = floor(builder, &format!("{name}.below"), negative, by, 0.0)?;
    builder.push(name, Op::Sub, &[above, below])
}

/// Notes that a node computes with whole numbers although the model calls them floats.
pub(super) fn note(builder: &mut Builder, id: NodeId) {
    note_below(builder, id, EXACT);
}

/// As `note`, of numbers that may lie beyond what floats count to: those that do are refused when they are met.
fn note_met(builder: &mut Builder, id: NodeId) {
    const INTEGERS: f64 = 9_007_199_254_740_992.0;
    note_below(builder, id, INTEGERS);
}

/// Notes a node of whole numbers whose size is known to stay below a limit.
fn note_below(builder: &mut Builder, id: NodeId, limit: f64) {
    let known = bounds(builder, id).is_some_and(|(lo, hi)| -limit < lo && hi < limit);
    if known && builder.value(id).is_none() {
        builder.elements.entry(id).or_insert(super::rounding::WHOLE);
    }
}

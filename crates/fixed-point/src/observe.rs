//! What the data say of every node: its range, and the ranges of its columns.

use crate::calibrate_error::CalibrateError;
use crate::settings::{Columns, Range};
use provenn_onnx_ir::{Graph, Op, Tensor};
use std::collections::BTreeMap;

/// A column this much smaller than the largest keeps too few bits of a common step.
const SPREAD: f64 = 64.0;
/// A column that lies this many of its widths from zero gets an offset.
const FAR: f64 = 4.0;
/// With fewer values than this a column's width says little.
const ENOUGH: usize = 8;
/// A column narrower than this part of its magnitude may be a constant in `f32`.
const NARROW: f64 = 1.0 / 1_048_576.0;
/// More columns than this are one.
const MOST_COLUMNS: usize = 1 << 16;
/// Masks count as this large.
const MASK: f64 = 79_228_162_514_264_337_593_543_950_336.0; // 2^96
/// Constants from here on are masks: they stand for "left out", not for a value.
const MASKS: f32 = 1_152_921_504_606_846_976.0; // 2^60

/// One node over all observations.
#[derive(Clone, Debug)]
pub(crate) struct Observed {
    /// Of all elements.
    pub(crate) range: Range,
    /// Of each column.
    columns: Columns,
    /// Values seen per column.
    seen: usize,
}

impl Observed {
    fn new(shape: &[usize]) -> Self {
        let nothing = Range { lo: f64::INFINITY, hi: f64::NEG_INFINITY };
        let (count, inner) = columns_of(shape);
        let columns = Columns { inner, ranges: vec![nothing; count] };
        Observed { range: nothing, columns, seen: 0 }
    }

    /// Adds the values that count; masks count as 2^96.
    fn add(&mut self, values: &[f32], counts: impl Fn(f32) -> bool) {
        let columns = self.columns.ranges.len();
        for (i, &x) in values.iter().enumerate().filter(|(_, x)| counts(**x)) {
            let x = f64::from(x).clamp(-MASK, MASK);
            let column = &mut self.columns.ranges[i / self.columns.inner % columns];
            for range in [&mut self.range, column] {
                *range = Range { lo: range.lo.min(x), hi: range.hi.max(x) };
            }
        }
        self.seen += values.len() / columns;
    }

    fn finish(&mut self) {
        for range in self.columns.ranges.iter_mut().chain([&mut self.range]) {
            if range.lo > range.hi {
                *range = Range { lo: 0.0, hi: 0.0 };
            }
        }
    }

    /// What was seen of either; both have the same shape.
    pub(crate) fn join(mut self, other: &Self) -> Self {
        let hull = |a: &mut Range, b: &Range| {
            *a = Range { lo: a.lo.min(b.lo), hi: a.hi.max(b.hi) };
        };
        hull(&mut self.range, &other.range);
        for (column, other) in self.columns.ranges.iter_mut().zip(&other.columns.ranges) {
            hull(column, other);
        }
        self.seen = self.seen.max(other.seen);
        self
    }

    /// The columns with a margin, where one range for all would not do.
    pub(crate) fn columns(&self, margin: f64) -> Option<Columns> {
        let far = |range: &Range| {
            let width = range.hi - range.lo;
            let nearest = range.lo.max(-range.hi);
            self.seen >= ENOUGH && nearest > FAR * width && width > NARROW * range.magnitude()
        };
        let largest = self.range.magnitude();
        if is_mask(largest) {
            return None;
        }
        let small = |range: &Range| {
            let magnitude = range.magnitude();
            magnitude > 0.0 && magnitude * SPREAD < largest
        };
        if !self.columns.ranges.iter().any(|range| far(range) || small(range)) {
            return None;
        }
        let widened = |range: &Range| match far(range) {
            true => from_middle(*range, margin),
            false => from_zero(*range, margin),
        };
        let ranges = self.columns.ranges.iter().map(widened).collect();
        Some(Columns { inner: self.columns.inner, ranges })
    }
}

/// How many columns a tensor has, and how many of its elements in a row are of one: channels of an image, else the last
/// axis.
pub(crate) fn columns_of(shape: &[usize]) -> (usize, usize) {
    let (count, inner) = match shape {
        [_, channels, rows @ ..] if rows.len() > 1 => (*channels, rows.iter().product()),
        _ => (shape.last().copied().unwrap_or(1), 1),
    };
    if count > MOST_COLUMNS { (1, 1) } else { (count.max(1), inner.max(1)) }
}

/// Observed ranges grow by this on both sides before they saturate.
pub(crate) const MARGIN: f64 = 2.0;

/// A range scaled away from zero; the sign of either end stays.
pub(crate) fn from_zero(Range { lo, hi }: Range, margin: f64) -> Range {
    let away = |x: f64, outwards: bool| if outwards { x * margin } else { x / margin };
    Range { lo: away(lo, lo < 0.0), hi: away(hi, hi > 0.0) }
}

/// A range scaled about its middle.
fn from_middle(Range { lo, hi }: Range, margin: f64) -> Range {
    let by = (hi - lo) * (margin - 1.0) / 2.0;
    Range { lo: lo - by, hi: hi + by }
}

/// Where the values come from that nodes are observed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From the model's user.
    Data,
    /// From nobody: they may lie where the model is not defined, which then says nothing of a range.
    Invented,
}

/// Every node that is not a constant, over all runs; `outputs` is given what each run that has a result comes to.
pub(crate) fn observe(
    graph: &Graph,
    runs: impl Iterator<Item = Vec<Tensor>>,
    origin: Origin,
    mut outputs: impl FnMut(Vec<Tensor>),
) -> Result<BTreeMap<String, Observed>, CalibrateError> {
    let masked = masked(graph);
    let mut observed: BTreeMap<String, Observed> = BTreeMap::new();
    for (index, inputs) in runs.enumerate() {
        let values = match origin {
            Origin::Data => graph.evaluate(&inputs),
            Origin::Invented => graph.evaluate_invented(&inputs),
        };
        let values = match (values, origin) {
            (Ok(values), _) => values,
            (Err(source), Origin::Data) => {
                return Err(CalibrateError::Observation { index, source });
            }
            // Of what nobody gave, the model need not have a result.
            (Err(_), Origin::Invented) => continue,
        };
        for ((node, value), &masked) in graph.nodes.iter().zip(&values).zip(&masked) {
            if matches!(node.op, Op::Constant(_)) {
                continue;
            }
            let has_value = |x: f32| !x.is_nan() && (x.is_finite() || masked);
            if origin == Origin::Data && !value.data.iter().all(|&x| has_value(x)) {
                return Err(CalibrateError::NotFinite { index, node: node.name.clone() });
            }
            // The largest of what is all left out says nothing of others.
            let largest = matches!(node.op, Op::ReduceMax { .. });
            let counts = |x: f32| has_value(x) && !(largest && x <= -MASKS);
            let known = observed.entry(node.name.clone());
            known.or_insert_with(|| Observed::new(&node.shape)).add(&value.data, counts);
        }
        outputs(graph.outputs.iter().filter_map(|id| values.get(id.0).cloned()).collect());
    }
    for node in graph.nodes.iter().filter(|node| !matches!(node.op, Op::Constant(_))) {
        observed.entry(node.name.clone()).or_insert_with(|| Observed::new(&node.shape));
    }
    observed.values_mut().for_each(Observed::finish);
    Ok(observed)
}

/// Nodes whose values a mask may push to infinity.
pub(crate) fn masked(graph: &Graph) -> Vec<bool> {
    let mut masked: Vec<bool> = vec![];
    for node in &graph.nodes {
        let carried = || node.inputs.iter().any(|id| masked[id.0]);
        let here = match &node.op {
            // Several at once, until some are that large.
            Op::Constant(tensor) => tensor
                .data
                .chunks(256)
                .any(|some| some.iter().fold(false, |any, x| any | (x.abs() >= MASKS))),
            Op::Add
            | Op::Sub
            | Op::Mul
            | Op::Div
            | Op::Neg
            | Op::Reshape
            | Op::Transpose { .. }
            | Op::Concat { .. }
            | Op::Slice { .. }
            | Op::Pad { .. }
            | Op::Expand
            | Op::Take { .. }
            | Op::Tile { .. }
            | Op::Where
            | Op::Gather { .. }
            | Op::GatherElements { .. } => carried(),
            Op::Input { .. }
            | Op::MatMul
            | Op::Conv { .. }
            | Op::ConvTranspose { .. }
            | Op::Relu
            | Op::LeakyRelu { .. }
            | Op::PRelu
            | Op::Clip { .. }
            | Op::Sigmoid
            | Op::Tanh
            | Op::Exp
            | Op::Log
            | Op::Sqrt
            | Op::Erf
            | Op::Gelu { .. }
            | Op::Softplus
            | Op::Function(_)
            | Op::Abs
            | Op::Pow { .. }
            | Op::Round { .. }
            | Op::Trunc
            | Op::MaxPool { .. }
            | Op::AveragePool { .. }
            | Op::ReduceSum { .. }
            | Op::ReduceMean { .. }
            | Op::ReduceMax { .. }
            | Op::Max
            | Op::Min
            | Op::Less
            | Op::LessOrEqual
            | Op::Equal
            | Op::TopK { .. } => false,
        };
        masked.push(here);
    }
    masked
}

/// Whether a value is so large that only a mask explains it.
pub(crate) fn is_mask(value: f64) -> bool {
    value.abs() >= f64::from(MASKS)
}

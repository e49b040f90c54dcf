//! What is known of a tensor's distance from its float value, propagated while tensors are made.

use super::lowering::Lowering;
use super::value::Elements;
use crate::convert::{index, real, real_count};
use crate::error_bound::{ErrorBounds, ErrorTerms, TensorBound};
use crate::quant_graph::{Interval, Source, TensorId};
use crate::settings::Range;

/// Covers the `f64` arithmetic of folding and of the bounds themselves, relative to the magnitudes involved:
/// 8192 roundings of 2^-53.
pub(super) const FLOAT_SLACK: f64 = 1.0 / 1_099_511_627_776.0; // 2^-40

/// Root-mean-square of an activation, relative to its largest magnitude: part of the estimate, not of the bound.
const TYPICAL: f64 = 0.25;

/// A tensor's distance from its float value, in real units.
#[derive(Clone, Debug, Default)]
pub(super) struct Deviation {
    /// The largest, by cause.
    pub(super) terms: ErrorTerms,
    /// Mean square over the elements, estimated.
    pub(super) variance: f64,
    /// Holds the float value of every element under the premise of the bounds.
    pub(super) exact: (f64, f64),
    /// Holds `step · integer` of every element under the premise of the bounds.
    pub(super) values: (f64, f64),
    /// Mean square of the values, estimated.
    pub(super) square: f64,
    /// Whether values are cut to what readers tell apart.
    pub(super) cut: bool,
}

impl Deviation {
    pub(super) fn worst(&self) -> f64 {
        self.terms.total()
    }

    /// Largest magnitude of the float value.
    pub(super) fn magnitude(&self) -> f64 {
        self.exact.0.abs().max(self.exact.1.abs())
    }

    /// Of integers that stand for the float values of either.
    pub(super) fn or(self, other: &Deviation) -> Self {
        let exact = hull(self.exact, other.exact);
        let farther = if self.worst() >= other.worst() { self } else { other.clone() };
        Deviation { exact, ..farther }
    }

    /// Of a tensor whose float values lie in `range`, and whose integers lie in `proven`.
    pub(super) fn of_values(
        terms: ErrorTerms,
        variance: f64,
        proven: (f64, f64),
        range: Range,
    ) -> Self {
        let worst = terms.total();
        let wider = |(lo, hi): (f64, f64)| (lo - worst, hi + worst);
        let values = meet(proven, wider((range.lo, range.hi)));
        let exact = meet(wider(proven), (range.lo, range.hi));
        let square = (values.0.abs().max(values.1.abs()) * TYPICAL).powi(2);
        Deviation { terms, variance, exact, values, square, cut: false }
    }
}

/// What two intervals share; the first where settings contradict each other, since what is proven holds anyway.
fn meet(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let (lo, hi) = (a.0.max(b.0), a.1.min(b.1));
    if lo <= hi { (lo, hi) } else { a }
}

/// The smallest interval that holds both.
fn hull(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    (a.0.min(b.0), a.1.max(b.1))
}

impl Lowering<'_> {
    /// A tensor's proven interval in real units.
    pub(super) fn proven(&self, id: TensorId) -> (f64, f64) {
        let tensor = &self.out.tensors[id.0];
        let Interval { lo, hi } = tensor.interval;
        (real(lo) * tensor.step, real(hi) * tensor.step)
    }

    /// An input of the calibrated range: rounded, and clamped to its interval.
    pub(super) fn input_deviation(&self, id: TensorId, index: usize, range: Range) -> Deviation {
        let (proven, step) = (self.proven(id), self.out.tensors[id.0].step);
        let outside = (range.hi - proven.1).max(proven.0 - range.lo).max(0.0);
        // Whole numbers of a step of which they are multiples are not rounded.
        let exact = self.is_whole(self.graph.inputs[index].0) && (1.0 / step).fract() == 0.0;
        let (rounding, variance) =
            if exact { (0.0, 0.0) } else { (step / 2.0, step * step / 12.0) };
        let function = (outside - rounding).max(0.0);
        let terms = ErrorTerms { rounding, function, ..ErrorTerms::default() };
        Deviation::of_values(terms, variance, proven, range)
    }

    /// A view: the elements it draws from, and constants.
    pub(super) fn view_deviation(&self, view: &Elements) -> Deviation {
        let mut counts = vec![0_usize; view.sources.len()];
        let mut constants = 0_usize;
        let nothing = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut exact, mut values) = (nothing, nothing);
        let (mut variance, mut square) = (0.0, 0.0);
        for source in &view.map {
            match *source {
                Source::Element { source, .. } => counts[index(source)] += 1,
                Source::Constant(c) => {
                    let value = real(c) * view.step;
                    values = hull(values, (value, value));
                    square += value * value;
                    constants += 1;
                }
            }
        }
        let constant = if constants > 0 { view.constants } else { 0.0 };
        if constants > 0 {
            exact = (values.0 - constant, values.1 + constant);
        }
        let mut inherited = 0.0_f64;
        for (id, &count) in view.sources.iter().zip(&counts).filter(|&(_, &count)| count > 0) {
            let source = &self.deviations[id.0];
            // The same integers may be read with another step.
            let by = view.step / self.out.tensors[id.0].step;
            let scaled = |(lo, hi): (f64, f64)| (lo * by, hi * by);
            inherited = inherited.max(source.worst() * by);
            (exact, values) =
                (hull(exact, scaled(source.exact)), hull(values, scaled(source.values)));
            variance += source.variance * by * by * real_count(count);
            square += source.square * by * by * real_count(count);
        }
        let len = real_count(view.map.len().max(1));
        let bias = (constant - inherited).max(0.0);
        let terms = ErrorTerms { inherited, bias, ..ErrorTerms::default() };
        if view.map.is_empty() {
            (exact, values) = ((0.0, 0.0), (0.0, 0.0));
        }
        Deviation {
            terms,
            variance: variance / len,
            exact,
            values,
            square: square / len,
            cut: false,
        }
    }

    /// A maximum or minimum of tensors: no farther off than the operand that is farthest.
    pub(super) fn extremum_deviation(&self, operands: [TensorId; 2], id: TensorId) -> Deviation {
        let [a, b] = operands.map(|id| &self.deviations[id.0]);
        let inherited = a.worst().max(b.worst());
        let terms = ErrorTerms { inherited, ..ErrorTerms::default() };
        let values = meet(self.proven(id), hull(a.values, b.values));
        let exact = hull(a.exact, b.exact);
        let (variance, square) = (a.variance.max(b.variance), a.square.max(b.square));
        Deviation { terms, variance, exact, values, square, cut: false }
    }

    /// What was recorded, for people.
    pub(super) fn error_bounds(&self) -> ErrorBounds {
        let bound = |at: usize| {
            let (tensor, deviation) = (&self.out.tensors[at], &self.deviations[at]);
            // Of columns that have steps of their own, the largest.
            let grid = self.out.grids.get(&TensorId(at));
            let unit = grid.map_or(1.0, |grid| grid.coarsest() / tensor.step);
            let terms = deviation.terms.through(unit);
            TensorBound {
                node: tensor.name.clone(),
                onnx_op: tensor.onnx_op.clone(),
                step: tensor.step * unit,
                worst_case: terms.total(),
                expected: deviation.variance.sqrt() * unit,
                own: terms.own(),
                terms,
                cut: deviation.cut,
            }
        };
        ErrorBounds {
            tensors: (0..self.out.tensors.len()).map(bound).collect(),
            outputs: self.out.outputs.iter().map(|id| bound(id.0)).collect(),
        }
    }
}

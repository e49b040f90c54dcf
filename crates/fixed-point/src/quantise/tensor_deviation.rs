//! The distances of inputs, views and extrema from their float values, recorded while tensors are made; and of all
//! tensors, for people.

use super::deviation::{Deviation, hull, meet};
use super::lowering::Lowering;
use super::value::Elements;
use crate::convert::{index, real, real_count};
use crate::error_bound::{ErrorBounds, ErrorTerms, TensorBound};
use crate::quant_graph::{Interval, Source, TensorId};
use crate::settings::Range;

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

//! Validation of graphs that were not made here: structure, sizes and intervals.
//!
//! Intervals are re-derived from those of the inputs on: a forged file may claim wider ones (which costs
//! rows), never narrower ones (which would break completeness or hide a wrap-around). Tables are *canonical*:
//! one covers exactly what the accumulators of its readers rescale to, so that a file cannot carry entries that
//! no accumulator reaches. Sizes are bounded before anything is made in proportion to them.

mod tables;
mod work;

use crate::format::Format;
use crate::interval::ACCUMULATOR_LIMIT;
use crate::limits::{FORMAT_SHIFT, LOW_BITS, MOST_FORMATS};
use crate::quant_graph::Linear;
use crate::quant_graph::{QuantGraph, QuantOp, QuantTensor, TensorId, Watch, Watched};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;
use work::Work;

impl QuantGraph {
    /// Checks everything that the circuit and the interpreter rely on.
    ///
    /// # Errors
    /// [`ValidateError`] naming the first tensor that fails.
    pub fn validate(&self) -> Result<(), ValidateError> {
        self.validate_formats()?;
        let mut work = Work::of(self);
        for (tensor, t) in self.tensors.iter().enumerate() {
            self.validate_tensor(tensor, t, &mut work)?;
        }
        self.validate_tables()?;
        let listed: Vec<usize> = self.inputs.iter().map(|t| t.0).collect();
        let mut found: Vec<(usize, usize)> = vec![];
        for (tensor, t) in self.tensors.iter().enumerate() {
            if let QuantOp::Input { index } = t.op {
                found.push((index, tensor));
            }
        }
        found.sort_unstable();
        if !found.iter().copied().eq(listed.into_iter().enumerate()) {
            return Err(ValidateError::Ends { what: "inputs" });
        }
        for output in &self.outputs {
            let Some(t) = self.tensors.get(output.0) else {
                return Err(ValidateError::Ends { what: "outputs" });
            };
            work.add_elements(t.len()).map_err(|excess| excess.at(output.0, t))?;
        }
        let len = |id: TensorId| self.tensors.get(id.0).map(QuantTensor::len);
        if self.grids.iter().any(|(id, grid)| !len(*id).is_some_and(|len| grid.fits(len))) {
            return Err(ValidateError::Ends { what: "grids" });
        }
        let commits = |id: &TensorId| {
            let op = self.tensors.get(id.0).map(|tensor| &tensor.op);
            matches!(op, Some(QuantOp::Rescale { .. } | QuantOp::Embedding(_)))
        };
        if !self.committed.keys().all(commits) {
            return Err(ValidateError::Ends { what: "committed tensors" });
        }
        if !self.empty.iter().all(|(id, empty)| self.leaves_empty(*id, empty)) {
            return Err(ValidateError::Ends { what: "empty places of kernels" });
        }
        if self.elements.keys().any(|id| !self.inputs.contains(id)) {
            return Err(ValidateError::Ends { what: "element types" });
        }
        let watched = |watch: &Watch| match (self.tensors.get(watch.tensor.0), watch.what) {
            (Some(tensor), Watched::Rescaled) => matches!(tensor.op, QuantOp::Rescale { .. }),
            (tensor, Watched::Value) => tensor.is_some(),
            (None, Watched::Rescaled) => false,
        };
        if !self.watches.iter().all(watched) {
            return Err(ValidateError::Ends { what: "watched tensors" });
        }
        Ok(())
    }

    /// Whether a tensor is a convolution with committed weights, and these are zero at such places of every output's row.
    fn leaves_empty(&self, id: TensorId, empty: &[usize]) -> bool {
        let linear = self.tensors.get(id.0).and_then(|tensor| tensor.op.linear());
        let Some(Linear::Conv { kernel, kernel_shape, .. }) = linear else { return false };
        let row = kernel.len().checked_div(kernel_shape[0]).unwrap_or(0);
        let ordered = empty.is_sorted_by(|a, b| a < b) && empty.last().is_none_or(|at| *at < row);
        let zero = |row: &[i64]| empty.iter().all(|&at| row.get(at) == Some(&0));
        ordered && self.committed.contains_key(&id) && kernel.chunks_exact(row.max(1)).all(zero)
    }

    fn validate_formats(&self) -> Result<(), ValidateError> {
        let count = u32::try_from(self.formats.len()).unwrap_or(u32::MAX);
        let most = u32::try_from(MOST_FORMATS).unwrap_or(u32::MAX);
        let number = [("number of formats", count, 0..=most)];
        let each = self.formats.iter().flat_map(|Format { shift, low_bits }| {
            [("shift", *shift, FORMAT_SHIFT), ("low_bits", *low_bits, LOW_BITS)]
        });
        for (what, got, range) in number.into_iter().chain(each) {
            if !range.contains(&got) {
                let (lo, hi) = range.into_inner();
                return Err(ValidateError::Parameter { what, got, lo, hi });
            }
        }
        Ok(())
    }

    fn validate_tensor(
        &self,
        tensor: usize,
        t: &QuantTensor,
        work: &mut Work,
    ) -> Result<(), ValidateError> {
        let node = || t.name.clone();
        let malformed = |reason| Err(ValidateError::Malformed { tensor, node: node(), reason });
        let len = t.shape.iter().try_fold(1_usize, |n, &extent| n.checked_mul(extent));
        let Some(len) = len.filter(|&n| n > 0) else {
            return malformed("its shape is empty or its elements cannot be counted");
        };
        if !(t.step.is_finite() && t.step > 0.0) {
            return malformed("its step is not a positive number");
        }
        for operand in t.op.operands() {
            if operand.0 >= tensor {
                return Err(ValidateError::Order { tensor, node: node(), operand: operand.0 });
            }
        }
        let sizes = Sizes { graph: self, index: tensor, tensor: t, len };
        t.op.check(sizes)?;
        work.add(self, t, len).map_err(|excess| excess.at(tensor, t))?;
        let committed = self.committed.get(&TensorId(tensor)).copied();
        if let QuantOp::Rescale { format, linear, bias, accumulator, .. } = &t.op {
            if self.format(*format).is_none() {
                return malformed("its format is not among those of the graph");
            }
            if let Some(committed) = committed {
                if !linear.is_committed_as(committed, bias) {
                    return malformed("its committed weights are none of their bits");
                }
                // Whatever the weights are, nothing wraps around; tables are as long as these weights need at least, and
                // of heavier ones what goes beyond has no proof.
                if linear.interval(self, bias, Some(committed), len).is_none() {
                    return Err(ValidateError::WrapAround { tensor, node: node() });
                }
            }
            let derived = linear.interval(self, bias, None, len);
            let derived =
                derived.ok_or_else(|| ValidateError::WrapAround { tensor, node: node() })?;
            if !accumulator.covers(&derived) {
                let what = "accumulator";
                return Err(ValidateError::Interval {
                    tensor,
                    node: node(),
                    what,
                    claimed: *accumulator,
                    derived,
                });
            }
            if accumulator.magnitude() >= ACCUMULATOR_LIMIT.unsigned_abs() {
                return Err(ValidateError::WrapAround { tensor, node: node() });
            }
            self.covers(tensor, t)?;
        }
        let derived = t.op.interval(self, len, t.interval, committed);
        let derived = derived.ok_or_else(|| ValidateError::WrapAround { tensor, node: node() })?;
        if self.ranges(TensorId(tensor)).is_none() {
            return Err(ValidateError::WrapAround { tensor, node: node() });
        }
        if t.interval.lo > t.interval.hi || !t.interval.covers(&derived) {
            let (what, claimed) = ("interval", t.interval);
            return Err(ValidateError::Interval { tensor, node: node(), what, claimed, derived });
        }
        if t.interval.magnitude() >= ACCUMULATOR_LIMIT.unsigned_abs() {
            return Err(ValidateError::WrapAround { tensor, node: node() });
        }
        Ok(())
    }
}

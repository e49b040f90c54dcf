//! ReduceSum, ReduceMean and ReduceMax.

use super::affine::fold;
use super::error::QuantiseError;
use super::gather::{coordinates, flat};
use super::in_columns::{InColumns, shared};
use super::lowering::{Lowering, Wish};
use super::mat_mul::pointwise;
use super::value::{ConvForm, Elements, Form, Pending, Value};
use crate::convert::real_count;
use crate::quant_graph::{QuantOp, TensorId};
use crate::round::scale_of;
use provenn_onnx_ir::Op;

/// Operators in a row that are looked through.
const DEEPEST: usize = 4;

impl Lowering<'_> {
    pub(super) fn reduce_sum(
        &mut self,
        node: usize,
        axes: &[usize],
        mean: bool,
    ) -> Result<Value, QuantiseError> {
        let (index, group) = self.groups(node, axes)?;
        let scale = if mean { 1.0 / real_count(group) } else { 1.0 };
        let operand = self.operand(node, 0)?;
        if let Some(form) = self.contraction(operand, &index, group, scale, node)? {
            return Ok(Value::Pending(Pending::of(form, node)));
        }
        if let Some(sum) = self.sum_in_columns(operand, (&index, group), scale, node)? {
            return Ok(sum);
        }
        let x = self.elements(operand)?;
        let sum = self.sum_groups(&x, &index, vec![scale; group], node)?;
        if let Value::Pending(pending) = &sum
            && self.are_rows(&x)
            && let Some(unit) = self.exact_unit(&pending.form)
            && self.publishes_in(unit, node)
        {
            return Ok(Value::Elements(self.emit_exact(pending, unit, node)?));
        }
        Ok(sum)
    }

    /// Whether values of this unit are what is asked for, or so fine that another rounding does no harm: means of whole
    /// numbers are not, whose unit is a fifth or a third.
    fn publishes_in(&self, unit: f64, node: usize) -> bool {
        self.wish(node) == Wish::Any
            || scale_of(unit).is_some()
            || unit <= self.table_step(self.range(node).magnitude(), node)
    }

    /// Whether elements are of rows of constant tables. A sum of many of these needs no rescale, whose one factor would
    /// have few bits: the table's step is so much finer than that of the sum.
    fn are_rows(&self, x: &Elements) -> bool {
        let row = |id: &TensorId| matches!(self.out.tensors[id.0].op, QuantOp::Embedding(_));
        !x.sources.is_empty() && x.sources.iter().all(row)
    }

    /// Whether all that reads a node are sums along axes, perhaps of its elements in another order.
    pub(super) fn is_summed(&self, node: usize) -> bool {
        self.is_summed_within(node, DEEPEST)
    }

    fn is_summed_within(&self, node: usize, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let sums = |&(user, at): &(usize, usize)| {
            let op = &self.node(user).op;
            let moves = matches!(op, Op::Reshape | Op::Gather { .. } | Op::Slice { .. }) && at == 0;
            matches!(op, Op::ReduceSum { .. }) || (moves && self.is_summed_within(user, depth))
        };
        !self.readers[node].is_empty() && self.readers[node].iter().all(sums)
    }

    /// The sum of products that nothing else has asked for, without a rescale of each.
    fn contraction(
        &mut self,
        operand: usize,
        index: &[usize],
        group: usize,
        scale: f64,
        node: usize,
    ) -> Result<Option<Form>, QuantiseError> {
        let Value::Pending(Pending {
            form: Form::Contract { a, b, scale: factor, bias },
            order,
            ..
        }) = self.value(operand)
        else {
            return Ok(None);
        };
        let (a, b, factor, len) = (*a, *b, *factor, index.len());
        let single = bias.len() == self.out.tensors[a.0].len();
        if !single || bias.iter().any(|&b| b != 0.0) || !len.is_multiple_of(group.max(1)) {
            return Ok(None);
        }
        let moved: Vec<usize> = match order {
            None => index.to_vec(),
            Some(order) => index.iter().map(|&i| order[i]).collect(),
        };
        let gathered = [a, b].map(|id| self.all(id).gather(&moved));
        let [a, b] =
            [self.tensor(&gathered[0], None, node)?, self.tensor(&gathered[1], None, node)?];
        let bias = vec![0.0; len / group.max(1)];
        Ok(Some(Form::Contract { a, b, scale: scale * factor, bias }))
    }

    pub(super) fn reduce_max(
        &mut self,
        node: usize,
        axes: &[usize],
    ) -> Result<Value, QuantiseError> {
        let (index, group) = self.groups(node, axes)?;
        let operand = self.operand(node, 0)?;
        let (x, factors) = self.elements_and_factors(operand, |factors| {
            shared(index.iter().map(|&i| factors.get(i).copied().unwrap_or(0.0)), group)
        })?;
        let tap = |at: usize| {
            x.gather(&index.iter().skip(at).step_by(group).copied().collect::<Vec<_>>())
        };
        let taps = (0..group).map(tap).collect();
        let maximum = self.maximum_of(taps, node)?;
        self.watch_extremum(operand, &maximum);
        Ok(self.perhaps_scaled(maximum, factors, node))
    }

    /// The sum of each run of `weights`' length of indices, weighted.
    fn sum_groups(
        &mut self,
        x: &Elements,
        index: &[usize],
        weights: Vec<f64>,
        node: usize,
    ) -> Result<Value, QuantiseError> {
        let group = weights.len();
        let outer = index.len() / group.max(1);
        if outer == 1 {
            let input = self.tensor(&x.gather(index), None, node)?;
            let form =
                Form::Dense { input, weights: weights.into(), bias: vec![0.0], learned: false };
            return Ok(Value::Pending(Pending::of(form, node)));
        }
        // What is summed becomes the channels of a 1×1 convolution.
        let channels: Vec<usize> =
            (0..index.len()).map(|i| index[i % outer * group + i / outer]).collect();
        let input = self.tensor(&x.gather(&channels), Some(&[group, 1, outer]), node)?;
        let form = pointwise(input, weights.into(), [1, group, outer], vec![0.0]);
        let form = Form::Conv(ConvForm { learned: false, ..form });
        Ok(Value::Pending(Pending::of(form, node)))
    }

    /// `scale ·` the sum of each run of `group` indices into an operand.
    pub(super) fn scaled_sums(
        &mut self,
        operand: usize,
        (index, group): (&[usize], usize),
        scale: f64,
        node: usize,
    ) -> Result<Value, QuantiseError> {
        if let Some(sum) = self.sum_in_columns(operand, (index, group), scale, node)? {
            return Ok(sum);
        }
        let x = self.elements(operand)?;
        self.sum_groups(&x, index, vec![scale; group], node)
    }

    /// The same where the operand's columns have steps of their own, and those of a sum are one, or those of all sums
    /// the same.
    fn sum_in_columns(
        &mut self,
        operand: usize,
        (index, group): (&[usize], usize),
        scale: f64,
        node: usize,
    ) -> Result<Option<Value>, QuantiseError> {
        let Some(InColumns { of, factors }) = self.elements_in_columns(operand)? else {
            return Ok(None);
        };
        let factor = |at: usize| factors.get(at).copied().unwrap_or(0.0);
        if let Some(each) = shared(index.iter().map(|&i| factor(i)), group) {
            let sum = self.sum_groups(&of, index, vec![scale; group], node)?;
            let Value::Pending(mut sum) = sum else { return Ok(None) };
            if fold(&mut sum, &each, &vec![0.0; each.len()]) {
                return Ok(Some(Value::Pending(sum)));
            }
            return self.rounded_and_scaled(sum, each, node).map(Some);
        }
        let weights: Vec<f64> = index.iter().take(group).map(|&i| factor(i)).collect();
        let same = |run: &[usize]| run.iter().zip(&weights).all(|(&i, &w)| factor(i) == w);
        if !index.chunks(group.max(1)).all(same) {
            return Ok(None);
        }
        let weights = weights.into_iter().map(|weight| weight * scale).collect();
        self.sum_groups(&of, index, weights, node).map(Some)
    }

    /// Input indices grouped by result element, and the size of a group.
    fn groups(&self, node: usize, axes: &[usize]) -> Result<(Vec<usize>, usize), QuantiseError> {
        let shape = self.shape(self.operand(node, 0)?);
        let result: Vec<usize> = shape
            .iter()
            .enumerate()
            .map(|(axis, &extent)| if axes.contains(&axis) { 1 } else { extent })
            .collect();
        let group: usize = axes.iter().filter_map(|&axis| shape.get(axis)).product();
        let mut keyed: Vec<(usize, usize)> = (0..shape.iter().product())
            .map(|i| {
                let mut at = coordinates(i, shape);
                for &axis in axes {
                    at[axis] = 0;
                }
                (flat(&at, &result), i)
            })
            .collect();
        keyed.sort_unstable();
        Ok((keyed.into_iter().map(|(_, i)| i).collect(), group.max(1)))
    }
}

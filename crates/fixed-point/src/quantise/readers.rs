//! How much each element of a node weighs in what reads it.
//!
//! Columns of very different size do no harm where they weigh the same: the small ones then contribute little. They
//! do where weights make up for the sizes, as after standardisation or in a linear model of raw features.

use super::gather::{Pick, broadcast, picks};
use super::lowering::Lowering;
use crate::convert::real_count;
use crate::settings::Range;
use provenn_onnx_ir::{Node, NodeId, Op};
use std::cell::RefCell;
use std::collections::HashMap;

/// Operators in a row that are looked through.
const DEEPEST: usize = 32;

/// What is found of nodes while one is asked for: many ways may lead to one.
#[derive(Debug, Default)]
pub(super) struct Weighed(RefCell<HashMap<Asked, Option<Vec<f64>>>>);

/// A node, what lies between, and operators that may still be looked through.
type Asked = (usize, Between, usize);

/// What lies between a node and what reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Between {
    /// Readers must take a shift at most.
    shifted: bool,
    /// Constants apply to an input in between: whoever reads what comes of it reads numbers of one step anyway, to
    /// which the input's units make no difference.
    scaled: bool,
    /// Nothing but moves: elements are those of an input.
    raw: bool,
}

impl Lowering<'_> {
    /// For every element of a node, the largest factor that a reader multiplies it by; `None` where a reader
    /// cannot take a scale and a shift (a shift at most, with `shifted`) per column.
    ///
    /// What is published weighs as much as its calibrated width is small: all columns count alike.
    pub(super) fn weights_of_readers(&self, node: usize, shifted: bool) -> Option<Vec<f64>> {
        let raw = matches!(self.node(node).op, Op::Input { .. });
        let weights = self.weights_within(node, Between { shifted, scaled: false, raw }, DEEPEST);
        self.weighed.0.borrow_mut().clear();
        weights
    }

    fn weights_within(&self, node: usize, between: Between, depth: usize) -> Option<Vec<f64>> {
        let depth = depth.checked_sub(1)?;
        let known = self.weighed.0.borrow().get(&(node, between, depth)).cloned();
        known.unwrap_or_else(|| {
            let weights = self.weights_at(node, between, depth);
            self.weighed.0.borrow_mut().insert((node, between, depth), weights.clone());
            weights
        })
    }

    fn weights_at(&self, node: usize, between: Between, depth: usize) -> Option<Vec<f64>> {
        let len = self.shape(node).iter().product();
        let mut weights = vec![0.0_f64; len];
        let mut raise = |by: Vec<f64>| {
            for (weight, by) in weights.iter_mut().zip(by) {
                *weight = weight.max(by);
            }
        };
        if self.graph.outputs.iter().any(|id| id.0 == node) {
            raise(self.published(node));
        }
        for &(user, at) in &self.readers[node] {
            raise(self.weights_of_reader(node, (user, at), between, depth)?);
        }
        Some(weights)
    }

    fn weights_of_reader(
        &self,
        node: usize,
        (user, at): (usize, usize),
        between: Between,
        depth: usize,
    ) -> Option<Vec<f64>> {
        let reader = self.node(user);
        let applied = Between { scaled: between.scaled || between.raw, raw: false, ..between };
        let len: usize = self.shape(node).iter().product();
        let constant = || self.constant_of(reader, 1 - at.min(1));
        let computed = || between.scaled.then(|| vec![1.0; len]);
        match &reader.op {
            Op::Add | Op::Sub if constant().is_some() => {
                let applied = Between { shifted: true, ..applied };
                let beyond = self.weights_within(user, applied, depth)?;
                Some(self.weights_before_broadcast(node, user, beyond))
            }
            Op::Mul | Op::Div
                if constant().is_some() && (at == 0 || matches!(reader.op, Op::Mul)) =>
            {
                let (shape, data) = constant()?;
                let beyond = self.weights_within(user, applied, depth)?;
                let index = broadcast(shape, self.shape(user));
                let divides = reader.op == Op::Div;
                let factors = index.into_iter().map(|i| f64::from(data[i]).abs());
                let factors = factors.map(|x| if divides { 1.0 / x } else { x });
                let weights = factors.zip(beyond).map(|(factor, weight)| factor * weight);
                Some(self.weights_before_broadcast(node, user, weights.collect()))
            }
            Op::Neg => self.weights_within(user, Between { raw: false, ..between }, depth),
            Op::MatMul if at == 0 => self.of_matrix(node, reader),
            Op::Conv { window, groups } if at == 0 => {
                let padded = window.pad_before != [0, 0] || window.pad_after != [0, 0];
                if padded && between.shifted {
                    return None;
                }
                self.of_kernel(node, reader, *groups)
            }
            Op::Reshape | Op::Transpose { .. } | Op::Slice { .. } | Op::Take { .. } => {
                let beyond = self.weights_within(user, between, depth)?;
                self.weights_before_move(node, (user, at), beyond)
            }
            Op::Concat { .. } | Op::Pad { .. } | Op::Expand | Op::Tile { .. } => {
                match self.weights_within(user, between, depth) {
                    Some(beyond) => self.weights_before_move(node, (user, at), beyond),
                    None => computed(),
                }
            }
            // They take one step, whatever their readers do.
            Op::Sigmoid
            | Op::Tanh
            | Op::Exp
            | Op::Log
            | Op::Sqrt
            | Op::Erf
            | Op::Gelu { .. }
            | Op::Softplus
            | Op::Function(_) => Some(vec![1.0; len]),
            Op::Add
            | Op::Sub
            | Op::Mul
            | Op::Div
            | Op::MatMul
            | Op::Conv { .. }
            | Op::ConvTranspose { .. }
            | Op::Relu
            | Op::Abs
            | Op::Clip { .. }
            | Op::LeakyRelu { .. }
            | Op::PRelu
            | Op::Max
            | Op::Min
            | Op::MaxPool { .. }
            | Op::AveragePool { .. }
            | Op::ReduceMax { .. }
            | Op::ReduceSum { .. }
            | Op::ReduceMean { .. }
            | Op::Pow { .. }
            | Op::Where
            | Op::Input { .. }
            | Op::Constant(_)
            | Op::Round { .. }
            | Op::Trunc
            | Op::Less
            | Op::LessOrEqual
            | Op::Equal
            | Op::Gather { .. }
            | Op::GatherElements { .. }
            | Op::TopK { .. } => self.through_scaling(node, (user, at), depth).or_else(computed),
        }
    }

    /// The same of what scales with its operand: it takes that with any shift, and has columns of its own where its readers
    /// need them. `None` for all else.
    fn through_scaling(
        &self,
        node: usize,
        (user, at): (usize, usize),
        depth: usize,
    ) -> Option<Vec<f64>> {
        let reader = self.node(user);
        let of_all = |node: usize| self.shape(node).iter().product::<usize>();
        let beyond = || {
            let between = Between { shifted: false, scaled: false, raw: false };
            let weights = self.weights_within(user, between, depth);
            weights.unwrap_or_else(|| vec![1.0; of_all(user)])
        };
        // The other operand's sizes, as the result has them.
        let spread = |other: NodeId, sizes: Vec<f64>| {
            let index = broadcast(self.shape(other.0), self.shape(user));
            index.into_iter().map(move |i| sizes[i])
        };
        let other = reader.inputs.get(1 - at.min(1)).copied();
        match &reader.op {
            Op::Relu | Op::Abs | Op::Clip { .. } => Some(beyond()),
            Op::LeakyRelu { alpha } => {
                let most = f64::from(alpha.abs()).max(1.0);
                Some(beyond().into_iter().map(|weight| weight * most).collect())
            }
            Op::PRelu if at == 0 => {
                let (_, slopes) = self.constant_of(reader, 1)?;
                let slopes = slopes.iter().map(|slope| f64::from(slope.abs()).max(1.0));
                let slopes = spread(other?, slopes.collect());
                Some(slopes.zip(beyond()).map(|(slope, weight)| slope * weight).collect())
            }
            Op::Add | Op::Sub | Op::Max | Op::Min => {
                Some(self.weights_before_broadcast(node, user, beyond()))
            }
            Op::Where if at > 0 => Some(self.weights_before_broadcast(node, user, beyond())),
            // A product weighs as much as the other factor is large.
            Op::Mul => {
                let sizes = spread(other?, self.magnitudes(other?.0).collect());
                let weights = sizes.zip(beyond()).map(|(size, weight)| size * weight);
                Some(self.weights_before_broadcast(node, user, weights.collect()))
            }
            Op::Pow { exponent } => {
                let power = i32::try_from(*exponent).unwrap_or(i32::MAX) - 1;
                let sizes = self.magnitudes(node).map(|size| size.powi(power));
                Some(sizes.zip(beyond()).map(|(size, weight)| size * weight).collect())
            }
            Op::MaxPool { .. } => Some(self.in_planes(node, user, &beyond(), 1)),
            Op::AveragePool { window, .. } => {
                Some(self.in_planes(node, user, &beyond(), window.kernel.iter().product()))
            }
            Op::ReduceMax { axes } | Op::ReduceSum { axes } => {
                Some(self.in_sums(node, axes, &beyond(), 1))
            }
            Op::ReduceMean { axes } => {
                Some(self.in_sums(node, axes, &beyond(), of_all(node) / of_all(user).max(1)))
            }
            Op::PRelu
            | Op::Where
            | Op::Div
            | Op::Neg
            | Op::MatMul
            | Op::Conv { .. }
            | Op::ConvTranspose { .. }
            | Op::Sigmoid
            | Op::Tanh
            | Op::Exp
            | Op::Log
            | Op::Sqrt
            | Op::Erf
            | Op::Gelu { .. }
            | Op::Softplus
            | Op::Function(_)
            | Op::Reshape
            | Op::Transpose { .. }
            | Op::Slice { .. }
            | Op::Take { .. }
            | Op::Concat { .. }
            | Op::Pad { .. }
            | Op::Expand
            | Op::Tile { .. }
            | Op::Input { .. }
            | Op::Constant(_)
            | Op::Round { .. }
            | Op::Trunc
            | Op::Less
            | Op::LessOrEqual
            | Op::Equal
            | Op::Gather { .. }
            | Op::GatherElements { .. }
            | Op::TopK { .. } => None,
        }
    }

    /// Of an element that is repeated, the place where it weighs most.
    fn weights_before_broadcast(&self, node: usize, user: usize, weights: Vec<f64>) -> Vec<f64> {
        let mut most = vec![0.0_f64; self.shape(node).iter().product()];
        let from = broadcast(self.shape(node), self.shape(user));
        for (weight, from) in weights.into_iter().zip(from) {
            most[from] = most[from].max(weight);
        }
        most
    }

    /// Of elements that are moved, the place where each weighs most.
    fn weights_before_move(
        &self,
        node: usize,
        (user, at): (usize, usize),
        beyond: Vec<f64>,
    ) -> Option<Vec<f64>> {
        let reader = self.node(user);
        let shapes: Vec<&[usize]> = reader.inputs.iter().map(|id| self.shape(id.0)).collect();
        let mut weights = vec![0.0_f64; self.shape(node).iter().product()];
        let from = picks(&reader.op, &shapes, self.shape(user))?;
        for (pick, beyond) in from.into_iter().zip(beyond) {
            if let Pick::From { input, index } = pick
                && input == at
            {
                weights[index] = weights[index].max(beyond);
            }
        }
        Some(weights)
    }

    /// The largest weight in an element's row of a constant matrix.
    fn of_matrix(&self, node: usize, reader: &Node) -> Option<Vec<f64>> {
        let (&[1, k, n], data) = self.constant_of(reader, 1)? else { return None };
        let row = |i: usize| &data[i % k * n..][..n];
        let len = self.shape(node).iter().product();
        Some((0..len).map(|i| largest(row(i))).collect())
    }

    /// The largest tap of a channel in a constant kernel.
    fn of_kernel(&self, node: usize, reader: &Node, groups: usize) -> Option<Vec<f64>> {
        let (&[o, per_group, kh, kw], data) = self.constant_of(reader, 1)? else { return None };
        let &[n, c, h, w] = self.shape(node) else { return None };
        let (taps, of_group) = (kh * kw, o / groups);
        let channel = |channel: usize| {
            let group = channel / per_group;
            let kernel = |out: usize| {
                let at = (out * per_group + channel % per_group) * taps;
                largest(&data[at..][..taps])
            };
            (group * of_group..(group + 1) * of_group).map(kernel).fold(0.0, f64::max)
        };
        let channels: Vec<f64> = (0..c).map(channel).collect();
        Some((0..n * c * h * w).map(|i| channels[i / (h * w) % c]).collect())
    }

    /// Weights of a pool's windows, as its operand's: those of its planes, of windows of `of` elements that weigh alike.
    fn in_planes(&self, node: usize, pool: usize, weights: &[f64], of: usize) -> Vec<f64> {
        let extent = |node: usize| self.shape(node).iter().skip(2).product::<usize>().max(1);
        let most =
            |plane: &[f64]| plane.iter().copied().fold(0.0, f64::max) / real_count(of.max(1));
        let planes = weights.chunks(extent(pool)).map(most);
        planes.flat_map(|weight| std::iter::repeat_n(weight, extent(node))).collect()
    }

    /// Weights of sums (or maxima) along axes, as their operand's.
    fn in_sums(&self, node: usize, axes: &[usize], weights: &[f64], of: usize) -> Vec<f64> {
        let shape = self.shape(node).iter().enumerate();
        let kept: Vec<usize> =
            shape.map(|(axis, &extent)| if axes.contains(&axis) { 1 } else { extent }).collect();
        let each = broadcast(&kept, self.shape(node));
        each.into_iter().map(|at| weights[at] / real_count(of.max(1))).collect()
    }

    /// Shape and data of an operand that the model gives as a constant.
    fn constant_of(&self, node: &Node, at: usize) -> Option<(&[usize], &[f32])> {
        let Op::Constant(tensor) = &self.node(node.inputs.get(at)?.0).op else { return None };
        Some((&tensor.shape, &tensor.data))
    }

    fn published(&self, node: usize) -> Vec<f64> {
        let width = |range: Range| (range.hi - range.lo).max(f64::MIN_POSITIVE.sqrt());
        self.ranges(node).map(|range| 1.0 / width(range)).collect()
    }
}

fn largest(values: &[f32]) -> f64 {
    values.iter().fold(0.0, |most, x| f64::from(x.abs()).max(most))
}

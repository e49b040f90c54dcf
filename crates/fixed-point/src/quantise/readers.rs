//! How much each element of a node weighs in what reads it.
//!
//! Columns of very different size do no harm where they weigh the same: the small ones then contribute little. They
//! do where weights make up for the sizes, as after standardisation or in a linear model of raw features.

use super::gather::{Pick, broadcast, picks};
use super::lowering::Lowering;
use crate::convert::real_count;
use provenn_onnx_ir::{Node, Op};

/// Operators in a row that are looked through.
const DEEPEST: usize = 32;

/// What lies between a node and what reads it.
#[derive(Clone, Copy)]
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
        self.weights_within(node, Between { shifted, scaled: false, raw }, DEEPEST)
    }

    fn weights_within(&self, node: usize, between: Between, depth: usize) -> Option<Vec<f64>> {
        let depth = depth.checked_sub(1)?;
        let len = self.shape(node).iter().product();
        let mut weights = vec![0.0_f64; len];
        let mut raise = |by: Vec<f64>| {
            for (weight, by) in weights.iter_mut().zip(by) {
                *weight = weight.max(by);
            }
        };
        if self.graph.outputs.iter().any(|id| id.0 == node) {
            raise(self.published(node, len));
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
        let Between { shifted, scaled, raw } = between;
        let applied = Between { shifted, scaled: scaled || raw, raw: false };
        let len: usize = self.shape(node).iter().product();
        let other = || self.constant_of(reader, 1 - at.min(1));
        let computed = scaled.then(|| vec![1.0; len]);
        // Of an element that is repeated, the place where it weighs most.
        let folded = |weights: Vec<f64>| {
            let mut most = vec![0.0_f64; len];
            let from = broadcast(self.shape(node), self.shape(user));
            for (weight, from) in weights.into_iter().zip(from) {
                most[from] = most[from].max(weight);
            }
            most
        };
        let beyond = || {
            let between = Between { shifted: false, scaled: false, raw: false };
            let weights = self.weights_within(user, between, depth);
            weights.unwrap_or_else(|| vec![1.0; self.shape(user).iter().product()])
        };
        match &reader.op {
            Op::Add | Op::Sub => match other() {
                Some(_) => {
                    let applied = Between { shifted: true, ..applied };
                    self.weights_within(user, applied, depth).map(folded)
                }
                None => Some(folded(beyond())),
            },
            Op::Mul | Op::Div if at == 0 || matches!(reader.op, Op::Mul) => {
                let Some((shape, data)) = other() else {
                    // A product of data weighs as much as the other factor is large.
                    let (Op::Mul, Some(other)) = (&reader.op, reader.inputs.get(1 - at.min(1)))
                    else {
                        return computed;
                    };
                    let sizes: Vec<f64> = self.magnitudes(other.0).collect();
                    let sizes = broadcast(self.shape(other.0), self.shape(user))
                        .into_iter()
                        .map(|i| sizes[i]);
                    return Some(folded(sizes.zip(beyond()).map(|(x, y)| x * y).collect()));
                };
                let index = broadcast(shape, self.shape(user));
                let factor = index.into_iter().map(|i| f64::from(data[i]).abs());
                let by = |x: f64| if matches!(reader.op, Op::Div) { 1.0 / x } else { x };
                let beyond = self.weights_within(user, applied, depth)?;
                Some(folded(factor.zip(beyond).map(|(x, weight)| by(x) * weight).collect()))
            }
            Op::Neg => self.weights_within(user, Between { raw: false, ..between }, depth),
            // They scale with their operand, which they take with any shift, and have columns of their own where their
            // readers need them.
            Op::Relu | Op::Abs | Op::Clip { .. } => Some(beyond()),
            Op::LeakyRelu { alpha } => {
                let most = f64::from(alpha.abs()).max(1.0);
                Some(beyond().into_iter().map(|weight| weight * most).collect())
            }
            Op::PRelu if at == 0 => {
                let (shape, slopes) = other()?;
                let index = broadcast(shape, self.shape(user));
                let slope = index.into_iter().map(|i| f64::from(slopes[i].abs()).max(1.0));
                Some(slope.zip(beyond()).map(|(slope, weight)| slope * weight).collect())
            }
            Op::Max | Op::Min => Some(folded(beyond())),
            Op::Where if at > 0 => Some(folded(beyond())),
            Op::MaxPool { .. } => Some(self.in_planes(node, user, &beyond(), 1)),
            Op::AveragePool { window, .. } => {
                Some(self.in_planes(node, user, &beyond(), window.kernel.iter().product()))
            }
            Op::ReduceMax { .. } | Op::ReduceSum { .. } => {
                Some(self.in_sums(node, user, &beyond(), 1))
            }
            Op::ReduceMean { .. } => {
                let of = len / self.shape(user).iter().product::<usize>().max(1);
                Some(self.in_sums(node, user, &beyond(), of))
            }
            Op::Sigmoid
            | Op::Tanh
            | Op::Exp
            | Op::Log
            | Op::Sqrt
            | Op::Erf
            | Op::Gelu { .. }
            | Op::Softplus
            | Op::Function(_) => Some(vec![1.0; len]),
            Op::MatMul if at == 0 => {
                let (&[1, k, n], data) = self.constant_of(reader, 1)? else { return None };
                let row = |i: usize| &data[i % k * n..][..n];
                Some((0..len).map(|i| largest(row(i))).collect())
            }
            Op::Conv { window, groups } if at == 0 => {
                let padded = window.pad_before != [0, 0] || window.pad_after != [0, 0];
                let (&[o, per_group, kh, kw], data) = self.constant_of(reader, 1)? else {
                    return None;
                };
                let &[_, c, h, w] = self.shape(node) else { return None };
                if padded && shifted {
                    return None;
                }
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
                Some((0..len).map(|i| channels[i / (h * w) % c]).collect())
            }
            Op::Reshape
            | Op::Transpose { .. }
            | Op::Slice { .. }
            | Op::Take { .. }
            | Op::Expand
            | Op::Tile { .. }
            | Op::Pad { .. }
            | Op::Concat { .. } => {
                let beyond = match (self.weights_within(user, between, depth), &reader.op) {
                    (Some(beyond), _) => beyond,
                    (None, Op::Concat { .. } | Op::Pad { .. } | Op::Expand | Op::Tile { .. }) => {
                        return computed;
                    }
                    (None, _) => return None,
                };
                let shapes: Vec<&[usize]> =
                    reader.inputs.iter().map(|id| self.shape(id.0)).collect();
                let mut weights = vec![0.0_f64; len];
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
            Op::Pow { exponent } => {
                let sizes = self.magnitudes(node).zip(beyond());
                let power = i32::try_from(*exponent).unwrap_or(i32::MAX) - 1;
                Some(sizes.map(|(size, weight)| size.powi(power) * weight).collect())
            }
            Op::Mul
            | Op::Div
            | Op::MatMul
            | Op::Conv { .. }
            | Op::Input { .. }
            | Op::Constant(_)
            | Op::ConvTranspose { .. }
            | Op::PRelu
            | Op::Round { .. }
            | Op::Trunc
            | Op::Less
            | Op::LessOrEqual
            | Op::Equal
            | Op::Where
            | Op::Gather { .. }
            | Op::GatherElements { .. }
            | Op::TopK { .. } => computed,
        }
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
    fn in_sums(&self, node: usize, sum: usize, weights: &[f64], of: usize) -> Vec<f64> {
        let (Op::ReduceMax { axes } | Op::ReduceSum { axes } | Op::ReduceMean { axes }) =
            &self.node(sum).op
        else {
            return vec![1.0; self.shape(node).iter().product()];
        };
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

    fn published(&self, node: usize, len: usize) -> Vec<f64> {
        let whole = [self.range(node)];
        let columns = self.settings.columns.get(&self.node(node).name);
        let (ranges, inner) = columns.map_or((&whole[..], 1), |c| (&c.ranges[..], c.inner));
        let weight = |i: usize| {
            let range = ranges[i / inner.max(1) % ranges.len().max(1)];
            1.0 / (range.hi - range.lo).max(f64::MIN_POSITIVE.sqrt())
        };
        (0..len).map(weight).collect()
    }
}

fn largest(values: &[f32]) -> f64 {
    values.iter().fold(0.0, |most, x| f64::from(x.abs()).max(most))
}

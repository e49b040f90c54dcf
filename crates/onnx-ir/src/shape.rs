//! The shape each operator gives, and what it demands of its inputs' shapes.

use crate::tensor::{broadcast, volume};
use crate::{Op, Window};

/// The shape of `op` on inputs of these shapes; `None` when it does not apply to them.
///
/// `declared` is the node's own shape: for `Reshape`, `Expand` and `Slice` it is a parameter,
/// and is returned when it fits the input.
pub(crate) fn infer(op: &Op, inputs: &[&[usize]], declared: &[usize]) -> Option<Vec<usize>> {
    match (op, inputs) {
        (Op::Input { .. }, []) => Some(declared.to_vec()),
        (Op::Constant(tensor), []) => {
            (volume(&tensor.shape)? == tensor.data.len()).then(|| tensor.shape.clone())
        }
        (Op::MatMul, &[&[batch_a, m, k], &[batch_b, k_b, n]]) => {
            let batch = *broadcast(&[batch_a], &[batch_b])?.first()?;
            (k == k_b).then(|| vec![batch, m, n])
        }
        (Op::Conv { window, groups }, &[&[n, c, h, w], &[o, c_group, kh, kw], ref bias @ ..]) => {
            let fits = [kh, kw] == window.kernel
                && *groups > 0
                && o.checked_rem(*groups)? == 0
                && c_group.checked_mul(*groups)? == c
                && bias_fits(bias, o);
            let [h, w] = window.output([h, w])?;
            fits.then(|| vec![n, o, h, w])
        }
        (
            Op::ConvTranspose { window, groups, output_padding },
            &[&[n, c, h, w], &[c_kernel, o_group, kh, kw], ref bias @ ..],
        ) => {
            let o = o_group.checked_mul(*groups)?;
            let fits = [kh, kw] == window.kernel
                && c == c_kernel
                && c.checked_rem(*groups)? == 0
                && bias_fits(bias, o);
            let [h, w] = window.transposed_output([h, w], *output_padding)?;
            fits.then(|| vec![n, o, h, w])
        }
        (
            Op::Add
            | Op::Sub
            | Op::Mul
            | Op::Div
            | Op::Max
            | Op::Min
            | Op::Less
            | Op::LessOrEqual
            | Op::Equal,
            &[a, b],
        ) => broadcast(a, b),
        (Op::Where, &[condition, x, y]) => broadcast(condition, &broadcast(x, y)?),
        (Op::Gather { axis }, &[data, indices]) => {
            let (before, rest) = data.split_at_checked(*axis)?;
            let (extent, after) = rest.split_first()?;
            (*extent > 0).then(|| [before, indices, after].concat())
        }
        (Op::GatherElements { axis }, &[data, indices]) => {
            let pairs = data.iter().zip(indices).enumerate();
            let alike = pairs.filter(|(i, _)| i != axis).all(|(_, (a, b))| a == b);
            let lines = data.get(*axis).is_some_and(|extent| *extent > 0);
            (alike && lines && data.len() == indices.len()).then(|| indices.to_vec())
        }
        (Op::TopK { axis, .. }, &[x]) => (*axis < x.len()).then(|| x.to_vec()),
        (Op::Round { .. }, &[x]) => Some(x.to_vec()),
        (Op::PRelu | Op::Round { .. }, &[x, slope]) => {
            (broadcast(x, slope)? == x).then(|| x.to_vec())
        }
        (
            Op::Relu
            | Op::LeakyRelu { .. }
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
            | Op::Neg
            | Op::Abs
            | Op::Trunc,
            &[x],
        ) => Some(x.to_vec()),
        (Op::Pow { exponent }, &[x]) => (1..=8).contains(exponent).then(|| x.to_vec()),
        (Op::MaxPool { window } | Op::AveragePool { window, .. }, &[&[n, c, h, w]]) => {
            let [h, w] = window.output([h, w])?;
            Some(vec![n, c, h, w])
        }
        (Op::ReduceSum { axes } | Op::ReduceMean { axes } | Op::ReduceMax { axes }, &[x]) => {
            let mut shape = x.to_vec();
            for &axis in axes {
                *shape.get_mut(axis)? = 1;
            }
            axes.is_sorted_by(|a, b| a < b).then_some(shape)
        }
        (Op::Reshape, &[x]) => (volume(x)? == volume(declared)?).then(|| declared.to_vec()),
        (Op::Transpose { perm }, &[x]) => {
            let mut seen = perm.clone();
            seen.sort_unstable();
            let permutes = seen.iter().copied().eq(0..x.len());
            permutes.then(|| perm.iter().map(|&axis| x.get(axis).copied()).collect())?
        }
        (Op::Concat { axis }, &[first, ref rest @ ..]) => {
            let mut shape = first.to_vec();
            for other in rest {
                let same = other.len() == first.len()
                    && other.iter().zip(first).enumerate().all(|(i, (a, b))| i == *axis || a == b);
                if !same {
                    return None;
                }
                let extent = shape.get_mut(*axis)?;
                *extent = extent.checked_add(*other.get(*axis)?)?;
            }
            (*axis < first.len()).then_some(shape)
        }
        (Op::Slice { axis, start, step }, &[x]) => {
            let extent = isize::try_from(*x.get(*axis)?).ok()?;
            let count = isize::try_from(*declared.get(*axis)?).ok()?;
            if count > 0 {
                let first = isize::try_from(*start).ok()?;
                let last = first.checked_add(step.checked_mul(count - 1)?)?;
                if !(0..extent).contains(&first) || !(0..extent).contains(&last) {
                    return None;
                }
            }
            let others = declared.len() == x.len()
                && declared.iter().zip(x).enumerate().all(|(i, (a, b))| i == *axis || a == b);
            (others && *step != 0).then(|| declared.to_vec())
        }
        (Op::Pad { before, after, .. }, &[x]) => {
            let pads = before.iter().zip(after);
            let shape =
                x.iter().zip(pads).map(|(x, (b, a))| x.checked_add(*b)?.checked_add(*a)).collect();
            (before.len() == x.len() && after.len() == x.len()).then_some(shape)?
        }
        (Op::Expand, &[x]) => (broadcast(x, declared)? == declared).then(|| declared.to_vec()),
        (Op::Take { axis, positions }, &[x]) => {
            let mut shape = x.to_vec();
            let extent = shape.get_mut(*axis)?;
            let inside = positions.iter().all(|position| position < extent);
            *extent = positions.len();
            inside.then_some(shape)
        }
        (Op::Tile { repeats }, &[x]) => {
            let shape = x.iter().zip(repeats).map(|(x, r)| x.checked_mul(*r)).collect();
            (repeats.len() == x.len()).then_some(shape)?
        }
        // The wrong number or rank of inputs.
        (
            Op::Input { .. }
            | Op::Constant(_)
            | Op::MatMul
            | Op::Conv { .. }
            | Op::ConvTranspose { .. }
            | Op::Add
            | Op::Sub
            | Op::Mul
            | Op::Div
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
            | Op::Neg
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
            | Op::Where
            | Op::Gather { .. }
            | Op::GatherElements { .. }
            | Op::TopK { .. }
            | Op::Reshape
            | Op::Transpose { .. }
            | Op::Concat { .. }
            | Op::Slice { .. }
            | Op::Pad { .. }
            | Op::Expand
            | Op::Take { .. }
            | Op::Tile { .. },
            _,
        ) => None,
    }
}

fn bias_fits(bias: &[&[usize]], channels: usize) -> bool {
    match bias {
        [] => true,
        [shape] => *shape == [channels],
        _ => false,
    }
}

impl Window {
    /// Spatial extents that a convolution or pool gives on an input of these extents.
    pub(crate) fn output(&self, input: [usize; 2]) -> Option<[usize; 2]> {
        let axis = |i: usize| {
            let padded =
                input[i].checked_add(self.pad_before[i])?.checked_add(self.pad_after[i])?;
            padded.checked_sub(self.span(i)?)?.checked_div(self.stride[i])?.checked_add(1)
        };
        Some([axis(0)?, axis(1)?])
    }

    /// Spatial extents that a transposed convolution gives on an input of these extents.
    pub(crate) fn transposed_output(
        &self,
        input: [usize; 2],
        output_padding: [usize; 2],
    ) -> Option<[usize; 2]> {
        let axis = |i: usize| {
            let full = input[i]
                .checked_sub(1)
                .filter(|_| self.stride[i] > 0)?
                .checked_mul(self.stride[i])?
                .checked_add(self.span(i)?)?;
            let padding = self.pad_before[i].checked_add(self.pad_after[i])?;
            full.checked_add(output_padding[i])?.checked_sub(padding)
        };
        Some([axis(0)?, axis(1)?])
    }

    /// Extent that the dilated kernel covers along one axis.
    fn span(&self, axis: usize) -> Option<usize> {
        self.kernel[axis].checked_sub(1)?.checked_mul(self.dilation[axis])?.checked_add(1)
    }
}

//! The value of one node, operator by operator.

use super::elementwise::{both, compare, each, precise, select};
use super::{axis, conv, conv_transpose, gather, mat_mul, order, pool, reduce};
use crate::{Node, Op, Tensor, functions};

/// The value of one node. Its shapes have been validated; `None` otherwise, and for `Input`.
pub(crate) fn apply(node: &Node, inputs: &[&Tensor]) -> Option<Tensor> {
    let shape = node.shape.as_slice();
    let one = || exactly::<1>(inputs).map(|[x]| x);
    let two = || exactly::<2>(inputs);
    let data = match &node.op {
        Op::Input { .. } => return None,
        Op::Constant(tensor) => tensor.data.clone(),
        Op::MatMul => two().and_then(|[a, b]| mat_mul::mat_mul(a, b, shape))?,
        Op::Conv { window, groups } => {
            let [x, kernel, bias @ ..] = inputs else { return None };
            conv::conv(x, kernel, bias.first().copied(), window, *groups, shape)?
        }
        Op::ConvTranspose { window, groups, .. } => {
            let [x, kernel, bias @ ..] = inputs else { return None };
            let bias = bias.first().copied();
            conv_transpose::conv_transpose(x, kernel, bias, window, *groups, shape)?
        }
        Op::Add => both(two()?, shape, |a, b| a + b),
        Op::Sub => both(two()?, shape, |a, b| a - b),
        Op::Mul => both(two()?, shape, |a, b| a * b),
        Op::Div => both(two()?, shape, |a, b| a / b),
        Op::Max => both(two()?, shape, f32::max),
        Op::Min => both(two()?, shape, f32::min),
        Op::PRelu => both(two()?, shape, |x, slope| if x >= 0.0 { x } else { slope * x }),
        Op::Less => compare(two()?, shape, |a, b| a < b),
        Op::LessOrEqual => compare(two()?, shape, |a, b| a <= b),
        #[expect(clippy::float_cmp, reason = "the operator is equality")]
        Op::Equal => compare(two()?, shape, |a, b| a == b),
        Op::Where => select(exactly::<3>(inputs)?, shape),
        Op::Relu => each(one()?, |x| x.max(0.0)),
        &Op::LeakyRelu { alpha } => each(one()?, |x| if x >= 0.0 { x } else { alpha * x }),
        &Op::Clip { min, max } => each(one()?, |x| x.max(min).min(max)),
        Op::Neg => each(one()?, |x| -x),
        Op::Abs => each(one()?, f32::abs),
        Op::Trunc => each(one()?, f32::trunc),
        &Op::Round { rounding, min, max } => {
            let within = |x: f32| x.max(min).min(max);
            match *inputs {
                [x] => each(x, |x| within(rounding.apply(x, None))),
                [x, by] => both([x, by], shape, |x, by| within(rounding.apply(x, Some(by)))),
                _ => return None,
            }
        }
        Op::Sigmoid => precise(one()?, |x| 1.0 / (1.0 + (-x).exp())),
        Op::Tanh => precise(one()?, f64::tanh),
        Op::Exp => precise(one()?, functions::exp),
        Op::Log => precise(one()?, functions::log),
        Op::Sqrt => precise(one()?, f64::sqrt),
        Op::Erf => precise(one()?, functions::erf),
        &Op::Gelu { tanh } => precise(one()?, |x| functions::gelu(x, tanh)),
        Op::Softplus => precise(one()?, functions::softplus),
        Op::Function(function) => precise(one()?, |x| function.of(x)),
        &Op::Pow { exponent } => precise(one()?, |x| (0..exponent).map(|_| x).product()),
        Op::MaxPool { window } => pool::max_pool(one()?, window, shape)?,
        Op::AveragePool { window, count_include_pad } => {
            pool::average_pool(one()?, window, *count_include_pad, shape)?
        }
        Op::ReduceSum { axes } => reduce::sum(one()?, axes, shape),
        Op::ReduceMean { axes } => reduce::mean(one()?, axes, shape),
        Op::ReduceMax { axes } => reduce::max(one()?, axes, shape),
        &Op::Gather { axis } => {
            two().and_then(|[data, indices]| gather::gather(data, indices, axis))?
        }
        &Op::GatherElements { axis } => {
            two().and_then(|[data, indices]| gather::gather_elements(data, indices, axis))?
        }
        &Op::TopK { axis, largest } => order::positions(one()?, axis, largest)?,
        Op::Reshape => one()?.data.clone(),
        Op::Transpose { perm } => axis::transpose(one()?, perm, shape),
        Op::Concat { axis } => axis::concat(inputs, *axis, shape),
        Op::Slice { axis, start, step } => axis::slice(one()?, *axis, *start, *step, shape)?,
        Op::Pad { before, value, .. } => axis::pad(one()?, before, *value, shape),
        Op::Expand => axis::expand(one()?, shape),
        Op::Take { axis, positions } => axis::take(one()?, *axis, positions)?,
        Op::Tile { .. } => axis::tile(one()?, shape),
    };
    Tensor::new(node.shape.clone(), data)
}

/// The operands, where there are as many.
fn exactly<'t, const N: usize>(inputs: &[&'t Tensor]) -> Option<[&'t Tensor; N]> {
    inputs.try_into().ok()
}

//! Operators that treat every element alike.

use super::store;
use crate::tensor::{broadcast_strides, walk};
use crate::{Op, Tensor};

/// One operand; `None` for an operator that is not elementwise.
pub(super) fn unary(op: &Op, x: &Tensor) -> Option<Vec<f32>> {
    let each = |f: &dyn Fn(f32) -> f32| Some(x.data.iter().map(|&value| f(value)).collect());
    let precise = |f: &dyn Fn(f64) -> f64| {
        Some(x.data.iter().map(|&value| store(f(f64::from(value)))).collect())
    };
    match *op {
        Op::Relu => each(&|x| x.max(0.0)),
        Op::LeakyRelu { alpha } => each(&|x| if x >= 0.0 { x } else { alpha * x }),
        Op::Clip { min, max } => each(&|x| x.max(min).min(max)),
        Op::Sigmoid => precise(&|x| 1.0 / (1.0 + (-x).exp())),
        Op::Tanh => precise(&f64::tanh),
        Op::Neg => each(&|x| -x),
        Op::Abs => each(&f32::abs),
        Op::Pow { exponent } => precise(&|x| (0..exponent).map(|_| x).product()),
        Op::Trunc => each(&f32::trunc),
        _ => None,
    }
}

/// Two operands with broadcasting; `None` for an operator that is not elementwise.
pub(super) fn binary(op: &Op, a: &Tensor, b: &Tensor, shape: &[usize]) -> Option<Vec<f32>> {
    let combine: fn(f32, f32) -> f32 = match op {
        Op::Add => |a, b| a + b,
        Op::Sub => |a, b| a - b,
        Op::Mul => |a, b| a * b,
        Op::Div => |a, b| a / b,
        Op::Max => f32::max,
        Op::Min => f32::min,
        Op::PRelu => |x, slope| if x >= 0.0 { x } else { slope * x },
        _ => return None,
    };
    if a.shape == b.shape {
        return Some(a.data.iter().zip(&b.data).map(|(&a, &b)| combine(a, b)).collect());
    }
    let mut out = Vec::with_capacity(shape.iter().product());
    let (from_a, from_b) = (broadcast_strides(&a.shape, shape), broadcast_strides(&b.shape, shape));
    walk(shape, &from_a, &from_b, |at_a, at_b| out.push(combine(a.data[at_a], b.data[at_b])));
    Some(out)
}

//! Operators that only move elements, as index maps.

use provenn_onnx_ir::Op;

/// Where an element of a view operator comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pick {
    /// Element `index` of operand `input`.
    From { input: usize, index: usize },
    /// A constant.
    Fill(f64),
}

/// Row-major coordinates of a flat index.
pub(super) fn coordinates(mut flat: usize, shape: &[usize]) -> Vec<usize> {
    let mut at = vec![0; shape.len()];
    for (coordinate, &extent) in at.iter_mut().zip(shape).rev() {
        *coordinate = flat % extent.max(1);
        flat /= extent.max(1);
    }
    at
}

/// Row-major flat index of coordinates.
pub(super) fn flat(at: &[usize], shape: &[usize]) -> usize {
    at.iter().zip(shape).fold(0, |flat, (&coordinate, &extent)| flat * extent + coordinate)
}

/// For every element of `to`, the flat index in `from` that broadcasting reads.
pub(super) fn broadcast(from: &[usize], to: &[usize]) -> Vec<usize> {
    if from == to {
        return (0..to.iter().product()).collect();
    }
    let skip = to.len().saturating_sub(from.len());
    let mut strides = vec![0; to.len()];
    let mut stride = 1;
    for (own, &extent) in strides.iter_mut().skip(skip).zip(from).rev() {
        *own = if extent == 1 { 0 } else { stride };
        stride *= extent;
    }
    strided(to, &strides)
}

/// Row-major over a shape, the sums of coordinates times strides.
fn strided(shape: &[usize], strides: &[usize]) -> Vec<usize> {
    let mut all = vec![0];
    for (&extent, &stride) in shape.iter().zip(strides) {
        all = all.iter().flat_map(|&at| (0..extent).map(move |i| at + i * stride)).collect();
    }
    all
}

/// The index map of a view operator; `None` for operators that compute.
pub(super) fn picks(op: &Op, inputs: &[&[usize]], shape: &[usize]) -> Option<Vec<Pick>> {
    let len = shape.iter().product();
    let first = *inputs.first()?;
    let one = |index: usize| Pick::From { input: 0, index };
    let by =
        |pick: &dyn Fn(Vec<usize>) -> Pick| (0..len).map(|i| pick(coordinates(i, shape))).collect();
    Some(match op {
        Op::Reshape => (0..len).map(one).collect(),
        Op::Expand => broadcast(first, shape).into_iter().map(one).collect(),
        Op::Transpose { perm } => {
            let stride = |&axis: &usize| first.iter().skip(axis + 1).product();
            let strides: Vec<usize> = perm.iter().map(stride).collect();
            strided(shape, &strides).into_iter().map(one).collect()
        }
        Op::Concat { axis } => by(&|mut at| {
            let mut input = 0;
            while input + 1 < inputs.len() && at[*axis] >= inputs[input][*axis] {
                at[*axis] -= inputs[input][*axis];
                input += 1;
            }
            Pick::From { input, index: flat(&at, inputs[input]) }
        }),
        Op::Slice { axis, start, step } => by(&|mut at| {
            // The graph's validation has checked that no index leaves the axis.
            let moved = isize::try_from(at[*axis]).ok().and_then(|i| i.checked_mul(*step));
            at[*axis] = moved.and_then(|d| start.checked_add_signed(d)).unwrap_or(0);
            one(flat(&at, first))
        }),
        Op::Pad { before, value, .. } => by(&|at| {
            let mut from = Vec::with_capacity(at.len());
            for ((&coordinate, &before), &extent) in at.iter().zip(before).zip(first) {
                match coordinate.checked_sub(before).filter(|&c| c < extent) {
                    Some(c) => from.push(c),
                    None => return Pick::Fill(f64::from(*value)),
                }
            }
            one(flat(&from, first))
        }),
        Op::Take { axis, positions } => by(&|mut at| {
            // The graph's validation has checked that there are as many, and none beyond the axis.
            at[*axis] = positions.get(at[*axis]).copied().unwrap_or(0);
            one(flat(&at, first))
        }),
        Op::Tile { .. } => by(&|at| {
            let from: Vec<usize> =
                at.iter().zip(first).map(|(&c, &extent)| c % extent.max(1)).collect();
            one(flat(&from, first))
        }),
        Op::Input { .. }
        | Op::Constant(_)
        | Op::MatMul
        | Op::Conv { .. }
        | Op::ConvTranspose { .. }
        | Op::Add
        | Op::Sub
        | Op::Mul
        | Op::Div
        | Op::Neg
        | Op::Pow { .. }
        | Op::Relu
        | Op::Clip { .. }
        | Op::LeakyRelu { .. }
        | Op::PRelu
        | Op::Abs
        | Op::Sigmoid
        | Op::Tanh
        | Op::Exp
        | Op::Log
        | Op::Sqrt
        | Op::Erf
        | Op::Gelu { .. }
        | Op::Softplus
        | Op::Function(_)
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
        | Op::TopK { .. } => return None,
    })
}

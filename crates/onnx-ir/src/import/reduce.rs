//! `ReduceSum`, `ReduceMean`, `ReduceMax` and what they express.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::nn::{Reduce, Reducer};

use super::importer::Importer;
use super::integral;
use super::reason::{Outcome, Reason};
use crate::{NodeId, Op};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    let op = node.op_as::<Reduce>()?;
    Some(reduce(importer, node, op))
}

fn reduce(importer: &mut Importer, node: &TypedNode, op: &Reduce) -> Result<NodeId, Reason> {
    let x = importer.input(node, 0)?;
    let name = node.name.as_str();
    let mut axes = op.axes.to_vec();
    axes.sort_unstable();
    axes.dedup();
    let builder = &mut importer.builder;
    match op.reducer {
        Reducer::Sum => {
            let id = builder.push(name, Op::ReduceSum { axes }, &[x])?;
            integral::note(builder, id);
            Ok(id)
        }
        Reducer::Max => builder.push(name, Op::ReduceMax { axes }, &[x]),
        Reducer::Min => {
            let negated = builder.push(&format!("{name}.negated"), Op::Neg, &[x])?;
            let max = builder.push(&format!("{name}.max"), Op::ReduceMax { axes }, &[negated])?;
            builder.push(name, Op::Neg, &[max])
        }
        Reducer::MeanOfSquares => {
            let squares =
                builder.push(&format!("{name}.squares"), Op::Pow { exponent: 2 }, &[x])?;
            builder.push(name, Op::ReduceMean { axes }, &[squares])
        }
        Reducer::ArgMax(last) => first_of_order(importer, name, x, &axes, (true, last)),
        Reducer::ArgMin(last) => first_of_order(importer, name, x, &axes, (false, last)),
        Reducer::Prod => product(importer, name, x, &axes),
        // Of truth values.
        Reducer::Any => builder.push(name, Op::ReduceMax { axes }, &[x]),
        Reducer::All => {
            let negated = builder.push(&format!("{name}.negated"), Op::Neg, &[x])?;
            let max = builder.push(&format!("{name}.max"), Op::ReduceMax { axes }, &[negated])?;
            builder.push(name, Op::Neg, &[max])
        }
    }
}

/// The product along axes: halves of each are multiplied until one element is left, so that every factor has a range of
/// its own.
fn product(
    importer: &mut Importer,
    name: &str,
    x: NodeId,
    axes: &[usize],
) -> Result<NodeId, Reason> {
    let (builder, mut x) = (&mut importer.builder, x);
    for &axis in axes {
        let extent = |shape: &[usize]| shape.get(axis).copied().ok_or("its axis does not exist");
        if extent(&builder.shape(x))? == 0 {
            return Err("a product of nothing is not supported".into());
        }
        let mut left = extent(&builder.shape(x))?;
        while left > 1 {
            let (half, odd) = (left / 2, left % 2);
            let mut part = |part: &str, start: usize, count: usize| {
                let mut shape = builder.shape(x);
                shape.splice(axis..=axis, [count]);
                let slice = Op::Slice { axis, start, step: 1 };
                builder.push_shaped(&format!("{name}.{part}"), slice, &[x], &shape)
            };
            let halves = [part("first", 0, half)?, part("second", half, half)?];
            let rest = if odd == 1 { Some(part("rest", 2 * half, 1)?) } else { None };
            let factors = builder.push(&format!("{name}.factors"), Op::Mul, &halves)?;
            x = match rest {
                Some(rest) => {
                    builder.push(&format!("{name}.left"), Op::Concat { axis }, &[factors, rest])?
                }
                None => factors,
            };
            left = half + odd;
        }
    }
    Ok(x)
}

/// The position of the largest or smallest element along an axis; the first of equal ones, or the last.
fn first_of_order(
    importer: &mut Importer,
    name: &str,
    x: NodeId,
    axes: &[usize],
    (largest, last): (bool, bool),
) -> Result<NodeId, Reason> {
    let &[axis] = axes else { return Err("it has not one axis".into()) };
    let builder = &mut importer.builder;
    let shape = builder.shape(x);
    let extent = *shape.get(axis).ok_or("its axis does not exist")?;
    let step = |step, start| Op::Slice { axis, start, step };
    // The last of equal ones is the first from the end.
    let x = match last {
        false => x,
        true => {
            let turned = step(-1, extent.saturating_sub(1));
            builder.push_shaped(&format!("{name}.turned"), turned, &[x], &shape)?
        }
    };
    let order = builder.push(&format!("{name}.order"), Op::TopK { axis, largest }, &[x])?;
    let mut one = shape;
    one.splice(axis..=axis, [1]);
    let first = builder.push_shaped(name, step(1, 0), &[order], &one)?;
    if !last {
        return Ok(first);
    }
    let most = u16::try_from(extent - 1).map_err(|_| "its axis is too long")?;
    let end = builder.scalar(&format!("{name}.end"), f32::from(most));
    builder.push(name, Op::Sub, &[end, first])
}

//! `ReduceSum`, `ReduceMean`, `ReduceMax` and what they express.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::nn::{Reduce, Reducer};

use super::importer::Importer;
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
        Reducer::Sum => builder.push(name, Op::ReduceSum { axes }, &[x]),
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
        Reducer::Prod | Reducer::All | Reducer::Any => {
            Err(Reason(format!("no circuit for reduction by {:?}", op.reducer)))
        }
    }
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

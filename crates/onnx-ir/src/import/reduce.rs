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
        Reducer::ArgMax(_) | Reducer::ArgMin(_) | Reducer::Prod | Reducer::All | Reducer::Any => {
            Err(Reason(format!("no circuit for reduction by {:?}", op.reducer)))
        }
    }
}

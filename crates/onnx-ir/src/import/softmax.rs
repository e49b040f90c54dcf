//! `Softmax`, `LogSoftmax` and logarithms of sums of exponentials, each step a node of its own.
//!
//! What is exponentiated is never positive: the largest element is subtracted first, so that no exponential is
//! larger than 1 and one of each sum is 1.

use std::collections::HashSet;

use super::builder::Builder;
use super::importer::Importer;
use super::reason::Reason;
use crate::{NodeId, Op};

/// A softmax over axes, or its logarithm.
pub(super) fn over(
    importer: &mut Importer,
    name: &str,
    x: NodeId,
    axes: &[usize],
    log: bool,
) -> Result<NodeId, Reason> {
    let terms = terms(importer, name, x, axes)?;
    match log {
        false => importer.builder.push(name, Op::Div, &[terms.exponentials, terms.sum]),
        true => logarithm(importer, name, &terms),
    }
}

/// The steps of a softmax before its division.
struct Terms {
    /// x − max x
    shifted: NodeId,
    /// Its exponentials.
    exponentials: NodeId,
    /// Their sum.
    sum: NodeId,
}

fn terms(importer: &mut Importer, name: &str, x: NodeId, axes: &[usize]) -> Result<Terms, Reason> {
    let builder = &mut importer.builder;
    let max = Op::ReduceMax { axes: axes.to_vec() };
    let max = builder.push(&format!("{name}.max"), max, &[x])?;
    let shifted = builder.push(&format!("{name}.shifted"), Op::Sub, &[x, max])?;
    let exponentials = builder.push(&format!("{name}.exp"), Op::Exp, &[shifted])?;
    let sum = Op::ReduceSum { axes: axes.to_vec() };
    let sum = builder.push(&format!("{name}.sum"), sum, &[exponentials])?;
    Ok(Terms { shifted, exponentials, sum })
}

/// log(e^d / Σ e^d) = d − log Σ e^d
fn logarithm(importer: &mut Importer, name: &str, terms: &Terms) -> Result<NodeId, Reason> {
    let log = importer.builder.push(&format!("{name}.log_sum"), Op::Log, &[terms.sum])?;
    importer.builder.push(name, Op::Sub, &[terms.shifted, log])
}

/// `Log`: of a softmax the difference that it is; of a sum of exponentials max x + log Σ e^(x − max x).
pub(super) fn log(importer: &mut Importer, name: &str, x: NodeId) -> Result<NodeId, Reason> {
    if let Some(terms) = softmax_at(&importer.builder, x) {
        return logarithm(importer, name, &terms);
    }
    if let Some((of, axes)) = sum_at(&importer.builder, x) {
        let terms = terms(importer, name, of, &axes)?;
        let builder = &mut importer.builder;
        let log = builder.push(&format!("{name}.log_sum"), Op::Log, &[terms.sum])?;
        let max = builder.push(&format!("{name}.max"), Op::ReduceMax { axes }, &[of])?;
        return builder.push(name, Op::Add, &[max, log]);
    }
    importer.builder.push(name, Op::Log, &[x])
}

/// Below this a maximum is one of elements that are all left out.
pub(super) const NOTHING_LEFT: f32 = -1.267_650_6e30; // -2^100

/// What stands for minus infinity where a graph asks whether nothing else is left: minus itself it is a number.
const STANDS_FOR_INFINITY: f32 = NOTHING_LEFT * 1024.0;

/// `IsNaN` of a softmax: whether all elements of a sum are left out, so that it divides zero by zero.
pub(super) fn is_nan(importer: &mut Importer, name: &str, x: NodeId) -> Result<NodeId, Reason> {
    let of_softmax = || {
        let terms = softmax_at(&importer.builder, x)?;
        operands(&importer.builder, terms.shifted, |op| *op == Op::Sub)?.get(1).copied()
    };
    let max = of_softmax().ok_or("only a softmax can be asked whether it is no number")?;
    let shape = importer.builder.shape(x);
    is_left_out(&mut importer.builder, name, max, &shape)
}

/// Whether elements are minus infinity: those that a mask has left out.
pub(super) fn is_left_out(
    builder: &mut Builder,
    name: &str,
    x: NodeId,
    shape: &[usize],
) -> Result<NodeId, Reason> {
    if !replace_infinities(builder, x) {
        // The largest finite number leaves out as well, and a softmax of nothing else is one of equals.
        let never = builder.scalar(&format!("{name}.never"), 0.0);
        return builder.push_shaped(name, Op::Expand, &[never], shape);
    }
    let least = builder.scalar(&format!("{name}.least"), NOTHING_LEFT);
    let left_out = builder.push(&format!("{name}.left_out"), Op::LessOrEqual, &[x, least])?;
    builder.push_shaped(name, Op::Expand, &[left_out], shape)
}

/// Makes numbers of the constants of minus infinity that elements may come to; whether there are any.
fn replace_infinities(builder: &mut Builder, x: NodeId) -> bool {
    let (mut open, mut met, mut found) = (vec![x], HashSet::new(), false);
    while let Some(id) = open.pop() {
        let Some(node) = builder.nodes.0.get_mut(id.0).filter(|_| met.insert(id)) else { continue };
        match &mut node.op {
            Op::Constant(tensor) => {
                for x in &mut tensor.data {
                    let infinite = [f32::NEG_INFINITY, STANDS_FOR_INFINITY].contains(x);
                    *x = if infinite { STANDS_FOR_INFINITY } else { *x };
                    found |= infinite;
                }
            }
            Op::ReduceMax { .. }
            | Op::Add
            | Op::Sub
            | Op::Mul
            | Op::Where
            | Op::Concat { .. }
            | Op::Pad { .. }
            | Op::Reshape
            | Op::Transpose { .. }
            | Op::Slice { .. }
            | Op::Take { .. }
            | Op::Expand
            | Op::Tile { .. } => open.extend(&node.inputs),
            _ => {}
        }
    }
    found
}

/// The operands of a node, if its operator is the one that is looked for.
fn operands(builder: &Builder, id: NodeId, is: impl Fn(&Op) -> bool) -> Option<&[NodeId]> {
    let node = builder.node(id)?;
    is(&node.op).then_some(node.inputs.as_slice())
}

fn softmax_at(builder: &Builder, id: NodeId) -> Option<Terms> {
    let &[exponentials, sum] = operands(builder, id, |op| *op == Op::Div)? else { return None };
    let &[shifted] = operands(builder, exponentials, |op| *op == Op::Exp)? else { return None };
    let summed = operands(builder, sum, |op| matches!(op, Op::ReduceSum { .. }))?;
    (summed == [exponentials]).then_some(Terms { shifted, exponentials, sum })
}

/// What is exponentiated and summed, and over which axes, unless a maximum has been subtracted already.
fn sum_at(builder: &Builder, id: NodeId) -> Option<(NodeId, Vec<usize>)> {
    let node = builder.node(id)?;
    let (Op::ReduceSum { axes }, &[exponentials]) = (&node.op, node.inputs.as_slice()) else {
        return None;
    };
    let &[of] = operands(builder, exponentials, |op| *op == Op::Exp)? else { return None };
    let is_max = |id: &NodeId| operands(builder, *id, |op| matches!(op, Op::ReduceMax { .. }));
    let shifted = operands(builder, of, |op| *op == Op::Sub)
        .is_some_and(|operands| operands.get(1).is_some_and(|max| is_max(max).is_some()));
    (!shifted).then(|| (of, axes.clone()))
}

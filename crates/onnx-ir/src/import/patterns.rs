//! Recognises operators that tract has taken apart, and moves that move nothing.
//!
//! A rule replaces a node by one that reads further up; what it skips dies in `finish` unless something
//! else still reads it, so no rule needs to count readers.

use super::gate;
use super::gelu;
use super::nodes::Nodes;
use crate::{NodeId, Op};

/// What to append in place of a node.
pub(super) enum Simplified {
    /// Nothing: this node has the value already.
    Existing(NodeId),
    /// This.
    Op(Op, Vec<NodeId>),
}

/// Simplifies `op` on `inputs`, whose result has `shape`.
pub(super) fn simplify(nodes: &Nodes, op: Op, inputs: &[NodeId], shape: &[usize]) -> Simplified {
    if let [x] = *inputs
        && nodes.shape(x) == shape
        && matches!(
            &op,
            Op::Reshape
                | Op::Expand
                | Op::Tile { .. }
                | Op::Pad { .. }
                | Op::ReduceSum { .. }
                | Op::ReduceMean { .. }
                | Op::ReduceMax { .. }
        )
    {
        return Simplified::Existing(x);
    }
    let simplified = match (&op, inputs) {
        (Op::Reshape, &[x]) => reshape(nodes, x, shape),
        (Op::Transpose { perm }, &[x]) => transpose(nodes, perm, x),
        (Op::Slice { start: 0, step: 1, .. }, &[x]) if nodes.shape(x) == shape => {
            Some(Simplified::Existing(x))
        }
        (Op::Take { axis, positions }, &[x]) => take(nodes, *axis, positions, x),
        (Op::Concat { .. }, &[x]) => Some(Simplified::Existing(x)),
        (Op::Max, &[a, b]) => bound(nodes, a, b, shape, true),
        (Op::Min, &[a, b]) => bound(nodes, a, b, shape, false),
        (&Op::Clip { min, max }, &[x]) => clip(nodes, min, max, x),
        (Op::Add, &[a, b]) => add(nodes, a, b),
        (Op::Mul, &[a, b]) => mul(nodes, a, b, shape),
        (Op::Log, &[x]) => softplus(nodes, x),
        (Op::Where, &[condition, x, y]) => choose(nodes, [condition, x, y], shape),
        (Op::PRelu, &[x, slope]) => {
            let slope = nodes.value(slope).and_then(|slope| slope.uniform());
            slope.map(|alpha| Simplified::Op(Op::LeakyRelu { alpha }, vec![x]))
        }
        // Operators that no rule is about, and operands that theirs is not.
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
    };
    match simplified {
        // A transposition may have become a reshape, which may join another.
        Some(Simplified::Op(Op::Reshape, inputs)) => {
            let joined = inputs.first().and_then(|&x| reshape(nodes, x, shape));
            joined.unwrap_or(Simplified::Op(Op::Reshape, inputs))
        }
        Some(simplified) => simplified,
        None => Simplified::Op(op, inputs.to_vec()),
    }
}

/// A condition that is the same everywhere chooses one of the two, where that has the whole shape already.
fn choose(nodes: &Nodes, [condition, x, y]: [NodeId; 3], shape: &[usize]) -> Option<Simplified> {
    let condition = nodes.value(condition)?.uniform()?;
    let chosen = if condition == 0.0 { y } else { x };
    Some(match nodes.shape(chosen) == shape {
        true => Simplified::Existing(chosen),
        false => Simplified::Op(Op::Expand, vec![chosen]),
    })
}

/// What takes everything in its order moves nothing; what is taken twice is taken once.
fn take(nodes: &Nodes, axis: usize, positions: &[usize], x: NodeId) -> Option<Simplified> {
    let extent = *nodes.shape(x).get(axis)?;
    if positions.len() == extent && positions.iter().enumerate().all(|(to, &from)| to == from) {
        return Some(Simplified::Existing(x));
    }
    let node = nodes.node(x)?;
    let (Op::Take { axis: before, positions: first }, &[source]) =
        (&node.op, node.inputs.as_slice())
    else {
        return None;
    };
    if *before != axis {
        return None;
    }
    let positions: Option<Vec<usize>> =
        positions.iter().map(|&at| first.get(at).copied()).collect();
    Some(Simplified::Op(Op::Take { axis, positions: positions? }, vec![source]))
}

/// Two reshapes are one.
fn reshape(nodes: &Nodes, x: NodeId, shape: &[usize]) -> Option<Simplified> {
    let node = nodes.node(x)?;
    let (Op::Reshape, &[source]) = (&node.op, node.inputs.as_slice()) else { return None };
    if nodes.shape(source) == shape {
        return Some(Simplified::Existing(source));
    }
    Some(Simplified::Op(Op::Reshape, vec![source]))
}

/// Two transpositions are one; one that only moves axes of extent 1 is a reshape.
fn transpose(nodes: &Nodes, perm: &[usize], x: NodeId) -> Option<Simplified> {
    if perm.iter().enumerate().all(|(to, &from)| to == from) {
        return Some(Simplified::Existing(x));
    }
    let node = nodes.node(x)?;
    let wide = perm.iter().filter(|&&axis| node.shape.get(axis).is_some_and(|&extent| extent != 1));
    if wide.is_sorted() {
        return Some(Simplified::Op(Op::Reshape, vec![x]));
    }
    let (Op::Transpose { perm: first }, &[source]) = (&node.op, node.inputs.as_slice()) else {
        return None;
    };
    let both: Option<Vec<usize>> = perm.iter().map(|&axis| first.get(axis).copied()).collect();
    both.and_then(|both| {
        transpose(nodes, &both, source)
            .or(Some(Simplified::Op(Op::Transpose { perm: both }, vec![source])))
    })
}

/// `Max` or `Min` with one constant is a bound: `Relu` or `Clip`.
fn bound(nodes: &Nodes, a: NodeId, b: NodeId, shape: &[usize], lower: bool) -> Option<Simplified> {
    let constant = |id: NodeId| nodes.value(id).and_then(|tensor| tensor.uniform());
    let (x, limit) = match (constant(a), constant(b)) {
        (None, Some(limit)) => (a, limit),
        (Some(limit), None) => (b, limit),
        _ => return None,
    };
    if nodes.shape(x) != shape {
        return None;
    }
    let (min, max) = if lower { (limit, f32::INFINITY) } else { (f32::NEG_INFINITY, limit) };
    Some(clip(nodes, min, max, x).unwrap_or(Simplified::Op(Op::Clip { min, max }, vec![x])))
}

/// Joins bounds that do not cross; `Clip(0, inf)` is `Relu`.
fn clip(nodes: &Nodes, min: f32, max: f32, x: NodeId) -> Option<Simplified> {
    let inner = nodes.node(x).and_then(|node| match (&node.op, node.inputs.as_slice()) {
        (&Op::Clip { min, max }, &[source]) => Some((min, max, source)),
        (Op::Relu, &[source]) => Some((0.0, f32::INFINITY, source)),
        _ => None,
    });
    let (min, max, x) = match inner {
        // Crossing bounds depend on which is applied first, so those stay two nodes.
        Some((lo, hi, source)) if lo.max(min) <= hi.min(max) => (lo.max(min), hi.min(max), source),
        _ => (min, max, x),
    };
    let op = if min == 0.0 && max == f32::INFINITY { Op::Relu } else { Op::Clip { min, max } };
    Some(Simplified::Op(op, vec![x]))
}

/// a + (-b) is a - b.
fn add(nodes: &Nodes, a: NodeId, b: NodeId) -> Option<Simplified> {
    let negated = |id: NodeId| {
        let node = nodes.node(id)?;
        matches!(node.op, Op::Neg).then(|| node.inputs.first().copied())?
    };
    let pair = negated(b).map(|b| (a, b)).or_else(|| negated(a).map(|a| (b, a)));
    pair.map(|(a, b)| Simplified::Op(Op::Sub, vec![a, b]))
}

/// a · (1/b) is a / b, a sum scaled by its count is a mean, and a product may be the last of those of a `Gelu`.
fn mul(nodes: &Nodes, a: NodeId, b: NodeId, shape: &[usize]) -> Option<Simplified> {
    gelu::find(nodes, [a, b], shape)
        .map(|(x, tanh)| Simplified::Op(Op::Gelu { tanh }, vec![x]))
        .or_else(|| gate::find(nodes, a, b, shape))
        .or_else(|| gate::find(nodes, b, a, shape))
        .or_else(|| reciprocal(nodes, a, b))
        .or_else(|| reciprocal(nodes, b, a))
        .or_else(|| mean(nodes, a, b, shape))
        .or_else(|| mean(nodes, b, a, shape))
}

/// log(1 + e^x), as tract spells it and others do: in two steps e^x overflows where the function is x.
fn softplus(nodes: &Nodes, sum: NodeId) -> Option<Simplified> {
    let node = nodes.node(sum)?;
    let (Op::Add, &[a, b]) = (&node.op, node.inputs.as_slice()) else { return None };
    let is_one = |id: NodeId| nodes.value(id).and_then(|one| one.uniform()) == Some(1.0);
    let power = if is_one(a) {
        b
    } else if is_one(b) {
        a
    } else {
        return None;
    };
    let exp = nodes.node(power)?;
    let (Op::Exp, &[x]) = (&exp.op, exp.inputs.as_slice()) else { return None };
    // The one may have carried axes that the power lacks.
    (exp.shape == node.shape).then(|| Simplified::Op(Op::Softplus, vec![x]))
}

fn reciprocal(nodes: &Nodes, a: NodeId, b: NodeId) -> Option<Simplified> {
    let mut node = nodes.node(b)?;
    // One number is broadcast whatever its axes are, as long as there are no more of them.
    if let (Op::Reshape, &[x]) = (&node.op, node.inputs.as_slice())
        && node.shape.iter().all(|&extent| extent == 1)
        && node.shape.len().max(nodes.shape(x).len()) <= nodes.shape(a).len()
    {
        node = nodes.node(x)?;
    }
    let (Op::Div, &[one, divisor]) = (&node.op, node.inputs.as_slice()) else { return None };
    let is_one = nodes.value(one).and_then(|one| one.uniform()) == Some(1.0);
    // The one may have carried axes that the divisor lacks.
    let same = nodes.shape(divisor) == node.shape;
    (is_one && same).then(|| Simplified::Op(Op::Div, vec![a, divisor]))
}

fn mean(nodes: &Nodes, sum: NodeId, scale: NodeId, shape: &[usize]) -> Option<Simplified> {
    let scale = nodes.value(scale)?.uniform()?;
    let node = nodes.node(sum)?;
    let (Op::ReduceSum { axes }, &[source]) = (&node.op, node.inputs.as_slice()) else {
        return None;
    };
    let extents = nodes.shape(source);
    let mut count = 1f32;
    for &axis in axes {
        count *= f32::from(u16::try_from(*extents.get(axis)?).ok()?);
    }
    let matches = 1.0 / count == scale && node.shape == shape;
    matches.then(|| Simplified::Op(Op::ReduceMean { axes: axes.clone() }, vec![source]))
}

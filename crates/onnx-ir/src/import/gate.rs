//! Products of a number with a gate of its own, spelt out: `Swish` x·σ(beta·x), and `Mish` x·tanh(log(1 + e^x)).
//! And e^x·σ(−x), which is `Sigmoid`.

use super::nodes::Nodes;
use super::patterns::Simplified;
use crate::{Function, NodeId, Op};

/// The function that a product of `x` and `gate` is.
pub(super) fn find(nodes: &Nodes, x: NodeId, gate: NodeId, shape: &[usize]) -> Option<Simplified> {
    let operand = |id: NodeId, is: fn(&Op) -> bool| {
        let node = nodes.node(id).filter(|node| is(&node.op))?;
        node.inputs.first().copied()
    };
    // A gate of a scaled number may have brought axes of its own.
    if nodes.shape(x) != shape || nodes.shape(gate) != shape {
        return None;
    }
    if let Some(inner) = operand(gate, |op| *op == Op::Sigmoid) {
        let exponent = operand(x, |op| *op == Op::Exp);
        if exponent.is_some() && exponent == operand(inner, |op| *op == Op::Neg) {
            return Some(Simplified::Op(Op::Sigmoid, exponent.into_iter().collect()));
        }
        let beta = if inner == x { 1.0 } else { factor(nodes, inner, x)? };
        return Some(Simplified::Op(Op::Function(Function::Swish { beta }), vec![x]));
    }
    let softplus = operand(gate, |op| *op == Op::Tanh)?;
    let inner = operand(softplus, |op| *op == Op::Softplus)?;
    (inner == x).then(|| Simplified::Op(Op::Function(Function::Mish), vec![x]))
}

/// The constant that `x` is multiplied with.
fn factor(nodes: &Nodes, product: NodeId, x: NodeId) -> Option<f32> {
    let node = nodes.node(product).filter(|node| node.op == Op::Mul)?;
    let &[a, b] = node.inputs.as_slice() else { return None };
    let constant = if a == x { b } else { a };
    let scales = a == x || b == x;
    let factor = nodes.value(constant).filter(|_| scales)?.uniform()?;
    (factor.is_finite() && factor != 0.0).then_some(factor)
}

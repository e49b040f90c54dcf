//! `Sigmoid` spelt out, as 1/(1 + e^-x), or as e^x/(1 + e^x), which is e^x·σ(−x) before a rule sees it: e^x has more to tell than a quotient near 0 or 1 can be, and
//! overflows where that is 0.

use super::builder::Builder;
use super::reason::Reason;
use crate::{NodeId, Op};

/// `dividend / divisor`, which is a `Sigmoid`, or its product with the dividend, where the divisor is 1 + e^z.
pub(super) fn quotient(
    builder: &mut Builder,
    name: &str,
    dividend: NodeId,
    divisor: NodeId,
) -> Result<NodeId, Reason> {
    let Some(exponent) = one_more(builder, divisor) else {
        return builder.push(name, Op::Div, &[dividend, divisor]);
    };
    let is_one = builder.value(dividend).and_then(|one| one.uniform()) == Some(1.0);
    let alone = is_one && builder.shape(dividend).len() <= builder.shape(divisor).len();
    let opposite = opposite(builder, name, exponent)?;
    if alone {
        return builder.push(name, Op::Sigmoid, &[opposite]);
    }
    let gate = builder.push(&format!("{name}.gate"), Op::Sigmoid, &[opposite])?;
    builder.push(name, Op::Mul, &[dividend, gate])
}

/// z of 1 + e^z.
fn one_more(builder: &Builder, id: NodeId) -> Option<NodeId> {
    let node = builder.node(id).filter(|node| node.op == Op::Add)?;
    let &[a, b] = node.inputs.as_slice() else { return None };
    let is_one = |id: NodeId| builder.value(id).and_then(|one| one.uniform()) == Some(1.0);
    let exponential = match (is_one(a), is_one(b)) {
        (true, false) => b,
        (false, true) => a,
        _ => return None,
    };
    // The one may have brought axes that the power lacks.
    let power = builder.node(exponential).filter(|power| power.shape == node.shape)?;
    let (Op::Exp, &[z]) = (&power.op, power.inputs.as_slice()) else { return None };
    Some(z)
}

/// −z, which may be there already.
fn opposite(builder: &mut Builder, name: &str, z: NodeId) -> Result<NodeId, Reason> {
    let negated = || {
        let node = builder.node(z)?;
        let is_minus = |id: NodeId| builder.value(id).and_then(|by| by.uniform()) == Some(-1.0);
        let of = match (&node.op, node.inputs.as_slice()) {
            (Op::Neg, &[x]) => x,
            (Op::Mul, &[x, by]) if is_minus(by) => x,
            (Op::Mul, &[by, x]) if is_minus(by) => x,
            _ => return None,
        };
        (builder.shape(of) == node.shape).then_some(of)
    };
    match negated() {
        Some(x) => Ok(x),
        None => builder.push(&format!("{name}.opposite"), Op::Neg, &[z]),
    }
}

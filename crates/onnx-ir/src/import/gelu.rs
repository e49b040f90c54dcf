//! `Gelu`, spelt out: x/2·(1 + T), T being erf(x/√2) or tanh(√(2/π)·(x + 0.044715·x³)), its factors in any order.
//!
//! What stands around T and within it is computed as polynomials of x, so that every way to write them is found.

use super::nodes::Nodes;
use crate::functions::CUBIC;
use crate::{NodeId, Op};

/// Nodes that are looked at for one product.
const MOST_NODES: usize = 24;
/// How far constants of files may lie from the function's, relative to these.
const CLOSE: f64 = 1e-5;

/// Coefficients of 1, x, x², x³.
type Polynomial = [f64; 4];

/// `plain + of_t·T`
#[derive(Clone, Copy)]
struct Linear {
    plain: Polynomial,
    of_t: Polynomial,
}

/// x and whether T is the hyperbolic tangent, where a product is a `Gelu` of shape `shape`.
pub(super) fn find(nodes: &Nodes, product: [NodeId; 2], shape: &[usize]) -> Option<(NodeId, bool)> {
    let (t, tanh, argument) = transcendental(nodes, product)?;
    let inner = if tanh {
        let first = core::f64::consts::FRAC_2_SQRT_PI * core::f64::consts::FRAC_1_SQRT_2;
        [0.0, first, 0.0, first * CUBIC]
    } else {
        [0.0, core::f64::consts::FRAC_1_SQRT_2, 0.0, 0.0]
    };
    let half_x = [0.0, 0.5, 0.0, 0.0];
    let is_gelu = |x: NodeId| {
        let walk = |ids: &[NodeId], t| {
            let mut walk = Walk { nodes, x, t, left: MOST_NODES };
            let factors = ids.iter().map(|&id| walk.value(id)).collect::<Option<Vec<_>>>()?;
            factors.into_iter().try_fold(constant(1.0), times)
        };
        let of_argument = walk(&[argument], None)?;
        let whole = walk(&product, Some(t))?;
        let fits = close(of_argument.plain, inner)
            && close(whole.plain, half_x)
            && close(whole.of_t, half_x);
        fits.then_some((x, tanh))
    };
    let candidates = below(nodes, &[argument], |_| false);
    candidates.into_iter().filter(|&x| nodes.shape(x) == shape).find_map(is_gelu)
}

/// The one `Erf` or `Tanh` below a product, and its argument.
fn transcendental(nodes: &Nodes, product: [NodeId; 2]) -> Option<(NodeId, bool, NodeId)> {
    let is_t = |op: &Op| matches!(op, Op::Erf | Op::Tanh);
    let found = below(nodes, &product, is_t);
    let t = found.into_iter().find(|&id| nodes.node(id).is_some_and(|node| is_t(&node.op)))?;
    let node = nodes.node(t)?;
    Some((t, node.op == Op::Tanh, node.inputs.first().copied()?))
}

/// Nodes from which these are computed by arithmetic, nearest first, none beyond one where it `ends`.
fn below(nodes: &Nodes, from: &[NodeId], ends: impl Fn(&Op) -> bool) -> Vec<NodeId> {
    let mut found: Vec<NodeId> = Vec::new();
    let mut next: Vec<NodeId> = from.to_vec();
    while let Some(id) = next.pop() {
        if found.len() >= MOST_NODES || found.contains(&id) || nodes.value(id).is_some() {
            continue;
        }
        found.push(id);
        let Some(node) = nodes.node(id).filter(|node| !ends(&node.op)) else { continue };
        let arithmetic =
            matches!(node.op, Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Neg | Op::Pow { .. });
        next.extend(node.inputs.iter().filter(|_| arithmetic));
    }
    found
}

/// Computes what stands between x, T and a node.
struct Walk<'b> {
    nodes: &'b Nodes,
    x: NodeId,
    t: Option<NodeId>,
    left: usize,
}

impl Walk<'_> {
    fn value(&mut self, id: NodeId) -> Option<Linear> {
        self.left = self.left.checked_sub(1)?;
        if id == self.x {
            return Some(Linear { plain: [0.0, 1.0, 0.0, 0.0], of_t: [0.0; 4] });
        }
        if Some(id) == self.t {
            return Some(Linear { plain: [0.0; 4], of_t: [1.0, 0.0, 0.0, 0.0] });
        }
        if let Some(tensor) = self.nodes.value(id) {
            return tensor.uniform().map(|value| constant(value.into()));
        }
        let node = self.nodes.node(id)?;
        match (&node.op, node.inputs.as_slice()) {
            (Op::Add, &[a, b]) => Some(plus(self.value(a)?, self.value(b)?, 1.0)),
            (Op::Sub, &[a, b]) => Some(plus(self.value(a)?, self.value(b)?, -1.0)),
            (Op::Mul, &[a, b]) => times(self.value(a)?, self.value(b)?),
            (Op::Div, &[a, b]) => {
                let divisor = f64::from(self.nodes.value(b)?.uniform()?);
                times(self.value(a)?, constant(1.0 / divisor))
            }
            (Op::Neg, &[a]) => times(self.value(a)?, constant(-1.0)),
            (Op::Pow { exponent }, &[a]) => {
                let a = self.value(a)?;
                (0..*exponent).try_fold(constant(1.0), |power, _| times(power, a))
            }
            // No polynomial.
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
        }
    }
}

fn constant(value: f64) -> Linear {
    Linear { plain: [value, 0.0, 0.0, 0.0], of_t: [0.0; 4] }
}

/// a + factor·b
fn plus(a: Linear, b: Linear, factor: f64) -> Linear {
    let sum = |a: Polynomial, b: Polynomial| {
        let mut sum = a;
        sum.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
        sum
    };
    Linear { plain: sum(a.plain, b.plain), of_t: sum(a.of_t, b.of_t) }
}

/// a·b, unless it has a square of T or a fourth power of x.
fn times(a: Linear, b: Linear) -> Option<Linear> {
    let linear = a.of_t == [0.0; 4] || b.of_t == [0.0; 4];
    let [left, right] = [polynomials(a.plain, b.of_t)?, polynomials(a.of_t, b.plain)?];
    let mut of_t = left;
    of_t.iter_mut().zip(right).for_each(|(a, b)| *a += b);
    linear.then_some(Linear { plain: polynomials(a.plain, b.plain)?, of_t })
}

fn polynomials(a: Polynomial, b: Polynomial) -> Option<Polynomial> {
    let mut product = [0.0; 4];
    for (i, a) in a.into_iter().enumerate().filter(|(_, a)| *a != 0.0) {
        for (j, b) in b.into_iter().enumerate().filter(|(_, b)| *b != 0.0) {
            *product.get_mut(i + j)? += a * b;
        }
    }
    Some(product)
}

fn close(got: Polynomial, wanted: Polynomial) -> bool {
    let near = |(got, wanted): (f64, f64)| (got - wanted).abs() <= CLOSE * wanted.abs();
    got.into_iter().zip(wanted).all(near)
}

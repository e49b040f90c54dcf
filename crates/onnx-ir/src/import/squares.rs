//! Squares that constants of very different size weigh, as the distances of naive Bayes and of mixtures are: the
//! weights move into the square, so that squares of large columns leave bits to those of small ones.

use super::builder::Builder;
use super::reason::Reason;
use crate::evaluate::precision::store;
use crate::{NodeId, Op, Tensor};

/// Weights that differ less leave squares where they are.
const ALIKE: f64 = 4.0;

/// `square·weights`, or `square/weights`, as the square of a product; `None` for other products.
pub(super) fn weighed(
    builder: &mut Builder,
    name: &str,
    [square, weights]: [NodeId; 2],
    divided: bool,
) -> Result<Option<NodeId>, Reason> {
    let Some(x) = squared(builder, square) else { return Ok(None) };
    let Some(roots) = builder.value(weights).and_then(|weights| roots(weights, divided)) else {
        return Ok(None);
    };
    let roots = builder.constant(&format!("{name}.roots"), roots);
    let product = builder.push(&format!("{name}.weighed"), Op::Mul, &[x, roots])?;
    builder.push(name, Op::Pow { exponent: 2 }, &[product]).map(Some)
}

/// x of x².
fn squared(builder: &Builder, id: NodeId) -> Option<NodeId> {
    let node = builder.node(id)?;
    match (&node.op, node.inputs.as_slice()) {
        (Op::Pow { exponent: 2 }, &[x]) => Some(x),
        (Op::Mul, &[x, y]) if x == y => Some(x),
        _ => None,
    }
}

/// The roots of weights that differ, or their reciprocals.
fn roots(weights: &Tensor, divided: bool) -> Option<Tensor> {
    let ends = weights.data.iter().fold((f32::INFINITY, 0.0_f32), |(least, most), &weight| {
        (least.min(weight), most.max(weight))
    });
    let (least, most) = (f64::from(ends.0), f64::from(ends.1));
    if least <= 0.0 || !most.is_finite() || most <= ALIKE * least {
        return None;
    }
    let root = |&weight: &f32| {
        let root = f64::from(weight).sqrt();
        store(if divided { 1.0 / root } else { root })
    };
    Tensor::new(weights.shape.clone(), weights.data.iter().map(root).collect())
}

//! Exact evaluation of linear forms: the accumulator `y`, before rescaling.

mod convolve;

pub use convolve::FullProduct;

use crate::interpret::InterpretError;
use crate::quant_graph::{Coefficients, Linear, QuantGraph, QuantOp, TensorId};
use convolve::convolve;

/// The accumulators `y` (without bias) of the `Rescale` tensor `id`, row-major.
///
/// `values` holds the integers of every earlier tensor, by index.
///
/// # Errors
/// [`InterpretError`] if `id` is no `Rescale`, an operand is missing or of the wrong size, or a sum exceeds `i64`.
pub fn accumulate(
    graph: &QuantGraph,
    id: TensorId,
    values: &[Vec<i64>],
) -> Result<Vec<i64>, InterpretError> {
    let tensor = graph.tensors.get(id.0).ok_or(InterpretError::NoTensor { index: id.0 })?;
    let node = &tensor.name;
    let QuantOp::Rescale { linear, .. } = &tensor.op else {
        return Err(InterpretError::NotRescaled { node: node.clone() });
    };
    let operand = |operand: TensorId, expected: usize| {
        let got = values.get(operand.0).ok_or(InterpretError::NoTensor { index: operand.0 })?;
        if got.len() != expected {
            return Err(InterpretError::Size { node: node.clone(), expected, got: got.len() });
        }
        Ok(got.as_slice())
    };
    let len = tensor.len();
    let wide = match linear {
        Linear::Dense { input, weights } => {
            let k = values.get(input.0).map_or(0, Vec::len);
            if k == 0 || k.checked_mul(len) != Some(weights.len()) {
                return Err(InterpretError::Size {
                    node: node.clone(),
                    expected: weights.len(),
                    got: k.saturating_mul(len),
                });
            }
            let x = operand(*input, k)?;
            weights.chunks(k).map(|row| dot(row.iter().zip(x))).collect::<Option<Vec<_>>>()
        }
        Linear::Conv { input, pad_before, .. } => {
            let shape = &graph
                .tensors
                .get(input.0)
                .ok_or(InterpretError::NoTensor { index: input.0 })?
                .shape;
            let &[c, h, w] = shape.as_slice() else {
                return Err(InterpretError::Size {
                    node: node.clone(),
                    expected: 3,
                    got: shape.len(),
                });
            };
            let out: [usize; 3] = tensor.shape.as_slice().try_into().map_err(|_| {
                InterpretError::Size { node: node.clone(), expected: 3, got: tensor.shape.len() }
            })?;
            convolve(linear, operand(*input, c * h * w)?, [c, h, w], *pad_before, out)
        }
        Linear::MatMul { a, b, multiplier } => {
            let shapes = [a, b].map(|t| graph.tensors.get(t.0).map(|t| t.shape.as_slice()));
            let [Some(&[m, k]), Some(&[k2, n])] = shapes else {
                return Err(InterpretError::NoTensor { index: a.0 });
            };
            if k != k2 || m * n != len {
                return Err(InterpretError::Size { node: node.clone(), expected: m * n, got: len });
            }
            let (a, b) = (operand(*a, m * k)?, operand(*b, k * n)?);
            let element = |i: usize| {
                let row = &a[i / n * k..][..k];
                dot(row.iter().zip(b[i % n..].iter().step_by(n)))?
                    .checked_mul(i128::from(*multiplier))
            };
            (0..len).map(element).collect()
        }
        Linear::Combine { terms } => combine(terms, len, operand)?,
        Linear::Product { a, b, multiplier } => {
            let (a, b) = (operand(*a, len)?, operand(*b, len)?);
            let product = |(a, b): (&i64, &i64)| {
                (i128::from(*a) * i128::from(*b)).checked_mul(i128::from(*multiplier))
            };
            a.iter().zip(b).map(product).collect()
        }
    };
    narrow(wide).ok_or_else(|| InterpretError::Overflow { node: node.clone() })
}

/// Sums as 64-bit integers; `None` where one does not fit.
fn narrow(wide: Option<Vec<i128>>) -> Option<Vec<i64>> {
    wide?.into_iter().map(|y| i64::try_from(y).ok()).collect()
}

/// `y + bias` of element `index` among `elements`: none, one bias per element, or one per channel.
///
/// # Errors
/// [`InterpretError`] if there is no such bias, or the sum exceeds `i64`.
pub fn biased(
    node: &str,
    y: i64,
    bias: &[i64],
    index: usize,
    elements: usize,
) -> Result<i64, InterpretError> {
    let Some(per_channel) = elements.checked_div(bias.len()) else { return Ok(y) };
    let bias = index.checked_div(per_channel).and_then(|at| bias.get(at));
    let size = || InterpretError::Size { node: node.into(), expected: elements, got: index };
    let overflow = || InterpretError::Overflow { node: node.into() };
    y.checked_add(*bias.ok_or_else(size)?).ok_or_else(overflow)
}

fn dot<'a>(pairs: impl Iterator<Item = (&'a i64, &'a i64)>) -> Option<i128> {
    let mut sum = 0_i128;
    for (w, x) in pairs {
        sum = sum.checked_add(i128::from(*w) * i128::from(*x))?;
    }
    Some(sum)
}

fn combine<'v>(
    terms: &[(TensorId, Coefficients)],
    len: usize,
    operand: impl Fn(TensorId, usize) -> Result<&'v [i64], InterpretError>,
) -> Result<Option<Vec<i128>>, InterpretError> {
    let mut sums = vec![0_i128; len];
    for (tensor, coefficients) in terms {
        let x = operand(*tensor, len)?;
        for (i, (sum, x)) in sums.iter_mut().zip(x).enumerate() {
            let c = match coefficients {
                Coefficients::Scalar(c) => *c,
                Coefficients::PerElement(c) => match c.get(i) {
                    Some(c) => *c,
                    None => return Ok(None),
                },
            };
            match sum.checked_add(i128::from(c) * i128::from(*x)) {
                Some(next) => *sum = next,
                None => return Ok(None),
            }
        }
    }
    Ok(Some(sums))
}

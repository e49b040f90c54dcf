//! Exact evaluation of linear forms: the accumulator `y`, before bias and rescaling.

use crate::interpret::InterpretError;
use crate::quant_graph::{Coefficients, Linear, QuantGraph, QuantOp, TensorId};

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
        Linear::Conv { input, .. } => {
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
            convolve(linear, operand(*input, c * h * w)?, [c, h, w], out)
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
    wide.and_then(|wide| wide.into_iter().map(|y| i64::try_from(y).ok()).collect())
        .ok_or_else(|| InterpretError::Overflow { node: node.clone() })
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

/// Stride-1 cross-correlation; `None` where sizes disagree or a sum exceeds `i128`.
fn convolve(
    linear: &Linear,
    x: &[i64],
    [c, h, w]: [usize; 3],
    [o, oh, ow]: [usize; 3],
) -> Option<Vec<i128>> {
    let Linear::Conv { kernel, kernel_shape, dilation, pad_before, .. } = linear else {
        return None;
    };
    let [ko, kc, kh, kw] = *kernel_shape;
    if ko != o || kc != c || kernel.len() != o * c * kh * kw || x.len() != c * h * w {
        return None;
    }
    let mut out = vec![0_i128; o * oh * ow];
    for (tap, &weight) in kernel.iter().enumerate() {
        if weight == 0 {
            continue;
        }
        let (b, a) = (tap % kw, tap / kw % kh);
        let (channel, plane) = (tap / (kw * kh) % c, tap / (kw * kh * c));
        // Output columns whose source column `j + shift − pad` is inside the image.
        let (down, right) = (a * dilation[0], b * dilation[1]);
        let first = pad_before[1].saturating_sub(right).min(ow);
        let last = (w + pad_before[1]).saturating_sub(right).min(ow).max(first);
        for i in 0..oh {
            let Some(row) = (i + down).checked_sub(pad_before[0]).filter(|&row| row < h) else {
                continue;
            };
            if first == last {
                continue;
            }
            let from =
                &x[(channel * h + row) * w + first + right - pad_before[1]..][..last - first];
            let to = &mut out[(plane * oh + i) * ow + first..][..last - first];
            for (y, x) in to.iter_mut().zip(from) {
                *y = y.checked_add(i128::from(weight) * i128::from(*x))?;
            }
        }
    }
    Some(out)
}

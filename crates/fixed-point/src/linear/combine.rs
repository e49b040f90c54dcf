//! Combine: `y[i] = Σ_terms c[i]·x[i]`.

use super::operands::{Operands, of};
use super::sums::with_bias;
use super::taken::{Taken, wide};
use crate::interpret_error::InterpretError;
use crate::interval::Wide;
use crate::quant_graph::{Coefficients, QuantGraph, TensorId};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

type Terms = [(TensorId, Coefficients)];

pub(super) fn check(sizes: Sizes<'_>, terms: &Terms) -> Result<(), ValidateError> {
    terms.iter().try_for_each(|(id, coefficients)| {
        if let Coefficients::PerElement(c) = coefficients {
            sizes.equal("coefficients", Some(sizes.len), c.len())?;
        }
        sizes.equal("operand", Some(sizes.len), sizes.operand(*id))
    })
}

pub(super) fn work(terms: &Terms, len: u128) -> Taken {
    let products = len.saturating_mul(wide(terms.len()));
    Taken { elements: len.saturating_add(products), products }
}

pub(super) fn accumulate(
    operands: Operands<'_>,
    terms: &Terms,
    len: usize,
) -> Result<Vec<i64>, InterpretError> {
    let mut sums = vec![0_i128; len];
    for (tensor, coefficients) in terms {
        let x = operands.get(*tensor, len)?;
        if let Coefficients::PerElement(c) = coefficients
            && c.len() != len
        {
            return Err(operands.size(len, c.len()));
        }
        for (i, (sum, x)) in sums.iter_mut().zip(x).enumerate() {
            let c = match coefficients {
                Coefficients::Scalar(c) => *c,
                Coefficients::PerElement(c) => c[i],
            };
            let next = sum.checked_add(i128::from(c) * i128::from(*x));
            *sum = next.ok_or_else(|| operands.overflow())?;
        }
    }
    operands.narrow(Some(sums))
}

pub(super) fn interval(
    graph: &QuantGraph,
    terms: &Terms,
    bias: &[i64],
    len: usize,
) -> Option<Wide> {
    // What is the same for every element is summed once.
    let (mut same, mut each) = (Wide::ZERO, vec![]);
    for (tensor, coefficients) in terms {
        let x = of(graph, *tensor)?;
        match coefficients {
            Coefficients::Scalar(c) => same = same.plus(Wide::scaled(*c, x))?,
            Coefficients::PerElement(c) => each.push((x, c)),
        }
    }
    let uniform = each.is_empty() && bias.is_empty();
    let mut hull: Option<Wide> = None;
    for at in 0..if uniform { len.min(1) } else { len } {
        let mut y = same;
        for (x, c) in &each {
            y = y.plus(Wide::scaled(*c.get(at)?, *x))?;
        }
        let y = with_bias(y.below_limit()?, bias, at, len)?;
        hull = Some(hull.map_or(y, |hull| hull.hull(y)));
    }
    Some(hull.unwrap_or(Wide::ZERO))
}

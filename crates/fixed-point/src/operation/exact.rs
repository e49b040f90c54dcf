//! Exact: a linear form, not rescaled. Its cells need no range: the form's identity determines them.

mod extremum;

use crate::linear::Taken;
use crate::quant_graph::{Coefficients, Interval, Linear, QuantGraph, QuantOp, TensorId};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

impl QuantOp {
    /// The exact sum of tensors times integers.
    #[must_use]
    pub fn sum(terms: impl IntoIterator<Item = (TensorId, i64)>) -> Self {
        let terms = terms.into_iter().map(|(id, c)| (id, Coefficients::Scalar(c))).collect();
        QuantOp::Exact { linear: Linear::Combine { terms } }
    }
}

pub(super) fn check(sizes: Sizes<'_>, linear: &Linear) -> Result<(), ValidateError> {
    // What a window drops of the full product has no place among exact values.
    if let Linear::Conv { kernel_shape: [.., height, width], pad_before, pad_after, .. } = linear
        && ([*height, *width] != [1, 1] || *pad_before != [0, 0] || *pad_after != [0, 0])
    {
        return sizes.malformed("a convolution that is not rescaled has a window");
    }
    linear.check(sizes)
}

pub(super) fn work(graph: &QuantGraph, linear: &Linear, len: u128) -> Taken {
    let mut taken = linear.work(graph, len);
    if let Linear::Combine { terms } = linear {
        // Whether it is a maximum is read off the tables of its terms.
        let table = |id: TensorId| {
            let rescale = graph.tensors.get(id.0).and_then(|tensor| tensor.op.rescale());
            rescale.map_or(0, |rescale| rescale.function.entries.len() as u128)
        };
        let tables = terms.iter().take(2).map(|(id, _)| table(*id)).sum::<u128>();
        taken.products = taken.products.saturating_add(tables);
    }
    taken
}

pub(super) fn interval(graph: &QuantGraph, linear: &Linear, len: usize) -> Option<Interval> {
    if let Linear::Combine { terms } = linear
        && let Some(interval) = extremum::interval(graph, terms)
    {
        return Some(interval);
    }
    linear.interval(graph, &[], None, len)
}

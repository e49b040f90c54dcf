//! Maximum and minimum: sums whose interval is tighter than the sum of intervals.
//!
//! With `d = relu(a − b)`, exactly: `d + b = max(a, b)` and `a − d = min(a, b)`. Without this, every level
//! of a maximum's tree would double the proven interval.

use crate::format::Format;
use crate::quant_graph::{Coefficients, Interval, Linear, QuantGraph, QuantOp, TensorId};

/// The interval of an `Exact` sum that is a maximum or a minimum; `None` if it is neither.
pub(super) fn interval(graph: &QuantGraph, terms: &[(TensorId, Coefficients)]) -> Option<Interval> {
    let &[(first, Coefficients::Scalar(1)), (second, Coefficients::Scalar(sign))] = terms else {
        return None;
    };
    if sign == 1
        && let Some((a, b)) = difference(graph, first)
        && b == second
    {
        let (a, b) = (of(graph, a)?, of(graph, b)?);
        return Some(Interval { lo: a.lo.max(b.lo), hi: a.hi.max(b.hi) });
    }
    if sign == -1
        && let Some((a, b)) = difference(graph, second)
        && a == first
    {
        let (a, b) = (of(graph, a)?, of(graph, b)?);
        return Some(Interval { lo: a.lo.min(b.lo), hi: a.hi.min(b.hi) });
    }
    None
}

fn of(graph: &QuantGraph, id: TensorId) -> Option<Interval> {
    graph.tensors.get(id.0).map(|t| t.interval)
}

/// `(a, b)` if the tensor is exactly `relu(a − b)`.
fn difference(graph: &QuantGraph, id: TensorId) -> Option<(TensorId, TensorId)> {
    let QuantOp::Rescale { format, linear: Linear::Combine { terms }, bias, function, .. } =
        &graph.tensors.get(id.0)?.op
    else {
        return None;
    };
    let Format { shift, low_bits } = graph.format(*format)?;
    let one = 1_i64 << shift;
    let [(a, Coefficients::Scalar(plus)), (b, Coefficients::Scalar(minus))] = terms.as_slice()
    else {
        return None;
    };
    (*plus == one && *minus == -one && bias.is_empty() && function.is_relu(low_bits))
        .then_some((*a, *b))
}

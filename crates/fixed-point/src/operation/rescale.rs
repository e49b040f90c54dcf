//! Rescale: `q = ⌊(y + bias + 2^(S−1)) / 2^S⌋`, `x = function(q)`.

use crate::format::Format;
use crate::interpret_error::InterpretError;
use crate::linear::{Operands, biased};
use crate::quant_graph::{Interval, Linear, Piecewise};

pub(super) fn evaluate(
    operands: Operands<'_>,
    linear: &Linear,
    bias: &[i64],
    (format, accumulator, function): (Format, Interval, &Piecewise),
    shape: &[usize],
) -> Result<Vec<i64>, InterpretError> {
    let y = linear.accumulate(operands, shape)?;
    let elements = y.len();
    let node = || operands.node.to_owned();
    let finish = |(index, y): (usize, i64)| {
        let value = biased(operands.node, y, bias, index, elements)?;
        if !accumulator.contains(value) {
            let (node, interval) = (node(), accumulator);
            return Err(InterpretError::OutsideInterval { node, index, value, interval });
        }
        let q = format.rescale(value);
        let outside = || InterpretError::OutsideTable { node: node(), index, value: q };
        function.eval(q, format.low_bits).ok_or_else(outside)
    };
    y.into_iter().enumerate().map(finish).collect()
}

//! Convolutions whose rescale and function are taken in by the maximum that reads them: their outputs stand nowhere.
//!
//! Of a function f that grows, `max_e f(q_e) = f(max_e q_e)`: a bank of maxima has the q_e as what it takes off the largest,
//! and looks up f once for each window.
//! What a window leaves over at the end of an image is dropped like a convolution's boundary, so that boundary terms must
//! be combined.

use crate::alike::Alike;
use crate::boundary::BoundaryTerms;
use provenn_fixed_point::{Images, Linear, Piecewise, QuantGraph, QuantOp, TensorId};
use std::collections::BTreeMap;

/// The maximum that takes a convolution in, by convolution.
pub(crate) fn fused(
    graph: &QuantGraph,
    boundary: BoundaryTerms,
    alike: &Alike,
) -> BTreeMap<TensorId, TensorId> {
    if boundary != BoundaryTerms::Combined {
        return BTreeMap::new();
    }
    let mut readers = vec![0_usize; graph.tensors.len()];
    let operands = graph.tensors.iter().flat_map(|tensor| tensor.op.operands());
    for id in operands.chain(graph.outputs.iter().copied()) {
        if let Some(readers) = readers.get_mut(id.0) {
            *readers += 1;
        }
    }
    let maxima = (0..graph.tensors.len()).map(TensorId).filter_map(|id| {
        let QuantOp::Maximum { operand, window } = graph.tensors[id.0].op else { return None };
        let alone = readers.get(operand.0) == Some(&1);
        (alone && is_taken_in(graph, operand, window, alike)).then_some((operand, id))
    });
    maxima.collect()
}

fn is_taken_in(graph: &QuantGraph, id: TensorId, window: [usize; 2], alike: &Alike) -> bool {
    let tensor = &graph.tensors[id.0];
    let QuantOp::Rescale { format, linear: Linear::Conv { .. }, bias, function, .. } = &tensor.op
    else {
        return false;
    };
    let Some((format, images)) = graph.format(*format).zip(Images::of(&tensor.shape)) else {
        return false;
    };
    // Of committed weights every accumulator has to be in the table, not the largest alone.
    if graph.committed.contains_key(&id) {
        return false;
    }
    // All elements of a window have one bias. Tensors of one identity must drop the same places.
    let one_bias = bias.is_empty() || bias.len() == images.planes();
    let [height, width] = window;
    let whole = images.height.is_multiple_of(height) && images.width.is_multiple_of(width);
    one_bias && (whole || !alike.is_shared(id)) && grows(function, format.low_bits)
}

/// Whether a table's values never fall, from its first to its last.
fn grows(function: &Piecewise, low_bits: u32) -> bool {
    let last = (1_i64 << low_bits) - 1;
    let end = |&(slope, base): &(i64, i64)| slope.checked_mul(last)?.checked_add(base);
    let between = |pair: &[(i64, i64)]| {
        let [from, (_, next)] = pair else { return false };
        end(from).is_some_and(|end| end <= *next)
    };
    function.entries.iter().all(|(slope, _)| *slope >= 0)
        && function.entries.windows(2).all(between)
}

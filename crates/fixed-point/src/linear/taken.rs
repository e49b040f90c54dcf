//! What a form takes, counted before anything of that size is made.

use crate::quant_graph::{QuantGraph, TensorId};

/// What a form takes, counted before anything of that size is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Elements, those of operands that are copied for it included.
    pub(crate) elements: u128,
    /// Multiplications.
    pub(crate) products: u128,
}

/// A count, which always fits.
pub(super) fn wide(count: usize) -> u128 {
    count as u128
}

/// Elements of a tensor, as a count of work.
pub(super) fn elements(graph: &QuantGraph, id: TensorId) -> u128 {
    graph.tensors.get(id.0).map_or(0, |t| wide(t.len()))
}

//! Numbers that a graph stores, for which whoever sent it has paid: what else it may have grows with them.

use crate::limits::{MOST_ELEMENTS, for_bytes};
use crate::quant_graph::{Coefficients, Embedding, Linear, QuantGraph, QuantOp};

/// Bytes of a weight in the model that it comes from.
const BYTES_OF_WEIGHT: u128 = 4;

impl QuantGraph {
    /// Most elements that all tensors may have together, and cells all blocks.
    #[must_use]
    pub fn most_elements(&self) -> u128 {
        for_bytes(MOST_ELEMENTS, self.stored().saturating_mul(BYTES_OF_WEIGHT))
    }

    /// Weights, of all operations.
    #[must_use]
    pub fn stored(&self) -> u128 {
        self.tensors.iter().map(|t| stored(&t.op) as u128).sum()
    }
}

/// Weights of an operation. Views are not counted: a source for each element is what an element takes.
fn stored(op: &QuantOp) -> usize {
    match op {
        QuantOp::Exact { linear } => of_form(linear),
        QuantOp::Rescale { linear, bias, .. } => of_form(linear).saturating_add(bias.len()),
        QuantOp::Embedding(Embedding { rows, .. }) => rows.len(),
        QuantOp::Input { .. }
        | QuantOp::View { .. }
        | QuantOp::Quotient(_)
        | QuantOp::Root { .. }
        | QuantOp::Gather(_)
        | QuantOp::Sort { .. }
        | QuantOp::Maximum { .. } => 0,
    }
}

fn of_form(linear: &Linear) -> usize {
    match linear {
        Linear::Dense { weights, .. } => weights.len(),
        Linear::Conv { kernel, .. } => kernel.len(),
        Linear::Combine { terms } => {
            let of_term = |c: &Coefficients| match c {
                Coefficients::Scalar(_) => 0,
                Coefficients::PerElement(each) => each.len(),
            };
            terms.iter().map(|(_, c)| of_term(c)).fold(0, usize::saturating_add)
        }
        Linear::MatMul { .. } | Linear::Contract { .. } => 0,
    }
}

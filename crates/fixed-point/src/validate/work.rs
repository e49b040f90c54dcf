//! What a graph takes to lay out and to evaluate, counted before anything of that size is made.

use crate::limits::MOST_PRODUCTS;
use crate::linear::Taken;
use crate::quant_graph::{QuantGraph, QuantTensor};
use crate::validate_error::ValidateError;

/// Elements and multiplications of the tensors seen so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    elements: u128,
    products: u128,
    /// Most elements that there may be.
    most: u128,
}

/// A total beyond its limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Excess {
    what: &'static str,
    got: u128,
    limit: u128,
}

impl Excess {
    /// The error that names the tensor at which the total passed its limit.
    pub(super) fn at(self, tensor: usize, t: &QuantTensor) -> ValidateError {
        let Excess { what, got, limit } = self;
        ValidateError::TooLarge { tensor, node: t.name.clone(), what, got, limit }
    }
}

impl Work {
    /// Nothing so far.
    pub(super) fn of(graph: &QuantGraph) -> Self {
        Work { elements: 0, products: 0, most: graph.most_elements() }
    }

    /// Counts a tensor of `len` elements, whose sizes agree with those of its operands.
    pub(super) fn add(
        &mut self,
        graph: &QuantGraph,
        t: &QuantTensor,
        len: usize,
    ) -> Result<(), Excess> {
        let Taken { elements, products } = t.op.work(graph, wide(len));
        self.products = self.products.saturating_add(products);
        self.count(elements)
    }

    /// Counts elements that are listed once more.
    pub(super) fn add_elements(&mut self, len: usize) -> Result<(), Excess> {
        self.count(wide(len))
    }

    fn count(&mut self, elements: u128) -> Result<(), Excess> {
        self.elements = self.elements.saturating_add(elements);
        for (what, got, limit) in [
            ("elements of tensors", self.elements, self.most),
            ("multiplications", self.products, MOST_PRODUCTS),
        ] {
            if got > limit {
                return Err(Excess { what, got, limit });
            }
        }
        Ok(())
    }
}

/// A count, which always fits.
fn wide(count: usize) -> u128 {
    count as u128
}

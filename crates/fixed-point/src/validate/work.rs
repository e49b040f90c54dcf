//! What a graph takes to lay out and to evaluate, counted before anything of that size is made.

use super::ValidateError;
use crate::limits::{MOST_ELEMENTS, MOST_PRODUCTS};
use crate::quant_graph::{Linear, QuantGraph, QuantOp, QuantTensor, TensorId};

/// Elements and multiplications of the tensors seen so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Work {
    elements: u128,
    products: u128,
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
    /// Counts a tensor of `len` elements, whose sizes agree with those of its operands.
    pub(super) fn add(
        &mut self,
        graph: &QuantGraph,
        t: &QuantTensor,
        len: usize,
    ) -> Result<(), Excess> {
        let [elements, products] = of(graph, t, wide(len));
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
            ("elements of tensors", self.elements, MOST_ELEMENTS),
            ("multiplications", self.products, MOST_PRODUCTS),
        ] {
            if got > limit {
                return Err(Excess { what, got, limit });
            }
        }
        Ok(())
    }
}

/// Elements and multiplications of one tensor.
fn of(graph: &QuantGraph, t: &QuantTensor, len: u128) -> [u128; 2] {
    let operand = |id: TensorId| graph.tensors.get(id.0).map_or(0, |t| wide(t.len()));
    let each = |terms: usize| {
        let products = len.saturating_mul(wide(terms));
        [len.saturating_add(products), products]
    };
    match &t.op {
        QuantOp::Input { .. } | QuantOp::View { .. } => [len, 0],
        QuantOp::Exact { terms } => {
            // Whether it is a maximum is read off the tables of its terms.
            let table = |id: &TensorId| match graph.tensors.get(id.0).map(|t| &t.op) {
                Some(QuantOp::Rescale { function, .. }) => wide(function.entries.len()),
                Some(QuantOp::Input { .. } | QuantOp::View { .. } | QuantOp::Exact { .. })
                | None => 0,
            };
            let tables = terms.iter().take(2).map(|(id, _)| table(id)).sum::<u128>();
            let [elements, products] = each(terms.len());
            [elements, products.saturating_add(tables)]
        }
        QuantOp::Rescale { linear, .. } => match linear {
            Linear::Dense { input, weights } => {
                [len.saturating_add(operand(*input)), wide(weights.len())]
            }
            Linear::Conv { input, kernel, kernel_shape, dilation, .. } => {
                let shape = graph.tensors.get(input.0).map_or(&[][..], |t| &t.shape);
                let extent = |axis: usize| shape.get(axis + 1).map_or(0, |&extent| wide(extent));
                let full = |axis: usize| {
                    let taps = wide(kernel_shape[axis + 2]).saturating_sub(1);
                    taps.saturating_mul(wide(dilation[axis])).saturating_add(extent(axis))
                };
                let [planes, channels] = [wide(kernel_shape[0]), wide(kernel_shape[1])];
                let product = planes.saturating_mul(full(0)).saturating_mul(full(1));
                let spread = channels.saturating_mul(extent(0)).saturating_mul(full(1));
                let products =
                    wide(kernel.len()).saturating_mul(extent(0)).saturating_mul(extent(1));
                [product.saturating_add(spread), products]
            }
            Linear::MatMul { a, b, .. } => {
                let inner = graph.tensors.get(a.0).and_then(|t| t.shape.get(1));
                let products = len.saturating_mul(inner.map_or(0, |&k| wide(k)));
                [len.saturating_add(operand(*a)).saturating_add(operand(*b)), products]
            }
            Linear::Combine { terms } => each(terms.len()),
            Linear::Product { .. } => [len.saturating_mul(3), len],
        },
    }
}

/// A count, which always fits.
fn wide(count: usize) -> u128 {
    count as u128
}

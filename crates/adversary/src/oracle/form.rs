//! Explicit forms: `constant + Σ c·x + Σ c·x·y` over elements of tensors.

use provenn_fixed_point::TensorId;
use std::collections::BTreeMap;

/// An element of a tensor, row-major.
pub type Element = (TensorId, usize);

/// A form of degree two at most. Integers are 128 bits wide: no form of a valid graph comes near.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// What is added whatever elements are.
    pub constant: i128,
    /// By element its coefficient.
    pub linear: BTreeMap<Element, i128>,
    /// By pair of elements that of their product.
    pub products: BTreeMap<(Element, Element), i128>,
}

impl Form {
    /// Adds `c·x`.
    pub fn add(&mut self, c: i64, x: Element) {
        *self.linear.entry(x).or_default() += i128::from(c);
    }

    /// Adds `c·x·y`.
    pub fn add_product(&mut self, c: i64, x: Element, y: Element) {
        *self.products.entry((x.min(y), x.max(y))).or_default() += i128::from(c);
    }

    /// The value at the elements of `values`, by tensor.
    #[must_use]
    pub fn at(&self, values: &[Vec<i64>]) -> i128 {
        let of = |(tensor, element): Element| i128::from(values[tensor.0][element]);
        let linear = self.linear.iter().map(|(x, c)| c * of(*x));
        let products = self.products.iter().map(|((x, y), c)| c * of(*x) * of(*y));
        self.constant + linear.sum::<i128>() + products.sum::<i128>()
    }
}

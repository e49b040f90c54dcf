//! What the integers of a tensor stand for.

use crate::convert::{real, single};
use serde::{Deserialize, Serialize};

/// Real values of a tensor's integers, column by column: element i, which is in column
/// `c = (i / inner) % steps.len()`, stands for `offsets[c] + steps[c] · integer`.
///
/// One column is the whole tensor. Columns are the last axis (`inner` is 1) or the channels of an image
/// (`inner` is height times width).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grid {
    /// Real value of one unit, per column.
    pub steps: Vec<f64>,
    /// Real value of zero, per column.
    pub offsets: Vec<f64>,
    /// Consecutive elements of one column.
    pub inner: usize,
}

impl Grid {
    /// `step · integer` for every element.
    #[must_use]
    pub fn uniform(step: f64) -> Self {
        Grid { steps: vec![step], offsets: vec![0.0], inner: 1 }
    }

    /// The step, where it is the same for every element and zero stands for zero.
    #[must_use]
    pub fn step(&self) -> Option<f64> {
        match (self.steps.as_slice(), self.offsets.as_slice()) {
            ([step], [offset]) if *offset == 0.0 => Some(*step),
            _ => None,
        }
    }

    /// Offset and step of an element.
    #[must_use]
    pub fn column(&self, element: usize) -> (f64, f64) {
        let column = (element / self.inner.max(1)) % self.steps.len().max(1);
        let at = |values: &[f64], otherwise| values.get(column).copied().unwrap_or(otherwise);
        (at(&self.offsets, 0.0), at(&self.steps, 1.0))
    }

    /// The real value of an element.
    #[must_use]
    pub fn real(&self, element: usize, integer: i64) -> f64 {
        let (offset, step) = self.column(element);
        offset + step * real(integer)
    }

    /// Real values of all elements.
    #[must_use]
    pub fn reals(&self, integers: &[i64]) -> Vec<f64> {
        integers.iter().enumerate().map(|(i, &x)| self.real(i, x)).collect()
    }

    /// The coarsest step: what a bound in units of the finest grid means at most.
    #[must_use]
    pub fn coarsest(&self) -> f64 {
        self.steps.iter().copied().fold(0.0, f64::max)
    }

    /// Integers as floats.
    #[must_use]
    pub fn dequantise(&self, integers: &[i64]) -> Vec<f32> {
        integers.iter().enumerate().map(|(i, &x)| single(self.real(i, x))).collect()
    }

    /// Whether it describes a tensor of `elements` elements.
    #[must_use]
    pub fn fits(&self, elements: usize) -> bool {
        let columns = self.steps.len();
        columns == self.offsets.len()
            && self.inner > 0
            && (1..=elements.max(1)).contains(&columns)
            && self.steps.iter().all(|step| step.is_finite() && *step > 0.0)
            && self.offsets.iter().all(|offset| offset.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_and_last_axes_are_columns() {
        let grid = |inner| Grid { steps: vec![1.0, 0.5], offsets: vec![0.0, 10.0], inner };
        let reals = |grid: Grid| (0..4).map(|i| grid.real(i, 2)).collect::<Vec<_>>();
        assert_eq!(reals(grid(1)), [2.0, 11.0, 2.0, 11.0]);
        assert_eq!(reals(grid(2)), [2.0, 2.0, 11.0, 11.0]);
        assert_eq!(reals(Grid::uniform(3.0)), [6.0; 4]);
    }
}

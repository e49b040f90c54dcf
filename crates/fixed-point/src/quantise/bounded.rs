//! The bounds of the rows of weights that were asked for last.

use super::value::Reals;
use std::cell::RefCell;
use std::sync::Arc;

/// Least and most of each row's sum.
type Bounds = Vec<(f64, f64)>;

/// What bounds were of: the very weights, not others like them.
struct Known {
    weights: Reals,
    bias: Vec<f64>,
    operand: (f64, f64),
    bounds: Bounds,
}

/// Bounds of one form.
#[derive(Default)]
pub(super) struct Bounded(RefCell<Option<Known>>);

impl Bounded {
    /// The bounds of rows of weights with a bias each over operands between two ends, found now if they are not those of
    /// the last time.
    pub(super) fn get(
        &self,
        weights: &Reals,
        bias: &[f64],
        operand: (f64, f64),
        find: impl FnOnce() -> Bounds,
    ) -> Bounds {
        let same = |known: &Known| {
            Arc::ptr_eq(&known.weights, weights) && known.operand == operand && known.bias == bias
        };
        if let Some(known) = self.0.borrow().as_ref().filter(|known| same(known)) {
            return known.bounds.clone();
        }
        let bounds = find();
        let (weights, bias) = (Arc::clone(weights), bias.to_vec());
        *self.0.borrow_mut() = Some(Known { weights, bias, operand, bounds: bounds.clone() });
        bounds
    }
}

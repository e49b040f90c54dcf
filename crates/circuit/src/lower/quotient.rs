//! Quotient: `2·c·n + d = 2·d·x + r` with `0 ≤ r ≤ 2·d − 1`.
//!
//! # Statement
//! With fingerprints X, D, N of x, d, n and P of d·x, all at σ: `R = 2c·N + D − 2·P` has coefficients r (less 2c, where n
//! is the constant 1), and `2·D − R` those of `2d − r`. Ranges are shown of x, of r, of `2d − r ≥ 1`, and of d where
//! its interval does not say that no d is below the least one.
//!
//! # Soundness
//! All of these are integers far below the field's size, so that the identities hold of integers. `r ≥ 0` and
//! `2d − r ≥ 1` give `d ≥ 1`; x is then the quotient of `2cn + d` by `2d`, and there is one.
//!
//! # Cost
//! Per element three plain cells and three ranges, with the last of the above four.

use super::Lowering;
use crate::error::CompileError;
use crate::planes::PlaneLayout;
use crate::program::{Order, PlainFingerprint};
use provenn_fixed_point::{Quotient, TensorId};

impl Lowering<'_> {
    pub(super) fn quotient(&mut self, id: TensorId, q: Quotient) -> Result<(), CompileError> {
        let layout = PlaneLayout::flat(self.graph.tensors[id.0].len());
        let (_, x) = self.result(id)?;
        let shown = self.ranged(id, 0)?;
        self.program.equal(x, shown);
        let pair = self.pair([q.divisor, id], layout, Order::Own)?;
        let d = self.plain_plane(pair, 0, PlainFingerprint::Sigma);
        let products = self.plain_plane(pair, 0, PlainFingerprint::Product);
        let mut terms = vec![(1, d, 0), (-2, products, 0)];
        if let Some(numerator) = q.numerator {
            let twice = q.multiplier.checked_mul(2);
            let twice = twice.ok_or_else(|| self.internal(id, "a numerator beyond its bounds"))?;
            terms.push(self.term(numerator, layout, twice)?);
        }
        let (sum, offset) = self.weighted_sum(&terms);
        let remainder = self.ranged(id, 1)?;
        let moved = self.moved(remainder, offset);
        self.program.equal(moved, sum);
        let (difference, _) = self.weighted_sum(&[(2, d, 0), (-1, remainder, 0)]);
        let shown = self.ranged(id, 2)?;
        self.program.equal(shown, difference);
        if q.shows_least(self.graph) {
            let shown = self.ranged(id, 3)?;
            self.program.equal(shown, d);
        }
        Ok(())
    }
}

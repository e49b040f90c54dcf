//! Root: `v + e = x² + r` with `0 ≤ r ≤ 2·x`.
//!
//! # Statement
//! With fingerprints X, V of x, v and P of x², all at σ: `R = V − P` has coefficients `r − e`, and `2·X − R` those of
//! `2x − r + e`. Ranges are shown of x, of `r − e ≥ −e`, and of `2x − r + e ≥ e`.
//!
//! # Soundness
//! All of these are integers far below the field's size, so that the identities hold of integers: then
//! `x² ≤ v + e < (x + 1)²` and `x ≥ 0`, and there is one such x.
//!
//! # Cost
//! Per element three plain cells and three ranges.

use super::Lowering;
use crate::error::CompileError;
use crate::planes::PlaneLayout;
use crate::program::{Order, PlainFingerprint};
use provenn_fixed_point::TensorId;

impl Lowering<'_> {
    pub(super) fn root(&mut self, id: TensorId, operand: TensorId) -> Result<(), CompileError> {
        let layout = PlaneLayout::flat(self.graph.tensors[id.0].len());
        let (_, x) = self.result(id)?;
        let shown = self.ranged(id, 0)?;
        self.program.equal(x, shown);
        let pair = self.pair([id, id], layout, Order::Own)?;
        let squares = self.plain_plane(pair, 0, PlainFingerprint::Product);
        let terms = [self.term(operand, layout, 1)?, (-1, squares, 0)];
        let (sum, offset) = self.weighted_sum(&terms);
        let remainder = self.ranged(id, 1)?;
        let moved = self.moved(remainder, offset);
        self.program.equal(moved, sum);
        let (difference, _) = self.weighted_sum(&[(2, x, 0), (-1, remainder, 0)]);
        let shown = self.ranged(id, 2)?;
        self.program.equal(shown, difference);
        Ok(())
    }
}

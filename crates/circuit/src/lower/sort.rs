//! Sort: positions and the elements there, looked up in a memory of each line, in strictly decreasing order.
//!
//! # Statement
//! With entries (position, element) of each line in a space of its own, each pair (p_j, v_j) is an entry of its line's
//! space; with `c_j = extent·v_j − p_j` over all lines, `d_j = c_j − c_(j+1)` plus `more` at the end of each line but the
//! last, and `d_j ≥ 1`. With fingerprints V and P at σ, N elements, and B having ones at the ends of lines:
//!
//! ```text
//! σ·D = (σ − 1)·(extent·V − P) + c_0 − σ^N·c_(N−1) + more·σ·B
//! ```
//!
//! # Soundness
//! Along a line c decreases strictly, so that no entry occurs twice: `extent` different ones of `extent` are all of them, in
//! the one order in which c decreases. At the end of a line `d ≥ 1` holds of all values there are: it says nothing.
//!
//! # Cost
//! Per element three plain cells, a count and a range; per line a row of arithmetic or two.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::PlainId;
use crate::planes::PlaneLayout;
use crate::program::{Contents, Order, PlainFingerprint, Point, Side, Stand, Value};
use provenn_fixed_point::{Keys, TensorId};

/// Positions count from 0.
pub(super) const POSITIONS: Keys = Keys { first: 0, unit: 1 };

impl Lowering<'_> {
    pub(super) fn sort(
        &mut self,
        id: TensorId,
        operand: TensorId,
        extent: usize,
    ) -> Result<(), CompileError> {
        let len = self.graph.tensors[id.0].len();
        let lines = len.checked_div(extent).filter(|lines| *lines > 0);
        let lines = lines.ok_or_else(|| self.internal(id, "no lines to sort"))?;
        let first = self.spaces(id, lines)?;
        self.entries(operand, Stand::Entries { first, per_line: extent, keys: POSITIONS })?;
        let layout = PlaneLayout::flat(len);
        let lookup = |side| Stand::Lookup { side, first, per_line: extent };
        // For the gaps.
        self.program.constant(0);
        let positions = self.home(id, layout, Contents::Shown)?;
        self.program.plain[positions.0].stand = lookup(Side::Left);
        let values = self.plain_block(operand, layout, Contents::Shown)?;
        let block = &mut self.program.plain[values.0];
        (block.stand, block.order) = (lookup(Side::Right), Order::Sorted { order: id, extent });
        self.sorted.insert((operand, id, lines), values);
        if len > 1 {
            self.decreasing(id, operand, [positions, values], extent)?;
        }
        Ok(())
    }

    /// Demands the order of a sort's positions and values.
    fn decreasing(
        &mut self,
        id: TensorId,
        operand: TensorId,
        [positions, values]: [PlainId; 2],
        extent: usize,
    ) -> Result<(), CompileError> {
        let len = self.graph.tensors[id.0].len();
        let factor = i64::try_from(extent).ok();
        let more = self.graph.between_lines(operand, extent);
        let (Some(factor), Some(more)) = (factor, more) else {
            return Err(self.internal(id, "an order beyond its bounds"));
        };
        let differences = self.ranged_in(id, 0, PlaneLayout::flat(len - 1))?;
        let v = self.plain_total(values, PlainFingerprint::Sigma)?;
        let p = self.plain_total(positions, PlainFingerprint::Sigma)?;
        let one = self.program.constant(1);
        let keys = self.program.multiply_add(factor, v, one, Some((-1, p)));
        let end = |this: &mut Self, at: usize| {
            let [v, p] = [values, positions].map(|id| this.program.push(Value::Element(id, at)));
            this.program.multiply_add(factor, v, one, Some((-1, p)))
        };
        let (head, tail) = (end(self, 0), end(self, len - 1));
        let sigma = self.program.power(Point::Sigma, 1);
        let beyond = self.program.power(Point::Sigma, len);
        // (σ − 1)·keys + head − σ^N·tail
        let sum = self.program.multiply_add(1, sigma, keys, Some((-1, keys)));
        let sum = self.program.multiply_add(-1, beyond, tail, Some((1, sum)));
        let sum = self.program.multiply_add(1, head, one, Some((1, sum)));
        // The ends of all lines but the last, moved as the differences are.
        let ends = self.geometric((Point::Sigma, extent), len / extent - 1);
        let ends = self.moved(ends, extent);
        let sum = self.program.multiply_add(more, ends, one, Some((1, sum)));
        let differences = self.moved(differences, 1);
        self.program.equal(differences, sum);
        Ok(())
    }
}

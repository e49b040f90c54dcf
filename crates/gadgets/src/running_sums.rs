//! Running sums: columns of weights at a challenge, each times its input, added up from the last row to the first.
//!
//! What [`crate::Freivalds`] and [`crate::committed`] share: they differ in where a row's weights stand, and so in how a
//! row is combined; what follows from the combined rows is one. Statement, soundness and cost are theirs.

use crate::cells::Cells;
use crate::column::{Column, Counter, Integers};
use crate::columns::Query;
use crate::gadget::Constraint;
use crate::linear::Run;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::Expression;
use std::ops::Range;

/// Flags of the key, inputs and sums of a later phase.
#[derive(Clone, Debug)]
pub struct RunningSums {
    /// Fixed: the next row continues this weight column.
    pub step: usize,
    /// Fixed: u is complete here and multiplied by x.
    pub first: usize,
    /// Fixed: the sum z continues in the next row.
    pub sum: usize,
    /// Later: the input x_k.
    pub x: usize,
    /// Later: u_k.
    pub u: usize,
    /// Later: the running sum of x_k·u_k.
    pub z: usize,
}

impl RunningSums {
    /// Numbers the columns.
    pub(crate) fn allocate(fixed: &mut Counter, second: &mut Counter) -> Self {
        RunningSums {
            step: fixed.one(),
            first: fixed.one(),
            sum: fixed.one(),
            x: second.one(),
            u: second.one(),
            z: second.one(),
        }
    }

    /// What the rows below add to a row of u, short of the power of the challenge: `step·u'`.
    pub(crate) fn tail(&self, q: &mut Query<'_, '_>) -> Expression<Fr> {
        q.fixed(self.step) * q.second_next(self.u)
    }

    /// `u = column` and `z = first·x·u + sum·z'`, by their names.
    pub(crate) fn constraints(
        &self,
        q: &mut Query<'_, '_>,
        [of_column, of_sum]: [&'static str; 2],
        column: Expression<Fr>,
    ) -> Vec<Constraint> {
        let (x, u, z) = (q.second(self.x), q.second(self.u), q.second(self.z));
        let sum = q.fixed(self.first) * x * u.clone() + q.fixed(self.sum) * q.second_next(self.z);
        vec![
            Constraint::defining(of_column, self.u, u - column),
            Constraint::defining(of_sum, self.z, z - sum),
        ]
    }

    pub(crate) fn copied(&self) -> Vec<Column> {
        vec![Column::Second(self.x), Column::Second(self.z)]
    }

    pub(crate) fn opened_next(&self) -> Vec<usize> {
        vec![self.u, self.z]
    }

    pub(crate) fn unread(&self, row: usize, fixed: Integers<'_>) -> Vec<usize> {
        if fixed.at(self.first, row) == 0 { vec![self.x] } else { vec![] }
    }

    /// Sets the flags of a run by (column, row, value); where each of its weight columns begins: row, k.
    pub(crate) fn lay(
        &self,
        run: &Run<'_>,
        mut set: impl FnMut(usize, usize, i64),
    ) -> Vec<(usize, usize)> {
        let rows = run.extents.outputs.div_ceil(run.lanes);
        let mut tops = Vec::with_capacity(run.units.len());
        for (at, k) in run.units.clone().enumerate() {
            let top = run.start + at * rows;
            tops.push((top, k));
            set(self.first, top, 1);
            for row in top..top + rows {
                set(self.step, row, i64::from(row + 1 < top + rows));
                // The sum ends with the run.
                let last = at + 1 == run.units.len() && row + 1 == top + rows;
                set(self.sum, row, i64::from(!last));
            }
        }
        tops
    }

    /// Computes u and z on the rows of a run, whose weights `combined` combines; `beyond` is ω^M. Inputs are there.
    pub(crate) fn evaluate<C: Cells>(
        &self,
        rows: Range<usize>,
        beyond: Fr,
        fixed: Integers<'_>,
        cells: &mut C,
        mut combined: impl FnMut(&mut C, usize) -> Fr,
    ) {
        for row in rows.rev() {
            let tail = match fixed.at(self.step, row) {
                0 => Fr::zero(),
                _ => beyond * cells.get(self.u, row + 1),
            };
            let u = combined(cells, row) + tail;
            cells.set(self.u, row, u);
            let mut z = match fixed.at(self.sum, row) {
                0 => Fr::zero(),
                _ => cells.get(self.z, row + 1),
            };
            if fixed.at(self.first, row) != 0 {
                // As it stands there: a forger may have put another.
                z += cells.get(self.x, row) * cells.get(self.u, row);
            }
            cells.set(self.z, row, z);
        }
    }
}

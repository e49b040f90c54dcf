//! Freivalds' linear identity: fixed weights evaluated at a challenge, times the input, summed.
//!
//! # Statement
//! For fixed W and inputs x_k: `z = Σ_k x_k·u_k` with `u_k = Σ_n ω^n·W_nk`, where ω is σ or ρ. Equated with
//! a fingerprint `Σ_n ω^n·y_n` this is Freivalds' check of `y = W·x` (Freivalds 1977) with a random vector of
//! powers: no cell per product.
//!
//! # Constraints
//! * `freivalds/column` (degree 3): `u = Σ_j ω^j·W_j + step·ω^M·u'`
//! * `freivalds/sum` (degree 4): `z = first·x·u + sum·z'`
//!
//! # Layout
//! W column by column: ⌈N/M⌉ rows per k, `step` set on all but the last, `first` on the first; x_k is a copy
//! beside `first`; z runs upwards over the rows of one layer, and its total stands on the first.
//!
//! # Soundness
//! x and y are committed before ω (x may also be a fingerprint, a polynomial in the *other* challenge), so the
//! identity is polynomial in the challenges and holds at a random point only if y = W·x, except with
//! probability (degree)/p.
//!
//! # Completeness
//! The columns are determined by W and x.
//!
//! # Cost
//! N·K fixed cells; per row two second-phase cells and one for x.

use crate::cells::Cells;
use crate::column::{Column, Integers, Numbers};
use crate::columns::{Challenges, Query, horner};
use crate::combination::{Coefficient, Combination};
use crate::gadget::{Constraint, Gadget, Role};
use crate::linear::{Division, Extents, Join, Laid, LinearIdentity, Run};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use std::ops::Range;

/// The linear identity of [`crate::Standard`].
#[derive(Clone, Debug)]
pub struct Freivalds {
    /// Whether weights are evaluated at ρ (else at σ).
    pub rho: bool,
    /// Fixed: weights per lane.
    pub weight: Vec<usize>,
    /// Fixed: the next row continues this weight column.
    pub step: usize,
    /// Fixed: u is complete here and multiplied by x.
    pub first: usize,
    /// Fixed: the sum z continues in the next row.
    pub sum: usize,
    /// Second phase: the input x_k.
    pub x: usize,
    /// Second phase: u_k.
    pub u: usize,
    /// Second phase: the running sum of x_k·u_k.
    pub z: usize,
}

impl Gadget for Freivalds {
    fn name(&self) -> &'static str {
        "freivalds"
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::fixed("weights", &self.weight),
            Role::fixed("step, first, sum", &[self.step, self.first, self.sum]),
            Role::second("inputs", &[self.x]),
            Role::second("weights at the challenge", &[self.u]),
            Role::second("sums", &[self.z]),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let Challenges { sigma, rho, .. } = q.challenges();
        let omega = if self.rho { rho } else { sigma };
        let weights: Vec<_> = self.weight.iter().map(|&c| q.fixed(c)).collect();
        let tail = q.fixed(self.step) * q.second_next(self.u);
        let column = horner(&omega, weights.into_iter(), Some(tail));
        let (x, u, z) = (q.second(self.x), q.second(self.u), q.second(self.z));
        let sum = q.fixed(self.first) * x * u.clone() + q.fixed(self.sum) * q.second_next(self.z);
        vec![
            Constraint::defining("freivalds/column", self.u, u - column),
            Constraint::defining("freivalds/sum", self.z, z - sum),
        ]
    }

    fn copied(&self) -> Vec<Column> {
        vec![Column::Second(self.x), Column::Second(self.z)]
    }

    fn opened_next(&self) -> Vec<usize> {
        vec![self.u, self.z]
    }

    fn unread(&self, row: usize, fixed: Integers<'_>) -> Vec<usize> {
        if fixed.at(self.first, row) == 0 { vec![self.x] } else { vec![] }
    }
}

impl LinearIdentity for Freivalds {
    fn allocate(numbers: &mut Numbers, lanes: usize, rho: bool) -> Self {
        let Numbers { fixed, second, .. } = numbers;
        Freivalds {
            rho,
            weight: fixed.many(lanes),
            step: fixed.one(),
            first: fixed.one(),
            sum: fixed.one(),
            x: second.one(),
            u: second.one(),
            z: second.one(),
        }
    }

    fn divide(Extents { outputs, inputs }: Extents) -> Division {
        Division { units: inputs, length: outputs, join: Join::Sum }
    }

    fn lay(&self, run: &Run<'_>, laid: &mut Laid<'_>) {
        let rows = run.extents.outputs.div_ceil(run.lanes);
        for (at, k) in run.units.clone().enumerate() {
            let top = run.start + at * rows;
            laid.input(self.x, top, k);
            laid.set(self.first, top, 1);
            for n in 0..run.extents.outputs {
                let row = top + n / run.lanes;
                laid.set(self.weight[n % run.lanes], row, run.weights.at(n, k));
            }
            for row in top..top + rows {
                laid.set(self.step, row, i64::from(row + 1 < top + rows));
                // The sum ends with the run.
                let last = at + 1 == run.units.len() && row + 1 == top + rows;
                laid.set(self.sum, row, i64::from(!last));
            }
        }
    }

    fn evaluate(
        &self,
        rows: Range<usize>,
        challenges: &Challenges<Fr>,
        fixed: Integers<'_>,
        cells: &mut impl Cells,
    ) {
        let omega = if self.rho { challenges.rho } else { challenges.sigma };
        let powers = Coefficient::powers(omega, Fr::one(), self.weight.len());
        let beyond = omega.pow([self.weight.len() as u64]);
        for row in rows.rev() {
            let mut column = Combination::default();
            for (power, &weight) in powers.iter().zip(&self.weight) {
                column.add(power, fixed.at(weight, row));
            }
            let tail = match fixed.at(self.step, row) {
                0 => Fr::zero(),
                _ => beyond * cells.get(self.u, row + 1),
            };
            cells.set(self.u, row, column.value() + tail);
            let mut z = match fixed.at(self.sum, row) {
                0 => Fr::zero(),
                _ => cells.get(self.z, row + 1),
            };
            if fixed.at(self.first, row) != 0 {
                z += cells.get(self.x, row) * cells.get(self.u, row);
            }
            cells.set(self.z, row, z);
        }
    }

    fn result(&self) -> usize {
        self.z
    }
}

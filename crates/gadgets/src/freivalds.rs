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
use crate::running_sums::RunningSums;
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
    /// What follows from the combined rows.
    pub sums: RunningSums,
}

impl Gadget for Freivalds {
    fn name(&self) -> &'static str {
        "freivalds"
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::fixed("weights", &self.weight),
            Role::fixed("step, first, sum", &[self.sums.step, self.sums.first, self.sums.sum]),
            Role::second("inputs", &[self.sums.x]),
            Role::second("weights at the challenge", &[self.sums.u]),
            Role::second("sums", &[self.sums.z]),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let Challenges { sigma, rho, .. } = q.challenges();
        let omega = if self.rho { rho } else { sigma };
        let weights: Vec<_> = self.weight.iter().map(|&c| q.fixed(c)).collect();
        let tail = self.sums.tail(q);
        let column = horner(&omega, weights.into_iter(), Some(tail));
        self.sums.constraints(q, ["freivalds/column", "freivalds/sum"], column)
    }

    fn copied(&self) -> Vec<Column> {
        self.sums.copied()
    }

    fn opened_next(&self) -> Vec<usize> {
        self.sums.opened_next()
    }

    fn unread(&self, row: usize, fixed: Integers<'_>) -> Vec<usize> {
        self.sums.unread(row, fixed)
    }
}

impl LinearIdentity for Freivalds {
    fn allocate(numbers: &mut Numbers, lanes: usize, rho: bool) -> Self {
        let Numbers { fixed, second, .. } = numbers;
        Freivalds { rho, weight: fixed.many(lanes), sums: RunningSums::allocate(fixed, second) }
    }

    fn divide(Extents { outputs, inputs }: Extents) -> Division {
        Division { units: inputs, length: outputs, join: Join::Sum }
    }

    fn lay(&self, run: &Run<'_>, laid: &mut Laid<'_>) {
        let tops = self.sums.lay(run, |column, row, value| laid.set(column, row, value));
        for (top, k) in tops {
            laid.input(self.sums.x, top, k);
            for n in 0..run.extents.outputs {
                let row = top + n / run.lanes;
                laid.set(self.weight[n % run.lanes], row, run.weights.at(n, k));
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
        self.sums.evaluate(rows, beyond, fixed, cells, |_, row| {
            let mut column = Combination::default();
            for (power, &weight) in powers.iter().zip(&self.weight) {
                column.add(power, fixed.at(weight, row));
            }
            column.value()
        });
    }

    fn result(&self) -> usize {
        self.sums.z
    }
}

//! Freivalds' linear identity: fixed weights evaluated at a challenge, times the input, summed.
//!
//! # Statement
//! For fixed W and inputs x_k: `z = Σ_k x_k·u_k` with `u_k = Σ_n ω^n·W_nk`, where ω is σ or ρ. Equated with
//! a digest `Σ_n ω^n·y_n` this is Freivalds' check of `y = W·x` (Freivalds 1977) with a random vector of
//! powers: no cell per product.
//!
//! # Constraints
//! * `engine/column` (degree 3): `u = Σ_j ω^j·W_j + step·ω^M·u'`
//! * `engine/sum` (degree 4): `z = first·x·u + sum·z'`
//!
//! # Layout
//! W column by column: ⌈N/M⌉ rows per k, `step` set on all but the last, `first` on the first; x_k is a copy
//! beside `first`; z runs upwards over the rows of one layer, and its total stands on the first.
//!
//! # Soundness
//! x and y are committed before ω (x may also be a digest, a polynomial in the *other* challenge), so the
//! identity is polynomial in the challenges and holds at a random point only if y = W·x, except with
//! probability (degree)/p.
//!
//! # Completeness
//! The columns are determined by W and x.
//!
//! # Cost
//! N·K fixed cells; per row two second-phase cells and one for x.

use crate::columns::{Challenges, Query, horner};
use crate::combination::{Coefficient, Combination};
use crate::layout::{Column, Numbers};
use crate::linear::{Cells, Division, Extents, Join, Laid, LinearIdentity, Run};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::plonk::Expression;
use std::ops::Range;

/// The linear identity of [`crate::Standard`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freivalds;

/// Columns of one engine.
#[derive(Clone, Debug)]
pub struct EngineColumns {
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

impl LinearIdentity for Freivalds {
    type Columns = EngineColumns;

    fn allocate(numbers: &mut Numbers, lanes: usize, rho: bool) -> EngineColumns {
        let Numbers { fixed, second, .. } = numbers;
        EngineColumns {
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

    fn copied(engine: &EngineColumns) -> Vec<Column> {
        vec![Column::Second(engine.x), Column::Second(engine.z)]
    }

    fn constraints(
        q: &mut Query<'_, '_>,
        engine: &EngineColumns,
    ) -> Vec<(&'static str, Expression<Fr>)> {
        let Challenges { sigma, rho, .. } = q.challenges();
        let omega = if engine.rho { rho } else { sigma };
        let weights: Vec<_> = engine.weight.iter().map(|&c| q.fixed(c)).collect();
        let tail = q.fixed(engine.step) * q.second_next(engine.u);
        let column = horner(&omega, weights.into_iter(), Some(tail));
        let (x, u, z) = (q.second(engine.x), q.second(engine.u), q.second(engine.z));
        let sum =
            q.fixed(engine.first) * x * u.clone() + q.fixed(engine.sum) * q.second_next(engine.z);
        vec![("engine/column", u - column), ("engine/sum", z - sum)]
    }

    fn divide(Extents { outputs, inputs }: Extents) -> Division {
        Division { units: inputs, length: outputs, join: Join::Sum }
    }

    fn lay(engine: &EngineColumns, run: &Run<'_>, laid: &mut Laid<'_>) {
        let rows = run.extents.outputs.div_ceil(run.lanes);
        for (at, k) in run.units.clone().enumerate() {
            let top = run.start + at * rows;
            laid.input(engine.x, top, k);
            laid.set(engine.first, top, 1);
            for n in 0..run.extents.outputs {
                let row = top + n / run.lanes;
                laid.set(engine.weight[n % run.lanes], row, run.weights.at(n, k));
            }
            for row in top..top + rows {
                laid.set(engine.step, row, i64::from(row + 1 < top + rows));
                // The sum ends with the run.
                let last = at + 1 == run.units.len() && row + 1 == top + rows;
                laid.set(engine.sum, row, i64::from(!last));
            }
        }
    }

    fn evaluate(
        engine: &EngineColumns,
        rows: Range<usize>,
        challenges: &Challenges<Fr>,
        fixed: &impl Fn(usize, usize) -> i64,
        cells: &mut impl Cells,
    ) {
        let omega = if engine.rho { challenges.rho } else { challenges.sigma };
        let powers = Coefficient::powers(omega, Fr::one(), engine.weight.len());
        let beyond = omega.pow([engine.weight.len() as u64]);
        for row in rows.rev() {
            let mut column = Combination::default();
            for (power, &weight) in powers.iter().zip(&engine.weight) {
                column.add(power, fixed(weight, row));
            }
            let tail = match fixed(engine.step, row) {
                0 => Fr::zero(),
                _ => beyond * cells.get(engine.u, row + 1),
            };
            cells.set(engine.u, row, column.value() + tail);
            let mut z = match fixed(engine.sum, row) {
                0 => Fr::zero(),
                _ => cells.get(engine.z, row + 1),
            };
            if fixed(engine.first, row) != 0 {
                z += cells.get(engine.x, row) * cells.get(engine.u, row);
            }
            cells.set(engine.z, row, z);
        }
    }

    fn result(engine: &EngineColumns) -> usize {
        engine.z
    }

    fn unread(
        engine: &EngineColumns,
        row: usize,
        fixed: &impl Fn(usize, usize) -> i64,
    ) -> Vec<usize> {
        if fixed(engine.first, row) == 0 { vec![engine.x] } else { vec![] }
    }
}

//! Plain dot products: every product W_nk·x_k stands in a lane of its own.
//!
//! # Statement
//! For fixed W and cells x_k: `D = Σ_n ω^n·z_n` with `z_n = Σ_k W_nk·x_k`, where ω is σ or ρ.
//!
//! # Constraints
//! * `dot/product` (degree 3): `z = Σ_j W_j·x_j + step·z'`
//! * `dot/digest` (degree 3): `D = first·z + step·D' + next·ω·D'`
//!
//! # Layout
//! W row by row: ⌈K/M⌉ rows per n, `step` set on all but the last, `first` on the first, `next` on the last
//! where another n follows. Every x beside its weight is a copy of the input.
//!
//! # Soundness
//! z_n is determined by W and x; D is a polynomial in ω of the z_n. Nothing rests on a random point.
//!
//! # Completeness
//! The columns are determined by W and x.
//!
//! # Cost
//! N·K fixed cells and as many second-phase cells, each a copy: what the engine avoids.

use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::Expression;
use provenn_gadgets::layout::Numbers;
use provenn_gadgets::linear::{Cells, Division, Extents, Join, Laid, Run};
use provenn_gadgets::{Challenges, Column, GadgetSet, LinearIdentity, Query, from_signed};
use std::ops::Range;

/// The standard gadgets, but for the linear identity.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WithDotProducts;

impl GadgetSet for WithDotProducts {
    type Linear = DotProduct;
}

/// The gadget.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DotProduct;

/// Its columns.
#[derive(Clone, Debug)]
pub(crate) struct DotProductColumns {
    rho: bool,
    weight: Vec<usize>,
    step: usize,
    first: usize,
    next: usize,
    x: Vec<usize>,
    z: usize,
    digest: usize,
}

impl LinearIdentity for DotProduct {
    type Columns = DotProductColumns;

    fn allocate(numbers: &mut Numbers, lanes: usize, rho: bool) -> DotProductColumns {
        let Numbers { fixed, second, .. } = numbers;
        DotProductColumns {
            rho,
            weight: fixed.many(lanes),
            step: fixed.one(),
            first: fixed.one(),
            next: fixed.one(),
            x: second.many(lanes),
            z: second.one(),
            digest: second.one(),
        }
    }

    fn copied(columns: &DotProductColumns) -> Vec<Column> {
        columns.x.iter().chain([&columns.digest]).map(|&c| Column::Second(c)).collect()
    }

    fn constraints(
        q: &mut Query<'_, '_>,
        columns: &DotProductColumns,
    ) -> Vec<(&'static str, Expression<Fr>)> {
        let Challenges { sigma, rho, .. } = q.challenges();
        let omega = if columns.rho { rho } else { sigma };
        let step = q.fixed(columns.step);
        let mut product = step.clone() * q.second_next(columns.z);
        for (&w, &x) in columns.weight.iter().zip(&columns.x) {
            product = product + q.fixed(w) * q.second(x);
        }
        let (z, rest) = (q.second(columns.z), q.second_next(columns.digest));
        let digest = q.fixed(columns.first) * z.clone()
            + step * rest.clone()
            + q.fixed(columns.next) * omega * rest;
        vec![("dot/product", z - product), ("dot/digest", q.second(columns.digest) - digest)]
    }

    fn divide(Extents { outputs, inputs }: Extents) -> Division {
        Division { units: outputs, length: inputs, join: Join::Powers }
    }

    fn lay(columns: &DotProductColumns, run: &Run<'_>, laid: &mut Laid<'_>) {
        let rows = run.extents.inputs.div_ceil(run.lanes);
        for (at, n) in run.units.clone().enumerate() {
            let top = run.start + at * rows;
            laid.set(columns.first, top, 1);
            for k in 0..run.extents.inputs {
                let (lane, row) = (k % run.lanes, top + k / run.lanes);
                laid.set(columns.weight[lane], row, run.weights.at(n, k));
                laid.input(columns.x[lane], row, k);
            }
            for row in top..top + rows {
                let last = row + 1 == top + rows;
                laid.set(columns.step, row, i64::from(!last));
                laid.set(columns.next, row, i64::from(last && at + 1 < run.units.len()));
            }
        }
    }

    fn evaluate(
        columns: &DotProductColumns,
        rows: Range<usize>,
        challenges: &Challenges<Fr>,
        fixed: &impl Fn(usize, usize) -> i64,
        cells: &mut impl Cells,
    ) {
        let omega = if columns.rho { challenges.rho } else { challenges.sigma };
        for row in rows.rev() {
            let flag = |column| from_signed(fixed(column, row));
            let mut z = flag(columns.step) * cells.get(columns.z, row + 1);
            for (&w, &x) in columns.weight.iter().zip(&columns.x) {
                z += flag(w) * cells.get(x, row);
            }
            cells.set(columns.z, row, z);
            let rest = cells.get(columns.digest, row + 1);
            let digest = flag(columns.first) * cells.get(columns.z, row)
                + (flag(columns.step) + flag(columns.next) * omega) * rest;
            cells.set(columns.digest, row, digest);
        }
    }

    fn result(columns: &DotProductColumns) -> usize {
        columns.digest
    }

    fn unread(
        columns: &DotProductColumns,
        row: usize,
        fixed: &impl Fn(usize, usize) -> i64,
    ) -> Vec<usize> {
        let lanes = columns.weight.iter().zip(&columns.x);
        lanes.filter(|&(&w, _)| fixed(w, row) == 0).map(|(_, &x)| x).collect()
    }
}

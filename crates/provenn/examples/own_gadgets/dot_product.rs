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
//! N·K fixed cells and as many second-phase cells, each a copy: what the bank of weights avoids.

use provenn_gadgets::gadget::Role;
use provenn_gadgets::linear::{Division, Extents, Join, Laid, Run};
use provenn_gadgets::{
    Cells, Challenges, Column, Constraint, Fr, Gadget, Integers, LinearIdentity, Numbers, Query,
    from_signed,
};
use std::ops::Range;

/// One set of columns.
#[derive(Clone, Debug)]
pub(crate) struct DotProduct {
    rho: bool,
    weight: Vec<usize>,
    step: usize,
    first: usize,
    next: usize,
    x: Vec<usize>,
    z: usize,
    digest: usize,
}

impl Gadget for DotProduct {
    fn name(&self) -> &'static str {
        "dot"
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::fixed("weights", &self.weight),
            Role::fixed("step, first, next", &[self.step, self.first, self.next]),
            Role::second("inputs", &self.x),
            Role::second("products", &[self.z]),
            Role::second("digest", &[self.digest]),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let Challenges { sigma, rho, .. } = q.challenges();
        let omega = if self.rho { rho } else { sigma };
        let step = q.fixed(self.step);
        let mut product = step.clone() * q.second_next(self.z);
        for (&w, &x) in self.weight.iter().zip(&self.x) {
            product = product + q.fixed(w) * q.second(x);
        }
        let (z, rest) = (q.second(self.z), q.second_next(self.digest));
        let digest = q.fixed(self.first) * z.clone()
            + step * rest.clone()
            + q.fixed(self.next) * omega * rest;
        let digest = q.second(self.digest) - digest;
        vec![
            Constraint::defining("dot/product", self.z, z - product),
            Constraint::defining("dot/digest", self.digest, digest),
        ]
    }

    fn copied(&self) -> Vec<Column> {
        self.x.iter().chain([&self.digest]).map(|&c| Column::Second(c)).collect()
    }

    fn opened_next(&self) -> Vec<usize> {
        vec![self.z, self.digest]
    }

    fn unread(&self, row: usize, fixed: Integers<'_>) -> Vec<usize> {
        let lanes = self.weight.iter().zip(&self.x);
        lanes.filter(|&(&w, _)| fixed.at(w, row) == 0).map(|(_, &x)| x).collect()
    }
}

impl LinearIdentity for DotProduct {
    fn allocate(numbers: &mut Numbers, lanes: usize, rho: bool) -> Self {
        let Numbers { fixed, second, .. } = numbers;
        DotProduct {
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

    fn divide(Extents { outputs, inputs }: Extents) -> Division {
        Division { units: outputs, length: inputs, join: Join::Powers }
    }

    fn lay(&self, run: &Run<'_>, laid: &mut Laid<'_>) {
        let rows = run.extents.inputs.div_ceil(run.lanes);
        for (at, n) in run.units.clone().enumerate() {
            let top = run.start + at * rows;
            laid.set(self.first, top, 1);
            for k in 0..run.extents.inputs {
                let (lane, row) = (k % run.lanes, top + k / run.lanes);
                laid.set(self.weight[lane], row, run.weights.at(n, k));
                laid.input(self.x[lane], row, k);
            }
            for row in top..top + rows {
                let last = row + 1 == top + rows;
                laid.set(self.step, row, i64::from(!last));
                laid.set(self.next, row, i64::from(last && at + 1 < run.units.len()));
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
        for row in rows.rev() {
            let flag = |column| from_signed(fixed.at(column, row));
            let mut z = flag(self.step) * cells.get(self.z, row + 1);
            for (&w, &x) in self.weight.iter().zip(&self.x) {
                z += flag(w) * cells.get(x, row);
            }
            cells.set(self.z, row, z);
            let rest = cells.get(self.digest, row + 1);
            let digest = flag(self.first) * cells.get(self.z, row)
                + (flag(self.step) + flag(self.next) * omega) * rest;
            cells.set(self.digest, row, digest);
        }
    }

    fn result(&self) -> usize {
        self.digest
    }
}

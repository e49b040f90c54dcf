//! Committed weights times inputs: Freivalds' identity over weights that no column of the circuit holds.
//!
//! # Statement
//! For the *committed* columns W_j, which a commitment of their own holds, and inputs x_k: `z = Σ_k x_k·u_k` with
//! `u_k = Σ_n ω^n·W_nk`, where ω is σ or ρ, as `freivalds` has it for fixed weights.
//!
//! # Constraints
//! * `committed/column` (degree 3): `u = w + step·ω^M·u'`
//! * `committed/sum` (degree 4): `z = first·x·u + sum·z'`
//!
//! Nothing here says what w is. A proof comes with a *link* ([`Link`]): its commitment to w opens to `Σ_j ω^j·W_j` on
//! all rows but those of blinding values.
//!
//! # Layout
//! As that of fixed weights: column by column, ⌈N/M⌉ rows per k.
//!
//! # Soundness
//! W_j and x are committed before ω, so that w, given the link, is a polynomial in ω of committed coefficients; the rest
//! is Freivalds' check. Ranges of weights are not shown here but once, with the commitment.
//!
//! # Completeness
//! The columns are determined by W and x.
//!
//! # Cost
//! Per row three cells of a later phase and one for x; of weights nothing, whatever M is.

use crate::cells::Cells;
use crate::column::{Column, Integers, Numbers, set};
use crate::columns::{Challenges, Query};
use crate::combination::{Coefficient, Combination};
use crate::gadget::{Constraint, Gadget, Role};
use crate::linear::{Division, Extents, Join, Run};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use std::ops::Range;

/// What a bank's combined weights have to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The later column of w.
    pub combined: usize,
    /// Committed columns W_j, in the order of powers of ω.
    pub weights: Range<usize>,
    /// Whether ω is ρ, else σ.
    pub rho: bool,
}

/// What runs of committed weights fill.
#[derive(Debug)]
pub struct LaidWeights<'a> {
    /// The key's columns.
    pub fixed: &'a mut [Vec<i64>],
    /// Weights per committed column.
    pub committed: &'a mut [Vec<i64>],
    /// Bits per committed column.
    pub bits: &'a mut [Vec<u8>],
}

/// One set of columns.
#[derive(Clone, Debug)]
pub struct CommittedWeights {
    /// Whether weights are combined at ρ (else at σ).
    rho: bool,
    /// Committed: weights per lane.
    weights: Range<usize>,
    /// Fixed: the next row continues this weight column.
    step: usize,
    /// Fixed: u is complete here and multiplied by x.
    first: usize,
    /// Fixed: the sum z continues in the next row.
    sum: usize,
    /// Later: the combined weights of the row.
    w: usize,
    /// Later: the input x_k.
    x: usize,
    /// Later: u_k.
    u: usize,
    /// Later: the running sum of x_k·u_k.
    z: usize,
}

impl Gadget for CommittedWeights {
    fn name(&self) -> &'static str {
        "committed"
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::fixed("step, first, sum", &[self.step, self.first, self.sum]),
            Role::second("combined weights", &[self.w]),
            Role::second("inputs", &[self.x]),
            Role::second("weights at the challenge", &[self.u]),
            Role::second("sums", &[self.z]),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let Challenges { sigma, rho, .. } = q.challenges();
        let omega = if self.rho { rho } else { sigma };
        let beyond = (1..self.weights.len()).fold(omega.clone(), |power, _| power * omega.clone());
        let tail = q.fixed(self.step) * q.second_next(self.u);
        let column = q.second(self.w) + beyond * tail;
        let (x, u, z) = (q.second(self.x), q.second(self.u), q.second(self.z));
        let sum = q.fixed(self.first) * x * u.clone() + q.fixed(self.sum) * q.second_next(self.z);
        vec![
            Constraint::defining("committed/column", self.u, u - column),
            Constraint::defining("committed/sum", self.z, z - sum),
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

impl CommittedWeights {
    /// Numbers a set of columns with M lanes, at ρ or at σ.
    pub(crate) fn allocate(numbers: &mut Numbers, lanes: usize, rho: bool) -> Self {
        let Numbers { fixed, second, committed, .. } = numbers;
        let start = committed.given();
        committed.many(lanes);
        CommittedWeights {
            rho,
            weights: start..committed.given(),
            step: fixed.one(),
            first: fixed.one(),
            sum: fixed.one(),
            w: second.one(),
            x: second.one(),
            u: second.one(),
            z: second.one(),
        }
    }

    /// How W is divided.
    #[must_use]
    pub fn divide(Extents { outputs, inputs }: Extents) -> Division {
        Division { units: inputs, length: outputs, join: Join::Sum }
    }

    /// Lays a run of weights of so many bits: flags in the key's columns, weights in the committed ones, bits beside them. The later cells
    /// that have to be copies of inputs: row, k.
    pub fn lay(&self, run: &Run<'_>, bits: u8, laid: &mut LaidWeights<'_>) -> Vec<(usize, usize)> {
        let LaidWeights { fixed, committed, bits: of_cells } = laid;
        let rows = run.extents.outputs.div_ceil(run.lanes);
        let mut inputs = Vec::with_capacity(run.units.len());
        for (at, k) in run.units.clone().enumerate() {
            let top = run.start + at * rows;
            inputs.push((top, k));
            set(fixed, self.first, top, 1);
            for n in 0..run.extents.outputs {
                let column = self.weights.start + n % run.lanes;
                let row = top + n / run.lanes;
                set(committed, column, row, run.weights.at(n, k));
                let of_column = &mut of_cells[column];
                of_column.resize(of_column.len().max(row + 1), 0);
                of_column[row] = bits;
            }
            for row in top..top + rows {
                set(fixed, self.step, row, i64::from(row + 1 < top + rows));
                // The sum ends with the run.
                let last = at + 1 == run.units.len() && row + 1 == top + rows;
                set(fixed, self.sum, row, i64::from(!last));
            }
        }
        inputs
    }

    /// Computes the later columns on the rows of a run, inputs excepted: they are there.
    pub(crate) fn evaluate(
        &self,
        rows: Range<usize>,
        challenges: &Challenges<Fr>,
        [fixed, committed]: [Integers<'_>; 2],
        cells: &mut impl Cells,
    ) {
        let omega = if self.rho { challenges.rho } else { challenges.sigma };
        let powers = Coefficient::powers(omega, Fr::one(), self.weights.len());
        let beyond = omega.pow([self.weights.len() as u64]);
        for row in rows.rev() {
            let mut column = Combination::default();
            for (power, weight) in powers.iter().zip(self.weights.clone()) {
                column.add(power, committed.at(weight, row));
            }
            let w = column.value();
            cells.set(self.w, row, w);
            let tail = match fixed.at(self.step, row) {
                0 => Fr::zero(),
                _ => beyond * cells.get(self.u, row + 1),
            };
            cells.set(self.u, row, w + tail);
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

    /// The later column that holds an input.
    #[must_use]
    pub fn input(&self) -> usize {
        self.x
    }

    /// The later column that holds a run's value on its first row.
    #[must_use]
    pub fn result(&self) -> usize {
        self.z
    }

    /// What w has to be.
    #[must_use]
    pub fn link(&self) -> Link {
        Link { combined: self.w, weights: self.weights.clone(), rho: self.rho }
    }
}

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
use crate::running_sums::RunningSums;
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
    /// Later: the combined weights of the row.
    w: usize,
    /// What follows from the combined rows.
    sums: RunningSums,
}

impl Gadget for CommittedWeights {
    fn name(&self) -> &'static str {
        "committed"
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::fixed("step, first, sum", &[self.sums.step, self.sums.first, self.sums.sum]),
            Role::second("combined weights", &[self.w]),
            Role::second("inputs", &[self.sums.x]),
            Role::second("weights at the challenge", &[self.sums.u]),
            Role::second("sums", &[self.sums.z]),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let Challenges { sigma, rho, .. } = q.challenges();
        let omega = if self.rho { rho } else { sigma };
        let beyond = (1..self.weights.len()).fold(omega.clone(), |power, _| power * omega.clone());
        let tail = self.sums.tail(q);
        let column = q.second(self.w) + beyond * tail;
        self.sums.constraints(q, ["committed/column", "committed/sum"], column)
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

impl CommittedWeights {
    /// Numbers a set of columns with M lanes, at ρ or at σ.
    pub(crate) fn allocate(numbers: &mut Numbers, lanes: usize, rho: bool) -> Self {
        let Numbers { fixed, second, committed, .. } = numbers;
        let start = committed.given();
        committed.many(lanes);
        CommittedWeights {
            rho,
            weights: start..committed.given(),
            w: second.one(),
            sums: RunningSums::allocate(fixed, second),
        }
    }

    /// How W is divided.
    #[must_use]
    pub fn divide(Extents { outputs, inputs }: Extents) -> Division {
        Division { units: inputs, length: outputs, join: Join::Sum }
    }

    /// Lays a run of weights of so many bits: flags in the key's columns, weights in the committed ones, bits beside
    /// them. The later cells that have to be copies of inputs: row, k.
    pub fn lay(&self, run: &Run<'_>, bits: u8, laid: &mut LaidWeights<'_>) -> Vec<(usize, usize)> {
        let LaidWeights { fixed, committed, bits: of_cells } = laid;
        let inputs = self.sums.lay(run, |column, row, value| set(fixed, column, row, value));
        for &(top, k) in &inputs {
            for n in 0..run.extents.outputs {
                let column = self.weights.start + n % run.lanes;
                let row = top + n / run.lanes;
                set(committed, column, row, run.weights.at(n, k));
                let of_column = &mut of_cells[column];
                of_column.resize(of_column.len().max(row + 1), 0);
                of_column[row] = bits;
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
        self.sums.evaluate(rows, beyond, fixed, cells, |cells, row| {
            let mut column = Combination::default();
            for (power, weight) in powers.iter().zip(self.weights.clone()) {
                column.add(power, committed.at(weight, row));
            }
            let w = column.value();
            cells.set(self.w, row, w);
            w
        });
    }

    /// The later column that holds an input.
    #[must_use]
    pub fn input(&self) -> usize {
        self.sums.x
    }

    /// The later column that holds a run's value on its first row.
    #[must_use]
    pub fn result(&self) -> usize {
        self.sums.z
    }

    /// What w has to be.
    #[must_use]
    pub fn link(&self) -> Link {
        Link { combined: self.w, weights: self.weights.clone(), rho: self.rho }
    }
}

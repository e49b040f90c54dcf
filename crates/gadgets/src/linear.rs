//! The seam for linear identities: how fixed weights meet inputs.
//!
//! # Contract
//! For fixed W of `outputs × inputs`, cells x_k and a challenge ω that is drawn after W and every x_k are
//! committed, an implementation yields a cell that equals `Σ_n ω^n·Σ_k W_nk·x_k`. A planner divides W into
//! *units*, lays runs of consecutive units on consecutive rows of any number of column sets, and joins the
//! runs' values as [`Join`] says. An implementation sees its own columns alone.
//!
//! `testing::linear_identity_conforms` checks the contract and the duties of a gadget on any implementation.

use crate::cells::Cells;
use crate::column::{Integers, Numbers, set};
use crate::columns::Challenges;
use crate::gadget::Gadget;
use halo2_proofs::halo2curves::bn256::Fr;
use std::fmt::Debug;
use std::ops::Range;

/// Extents of W.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extents {
    /// N: rows of W.
    pub outputs: usize,
    /// K: columns of W.
    pub inputs: usize,
}

/// How the values of consecutive runs of units make the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// `first + second`
    Sum,
    /// `first + ω^(units of first)·second`
    Powers,
}

/// How W is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Division {
    /// Parts that may stand in different column sets.
    pub units: usize,
    /// Weights per unit; with M lanes a unit takes ⌈length/M⌉ rows.
    pub length: usize,
    /// How runs are joined.
    pub join: Join,
}

/// A run of units on consecutive rows.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// First row; the run's value appears there.
    pub start: usize,
    /// Which units.
    pub units: Range<usize>,
    /// Extents of W.
    pub extents: Extents,
    /// M: weights per row.
    pub lanes: usize,
    /// W_nk by n and k.
    pub weights: Weights<'a>,
}

/// Access to a matrix of weights.
#[derive(Clone, Copy)]
pub struct Weights<'a>(pub &'a dyn Fn(usize, usize) -> i64);

impl Debug for Weights<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Weights")
    }
}

impl Weights<'_> {
    /// W_nk.
    #[must_use]
    pub fn at(&self, n: usize, k: usize) -> i64 {
        (self.0)(n, k)
    }
}

/// What a run puts in the key: fixed values, and copies of inputs.
#[derive(Debug)]
pub struct Laid<'a> {
    fixed: &'a mut [Vec<i64>],
    inputs: Vec<(usize, usize, usize)>,
}

impl<'a> Laid<'a> {
    /// Nothing yet, over the key's fixed columns.
    #[must_use]
    pub fn new(fixed: &'a mut [Vec<i64>]) -> Self {
        Laid { fixed, inputs: vec![] }
    }

    /// Sets a fixed value.
    pub fn set(&mut self, column: usize, row: usize, value: i64) {
        set(self.fixed, column, row, value);
    }

    /// Makes the second-phase cell (column, row) a copy of x_k.
    pub fn input(&mut self, column: usize, row: usize, k: usize) {
        self.inputs.push((column, row, k));
    }

    /// The copies: column, row, k.
    #[must_use]
    pub fn into_inputs(self) -> Vec<(usize, usize, usize)> {
        self.inputs
    }
}

/// A gadget of the family: one set of columns.
pub trait LinearIdentity: Gadget + Clone + 'static {
    /// Numbers a set of columns with M lanes, at ρ or at σ.
    fn allocate(numbers: &mut Numbers, lanes: usize, rho: bool) -> Self;

    /// How W is divided.
    fn divide(extents: Extents) -> Division;

    /// Lays a run.
    fn lay(&self, run: &Run<'_>, laid: &mut Laid<'_>);

    /// Computes the later columns on the rows of a run, inputs excepted: they are there.
    fn evaluate(
        &self,
        rows: Range<usize>,
        challenges: &Challenges<Fr>,
        fixed: Integers<'_>,
        cells: &mut impl Cells,
    );

    /// The later column that holds a run's value on its first row.
    fn result(&self) -> usize;
}

//! Runs a circuit's synthesis and keeps what keys are made of: fixed values and copies.

use crate::setup::SetupError;
use halo2_proofs::circuit::Value;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{
    Advice, Any, Assigned, Assignment, Challenge, Column, ConstraintSystem, Error, Fixed, Instance,
    Selector,
};

/// A cell's successor in its cycle; cells are numbered column·n + row over the permuted columns.
pub(crate) type Moves = Vec<(usize, usize)>;

/// The collected parts.
pub(crate) struct Collector {
    n: usize,
    rows: usize,
    fixed: Vec<Vec<Fr>>,
    permuted: Vec<Column<Any>>,
    copies: Vec<(usize, usize)>,
    misfit: Option<(&'static str, usize, usize)>,
}

impl Collector {
    /// For `n` rows of which `rows` may be used.
    pub(crate) fn new(cs: &ConstraintSystem<Fr>, n: usize, rows: usize) -> Self {
        Collector {
            n,
            rows,
            fixed: vec![vec![Fr::zero(); n]; cs.num_fixed_columns()],
            permuted: cs.permutation().get_columns(),
            copies: vec![],
            misfit: None,
        }
    }

    /// Fixed columns, and the cells that copies move.
    pub(crate) fn finish(self) -> Result<(Vec<Vec<Fr>>, Moves), SetupError> {
        match self.misfit {
            Some((what, limit, found)) => Err(SetupError::Fit { what, limit, found }),
            None => Ok((self.fixed, cycles(&self.copies))),
        }
    }

    fn cell(&mut self, column: Column<Any>, row: usize) -> Option<usize> {
        let position = self.permuted.iter().position(|permuted| *permuted == column);
        if row >= self.rows {
            self.misfit = Some(("rows of copies", self.rows, row + 1));
        }
        if position.is_none() {
            self.misfit = Some(("copies outside permuted columns", 0, 1));
        }
        position.filter(|_| row < self.rows).map(|position| position * self.n + row)
    }
}

/// Joins copied cells into cycles, as halo2 does: the successors of the two cells are swapped,
/// unless they are in one cycle already.
fn cycles(copies: &[(usize, usize)]) -> Moves {
    let mut cells: Vec<usize> = copies.iter().flat_map(|&(a, b)| [a, b]).collect();
    cells.sort_unstable();
    cells.dedup();
    let mut parent: Vec<usize> = (0..cells.len()).collect();
    let mut next = cells.clone();
    for (a, b) in copies {
        let (Ok(a), Ok(b)) = (cells.binary_search(a), cells.binary_search(b)) else { continue };
        let (root_a, root_b) = (root(&mut parent, a), root(&mut parent, b));
        if root_a == root_b {
            continue;
        }
        if let Some(slot) = parent.get_mut(root_a) {
            *slot = root_b;
        }
        next.swap(a, b);
    }
    cells.into_iter().zip(next).filter(|(from, to)| from != to).collect()
}

/// Root of a class, halving the path on the way.
fn root(parent: &mut [usize], mut i: usize) -> usize {
    while let Some(&up) = parent.get(i).filter(|&&up| up != i) {
        let above = parent.get(up).copied().unwrap_or(up);
        if let Some(slot) = parent.get_mut(i) {
            *slot = above;
        }
        i = above;
    }
    i
}

impl Assignment<Fr> for Collector {
    fn assign_fixed(&mut self, column: Column<Fixed>, row: usize, to: Assigned<Fr>) {
        if row >= self.rows {
            self.misfit = Some(("rows of fixed values", self.rows, row + 1));
        } else if let Some(cell) = self.fixed.get_mut(column.index()).and_then(|c| c.get_mut(row)) {
            *cell = to.evaluate();
        } else {
            self.misfit = Some(("fixed columns", self.fixed.len(), column.index() + 1));
        }
    }

    fn copy(&mut self, left: Column<Any>, left_row: usize, right: Column<Any>, right_row: usize) {
        if let (Some(a), Some(b)) = (self.cell(left, left_row), self.cell(right, right_row)) {
            self.copies.push((a, b));
        }
    }

    fn fill_from_row(
        &mut self,
        _: Column<Fixed>,
        _: usize,
        _: Value<Assigned<Fr>>,
    ) -> Result<(), Error> {
        // Only halo2's own tables fill columns; we have none.
        Err(Error::Synthesis)
    }

    fn enable_selector<A, AR>(&mut self, _: A, _: &Selector, _: usize) -> Result<(), Error>
    where
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        // `constraint_system` refuses selectors.
        Err(Error::Synthesis)
    }

    fn query_instance(&self, _: Column<Instance>, _: usize) -> Result<Value<Fr>, Error> {
        Ok(Value::unknown())
    }

    fn assign_advice<'v>(
        &mut self,
        _: Column<Advice>,
        _: usize,
        _: Value<Assigned<Fr>>,
    ) -> Value<&'v Assigned<Fr>> {
        Value::unknown()
    }

    fn get_challenge(&self, _: Challenge) -> Value<Fr> {
        Value::unknown()
    }

    fn enter_region<NR, N>(&mut self, _: N)
    where
        NR: Into<String>,
        N: FnOnce() -> NR,
    {
    }

    fn exit_region(&mut self) {}

    fn annotate_column<A, AR>(&mut self, _: A, _: Column<Any>)
    where
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
    }

    fn push_namespace<NR, N>(&mut self, _: N)
    where
        NR: Into<String>,
        N: FnOnce() -> NR,
    {
    }

    fn pop_namespace(&mut self, _: Option<String>) {}
}

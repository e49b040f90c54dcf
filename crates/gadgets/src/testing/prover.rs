//! What a dishonest prover may do: recount, put any field element anywhere, and compute on from there.

use super::Subject;
use crate::assignment::Step;
use crate::gadget_set::GadgetSet;
use crate::glue;
use crate::layout::{Cell, Column};
use crate::linear::{Cells, LinearIdentity};
use crate::second_phase::{Committed, second_phase};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::Expression;
use std::sync::Arc;

impl<G: GadgetSet> Subject<G> {
    /// Puts any field element in a first-phase cell.
    pub fn set_field(&mut self, column: usize, row: usize, value: Fr) {
        self.field.insert((column, row), value);
    }

    /// Fixes a second-phase cell: [`Subject::finish`] computes everything else around it.
    pub fn pin(&mut self, column: usize, row: usize, value: Fr) {
        self.pinned.insert((column, row), value);
    }

    /// With one first-phase cell changed by `delta` and everything after it recomputed.
    #[must_use]
    pub fn forge_first(&self, column: usize, row: usize, delta: i64) -> Self {
        let mut forged = self.clone();
        forged.set_first(column, row, self.first(column, row).wrapping_add(delta));
        forged.refresh(&[(column, row)]);
        forged
    }

    /// The same, with the lookups counted anew.
    #[must_use]
    pub fn forge_first_recounted(&self, column: usize, row: usize, delta: i64) -> Self {
        let mut forged = self.clone();
        forged.set_first(column, row, self.first(column, row).wrapping_add(delta));
        forged.repair_multiplicities();
        let mut changed = vec![(column, row)];
        for table in &self.key.layout.table {
            let rows = 0..self.key.shape.active_rows();
            let m = table.multiplicity;
            changed.extend(
                rows.map(|r| (m, r)).filter(|&(m, r)| forged.first(m, r) != self.first(m, r)),
            );
        }
        forged.refresh(&changed);
        forged
    }

    /// What [`Subject::finish`] does, for columns that were finished before these cells changed.
    fn refresh(&mut self, changed: &[(usize, usize)]) {
        let key = Arc::clone(&self.key);
        for &(column, row) in changed {
            for (polynomial, defined) in key.readers(column) {
                // Digests chain upwards.
                for row in (0..=row).rev() {
                    if !self.solve(polynomial, defined, row) {
                        break;
                    }
                }
            }
        }
        self.sum_helpers();
        self.run_program();
    }

    /// Counts the lookups of the columns as they are; tuples that are in no table cannot be counted.
    pub fn repair_multiplicities(&mut self) {
        let key = Arc::clone(&self.key);
        let mut counts = vec![vec![0; key.shape.active_rows()]; key.layout.table.len()];
        let bank_of = |column| key.layout.table.iter().position(|t| t.multiplicity == column);
        let widths = key.shape.remainder_limbs();
        let mut count = |columns: &[usize], row: usize, tuple: [i64; 4]| {
            if columns.iter().any(|&c| self.field.contains_key(&(c, row))) {
                return;
            }
            if let Some(&(column, at)) = key.counters.get(&tuple)
                && let Some(bank) = bank_of(column)
            {
                counts[bank][at] += 1;
            }
        };
        for bank in &key.layout.activation {
            for row in 0..key.shape.active_rows() {
                for lane in 0..key.shape.lanes {
                    let mut range = |column: usize, width: u32| {
                        let tuple = [self.first(column, row), 0, 0, i64::from(width)];
                        count(&[column], row, tuple);
                    };
                    for (limb, &width) in bank.remainder.iter().zip(&widths) {
                        range(limb[lane], width);
                    }
                    range(bank.low[lane], key.shape.low_bits);
                    let columns = [bank.high[lane], bank.slope[lane], bank.base[lane]];
                    let [h, slope, base] = columns.map(|column| self.first(column, row));
                    let tag = self.fixed_integer(bank.tag[lane], row);
                    count(&columns, row, [h, slope, base, tag]);
                }
            }
        }
        for (table, counts) in key.layout.table.iter().zip(counts) {
            self.first[table.multiplicity] = counts;
        }
    }

    /// Recomputes the second phase from the first, around pinned cells.
    pub fn finish(&mut self) {
        let key = Arc::clone(&self.key);
        self.second = second_phase(
            &key.shape,
            &key.layout,
            &key.assignment,
            Committed { first: &self.first, dropped: &self.dropped, instance: &self.instance },
            &key.challenges,
        );
        if self.field.is_empty() && self.pinned.is_empty() {
            return;
        }
        if !self.field.is_empty() {
            self.solve_definitions();
        }
        for (&(column, row), &value) in &self.pinned {
            self.second[column][row] = value;
        }
        self.sum_helpers();
        self.run_program();
    }

    /// Pins a second-phase cell to the one value with which all copies hold: whatever that cell can hide, it hides.
    ///
    /// # Panics
    /// If no copy is broken, or the cell does not touch the first that is.
    #[allow(clippy::expect_used)] // a harness reports by panicking
    pub fn absorb(&mut self, column: usize, row: usize) {
        let (a, b) = self.broken_copies().next().expect("a broken copy");
        let value = self.second[column][row];
        let before = self.value(a) - self.value(b);
        self.pin(column, row, value + Fr::one());
        self.finish();
        let change = self.value(a) - self.value(b) - before;
        let inverse = Option::<Fr>::from(change.invert()).expect("a cell that the copy depends on");
        self.pin(column, row, value - before * inverse);
        self.finish();
    }

    fn write(&mut self, column: usize, row: usize, value: Fr) {
        self.second[column][row] = self.pinned.get(&(column, row)).copied().unwrap_or(value);
    }

    /// Solves every constraint for the cell it defines.
    fn solve_definitions(&mut self) {
        let key = Arc::clone(&self.key);
        for constraint in &key.constraints {
            let Some(column) = constraint.defines else { continue };
            for row in (0..key.shape.active_rows()).rev() {
                self.solve(&constraint.polynomial, column, row);
            }
        }
    }

    /// Solves a constraint for a cell in which it is linear; says whether that changed the cell.
    fn solve(&mut self, polynomial: &Expression<Fr>, column: usize, row: usize) -> bool {
        let off = self.evaluate(polynomial, row);
        if off == Fr::zero() {
            return false;
        }
        let value = self.second[column][row];
        self.second[column][row] = value + Fr::one();
        let slope = self.evaluate(polynomial, row) - off;
        let inverse = Option::<Fr>::from(slope.invert()).unwrap_or(Fr::zero());
        self.second[column][row] = value - off * inverse;
        true
    }

    fn sum_helpers(&mut self) {
        let key = Arc::clone(&self.key);
        let Some(sum) = key.layout.running_sum else { return };
        self.write(sum, 0, Fr::zero());
        for row in 0..key.shape.active_rows() {
            let next = key.layout.helper.iter().map(|&h| self.second[h][row]);
            let next = next.fold(self.second[sum][row], |acc, h| acc + h);
            self.write(sum, row + 1, next);
        }
    }

    fn run_program(&mut self) {
        let key = Arc::clone(&self.key);
        let fixed = |column: usize, row: usize| {
            key.assignment.fixed.get(column).and_then(|c| c.get(row)).copied().unwrap_or(0)
        };
        for step in &key.assignment.steps {
            match *step {
                Step::Glue { bank, row, a, b, c } => {
                    let glue = &key.layout.glue[bank];
                    for (&column, cell) in glue.value.iter().zip([a, b, c]) {
                        let value = cell.map_or(Fr::zero(), |cell| self.value(cell));
                        self.write(column, row, value);
                    }
                    let [a, b, c] = [0, 1, 2].map(|i| self.second[glue.value[i]][row]);
                    let z = glue::value(glue, row, [a, b, c], &key.challenges, &fixed);
                    self.write(glue.value[3], row, z);
                }
                Step::Copy { column, row, from } => self.write(column, row, self.value(from)),
                Step::Linear { engine, start, end } => {
                    let columns = &key.layout.engine[engine];
                    let challenges = &key.challenges;
                    G::Linear::evaluate(columns, start..end, challenges, &fixed, self);
                }
            }
        }
    }
}

impl<G: GadgetSet> Cells for Subject<G> {
    fn get(&self, column: usize, row: usize) -> Fr {
        self.value(Cell { column: Column::Second(column), row })
    }
    fn set(&mut self, column: usize, row: usize, value: Fr) {
        self.write(column, row, value);
    }
}

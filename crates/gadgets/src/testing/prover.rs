//! What a dishonest prover may do: recount, put any field element anywhere, and compute on from there.

use super::Subject;
use super::key::{Key, count_at};
use crate::bus::Numerator;
use crate::cells::Cells;
use crate::column::{CellRef, Integers};
use crate::columns::Challenges;
use crate::families::LookupArgument;
use crate::gadget_set::GadgetSet;
use crate::program::run;
use crate::second_phase::{Committed, second_phase};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::Expression;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl<G: GadgetSet> Subject<G> {
    /// The circuit with a copy of [`Subject::copies`] gone, to see what it binds.
    #[must_use]
    pub fn without_copy(&self, at: usize) -> Self {
        self.of_another_key(|key| _ = key.copies.remove(at))
    }

    /// The circuit with one copy more.
    #[must_use]
    pub fn with_copy(&self, a: CellRef, b: CellRef) -> Self {
        self.of_another_key(|key| key.copies.push((a, b)))
    }

    /// The same first phase under other challenges, everything after it computed anew around pinned cells.
    #[must_use]
    pub fn under(&self, challenges: Challenges<Fr>) -> Self {
        let mut subject = self.of_another_key(|key| key.challenges = challenges);
        subject.finish();
        subject
    }

    /// Whether later cells are pinned to values, which are right for these challenges alone.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        !self.pinned.is_empty()
    }

    /// Names of all constraints, copies apart.
    pub fn constraints(&self) -> impl Iterator<Item = &str> {
        self.key.constraints.iter().map(|constraint| constraint.name.as_str())
    }

    /// The circuit with a constraint gone.
    #[must_use]
    pub fn without_constraint(&self, name: &str) -> Self {
        self.of_another_key(|key| key.constraints.retain(|constraint| constraint.name != name))
    }

    /// The circuit with another integer in a fixed column: what a key of a faulty planner would hold.
    #[must_use]
    pub fn with_fixed(&self, column: usize, row: usize, value: i64) -> Self {
        self.of_another_key(|key| {
            let cells = &mut key.assignment.fixed[column];
            cells.resize(cells.len().max(row + 1), 0);
            cells[row] = value;
        })
    }

    pub(super) fn of_another_key(&self, change: impl FnOnce(&mut Key<G>)) -> Self {
        let mut key = Key::clone(&self.key);
        change(&mut key);
        Subject { key: Arc::new(key), ..self.clone() }
    }

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
        for m in self.key.counts() {
            let rows = (0..self.key.params.active_rows()).map(|row| (m, row));
            changed.extend(rows.filter(|&(m, r)| forged.first(m, r) != self.first(m, r)));
        }
        forged.refresh(&changed);
        forged
    }

    /// What [`Subject::finish`] does, for columns that were finished before these cells changed.
    fn refresh(&mut self, changed: &[(usize, usize)]) {
        let key = Arc::clone(&self.key);
        if key.layout.occurrences.is_some() || !key.layout.hash.is_empty() {
            // They follow from indices by no constraint that defines them; rounds by others than elements do.
            return self.finish();
        }
        for &(column, row) in changed {
            for (polynomial, defined) in key.readers(column) {
                // Fingerprints chain upwards.
                for row in (0..=row).rev() {
                    if !self.solve(polynomial, defined, row) {
                        break;
                    }
                }
            }
        }
        self.complete();
    }

    /// Counts the lookups of the columns as they are; tuples that are in no table cannot be counted.
    pub fn repair_multiplicities(&mut self) {
        let key = Arc::clone(&self.key);
        let (rows, fixed) = (key.params.active_rows(), Integers(&key.assignment.fixed));
        let first = |column: usize, row: usize| self.first(column, row);
        // Memories are counted where they stand; tables are where they were.
        let mut counters = Cow::Borrowed(&key.counters);
        let memories = || key.terms.iter().filter(|term| term.first_columns().next().is_some());
        if memories().any(|term| matches!(term.numerator, Numerator::Count(_))) {
            count_at(counters.to_mut(), memories(), rows, fixed, first);
        }
        let mut counts: BTreeMap<usize, Vec<i64>> =
            key.counts().into_iter().map(|column| (column, vec![0; rows])).collect();
        let mut tuple = vec![];
        for term in key.terms.iter().filter(|term| term.numerator == Numerator::One) {
            let forged: BTreeSet<usize> = term.first_columns().collect();
            let forged = |row| forged.iter().any(|&column| self.field.contains_key(&(column, row)));
            for row in (0..rows).filter(|&row| self.field.is_empty() || !forged(row)) {
                term.read(row, fixed, first, &mut tuple);
                if let Some(&(column, at)) = counters.get(&tuple)
                    && let Some(counts) = counts.get_mut(&column)
                {
                    counts[at] += 1;
                }
            }
        }
        for (column, counts) in counts {
            self.first[column] = counts;
        }
    }

    /// Recomputes the second phase from the first, around pinned cells.
    pub fn finish(&mut self) {
        let key = Arc::clone(&self.key);
        self.second = second_phase(
            &key.params,
            &key.layout,
            &key.assignment,
            Committed {
                first: &self.first,
                boundary: &self.boundary,
                instance: &self.public_values(),
            },
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
        // Helpers of the bus follow from what was committed before σ.
        let early = |column: &usize| key.layout.three_phases() && key.layout.phase(*column) == 1;
        let early: Vec<usize> =
            self.pinned.keys().map(|(column, _)| *column).filter(early).collect();
        match early.is_empty() {
            true if !key.layout.hash.is_empty() => {
                // What is hashed follows cell by cell.
                self.solve_definitions();
                self.complete();
            }
            true => self.complete(),
            false => self.follow(&early),
        }
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

    /// Solves every constraint for the cell it defines.
    fn solve_definitions(&mut self) {
        let key = Arc::clone(&self.key);
        for row in (0..key.params.active_rows()).rev() {
            for constraint in &key.constraints {
                if let Some(column) = constraint.defines {
                    self.solve(&constraint.polynomial, column, row);
                }
            }
        }
    }

    /// Computes everything that follows from later columns as they are, these columns kept.
    pub(super) fn follow(&mut self, kept: &[usize]) {
        let key = Arc::clone(&self.key);
        for constraint in &key.constraints {
            let Some(column) = constraint.defines.filter(|column| !kept.contains(column)) else {
                continue;
            };
            for row in (0..key.params.active_rows()).rev() {
                self.solve(&constraint.polynomial, column, row);
            }
        }
        self.complete();
    }

    /// Solves a constraint for a cell in which it is linear; says whether that changed the cell.
    fn solve(&mut self, polynomial: &Expression<Fr>, column: usize, row: usize) -> bool {
        let off = self.evaluate(polynomial, row);
        if off == Fr::zero() || self.pinned.contains_key(&(column, row)) {
            return false;
        }
        let value = self.second[column][row];
        self.second[column][row] = value + Fr::one();
        let slope = self.evaluate(polynomial, row) - off;
        let inverse = Option::<Fr>::from(slope.invert()).unwrap_or(Fr::zero());
        self.second[column][row] = value - off * inverse;
        true
    }

    /// What is computed cell by cell: the lookup argument's sums, then the program.
    fn complete(&mut self) {
        let key = Arc::clone(&self.key);
        if let Some(lookups) = &key.layout.lookups {
            lookups.accumulate(key.params.active_rows(), self);
        }
        let columns = [Integers(&key.assignment.fixed), Integers(&key.assignment.committed)];
        run(&key.layout, &key.assignment.steps, &key.challenges, columns, self);
    }
}

impl<G: GadgetSet> Cells for Subject<G> {
    fn read(&self, cell: CellRef) -> Fr {
        self.value(cell)
    }
    fn set(&mut self, column: usize, row: usize, value: Fr) {
        self.second[column][row] = self.pinned.get(&(column, row)).copied().unwrap_or(value);
    }
}

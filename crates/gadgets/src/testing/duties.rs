//! The duties themselves, and which cells they concern.

use super::{Subject, Violations};
use crate::column::{CellRef, Column, Integers};
use crate::gadget::{Fingerprinted, Gadget};
use crate::gadget_set::GadgetSet;
use halo2_proofs::halo2curves::bn256::Fr;
use rayon::prelude::*;
use std::collections::BTreeSet;

impl<G: GadgetSet> Subject<G> {
    /// The first-phase cells that something reads: those of rows whose fingerprint is copied (and the rows chained
    /// to them), cells that are copied themselves, and every multiplicity. All others are free by design.
    #[must_use]
    pub fn read_cells(&self) -> Vec<(usize, usize)> {
        let copied: BTreeSet<CellRef> = self.copies().iter().flat_map(|&(a, b)| [a, b]).collect();
        let rows = self.params().active_rows();
        let mut cells: BTreeSet<(usize, usize)> = copied
            .iter()
            .filter_map(|cell| match cell.column {
                Column::First(column) => Some((column, cell.row)),
                Column::Fixed(_) | Column::Second(_) | Column::Instance => None,
            })
            .collect();
        for gadget in self.layout().gadgets().filter_map(Gadget::fingerprinted) {
            for row in self.read_rows(&gadget, &copied) {
                cells.extend(gadget.cells.iter().map(|&column| (column, row)));
            }
        }
        for column in self.key.counts() {
            cells.extend((0..rows).map(|row| (column, row)));
        }
        cells.into_iter().collect()
    }

    /// The rows that copied fingerprints take in.
    fn read_rows(&self, gadget: &Fingerprinted, copied: &BTreeSet<CellRef>) -> BTreeSet<usize> {
        let rows = self.params().active_rows();
        let fixed = Integers(&self.key.assignment.fixed);
        let mut read = BTreeSet::new();
        for &column in &gadget.fingerprints {
            for start in (0..rows).filter(|&row| copied.contains(&CellRef::second(column, row))) {
                let goes_on = |row: &usize| gadget.goes_on.iter().any(|&c| fixed.at(c, *row) != 0);
                let chained = (start..rows).take_while(goes_on);
                let last = chained.last().map_or(start, |row| row + 1);
                read.extend(start..=last);
            }
        }
        read
    }

    /// The second-phase cells on active rows that a constraint reads with a factor other than zero.
    #[must_use]
    pub fn determined_cells(&self) -> Vec<(usize, usize)> {
        let (layout, rows) = (self.layout(), self.params().active_rows());
        let fixed = Integers(&self.key.assignment.fixed);
        let mut unread = BTreeSet::new();
        for gadget in layout.gadgets() {
            for row in 0..rows {
                let columns = gadget.unread(row, fixed).into_iter();
                unread.extend(columns.map(|column| (column, row)));
            }
        }
        (0..layout.second)
            .flat_map(|column| (0..rows).map(move |row| (column, row)))
            .filter(|cell| !unread.contains(cell))
            .collect()
    }
}

/// Duty 2: every listed first-phase cell is bound. Each is changed by +1, −1, a power of two and a
/// pseudo-random amount, with everything downstream recomputed and, so that the counts alone are not
/// what catches it, the lookups counted anew.
///
/// # Panics
/// Naming a cell that can be changed unnoticed.
pub fn every_first_cell_is_bound<G: GadgetSet>(subject: &Subject<G>, cells: &[(usize, usize)]) {
    assert!(subject.holds(), "honest columns violate {:?}", subject.violations());
    let counts = subject.key.counts();
    cells.par_iter().for_each(|&(column, row)| {
        for delta in [1, -1, 1 << 20, 0x5851_f42d_4c95] {
            let forged = match counts.contains(&column) {
                true => subject.forge_first(column, row, delta),
                false => subject.forge_first_recounted(column, row, delta),
            };
            assert!(
                !forged.holds(),
                "first-phase column {column} row {row} accepts a change by {delta}"
            );
        }
    });
}

/// Duty 2 for the second phase: every listed cell.
///
/// # Panics
/// Naming a cell that can be changed unnoticed.
pub fn every_second_cell_is_bound<G: GadgetSet>(subject: &Subject<G>, cells: &[(usize, usize)]) {
    cells.par_iter().for_each(|&(column, row)| {
        for delta in [Fr::one(), -Fr::one(), subject.key.challenges.alpha] {
            let forged = subject.forge_second(column, row, delta);
            assert!(
                !forged.holds_near(row),
                "second-phase column {column} row {row} accepts a change"
            );
        }
    });
}

/// Duty 4: the forgery is caught by `constraint` and by nothing else, so removing it would let it pass.
///
/// # Panics
/// If the forgery passes, or if another constraint catches it too.
pub fn only_caught_by<G: GadgetSet>(forged: &Subject<G>, constraint: &str) {
    assert_eq!(forged.violations(), Violations::from([constraint.to_owned()]));
}

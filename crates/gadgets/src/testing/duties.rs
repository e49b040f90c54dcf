//! The duties themselves, and which cells they concern.

use super::{Subject, Violations};
use crate::gadget_set::GadgetSet;
use crate::layout::{Cell, Column};
use crate::linear::LinearIdentity;
use halo2_proofs::halo2curves::bn256::Fr;
use rayon::prelude::*;
use std::collections::BTreeSet;

impl<G: GadgetSet> Subject<G> {
    /// The first-phase cells that something reads: rows whose digest is copied (and the rows chained to
    /// them), cells that are copied themselves, and every multiplicity. All others are free by design.
    #[must_use]
    pub fn read_cells(&self) -> Vec<(usize, usize)> {
        let copied: BTreeSet<Cell> = self.copies().iter().flat_map(|&(a, b)| [a, b]).collect();
        let rows = self.shape().active_rows();
        let read_rows = |digests: &[usize], step: usize, turn: Option<usize>| -> Vec<usize> {
            let mut read = BTreeSet::new();
            for &column in digests {
                for start in 0..rows {
                    if !copied.contains(&Cell { column: Column::Second(column), row: start }) {
                        continue;
                    }
                    let goes_on = |row: usize| {
                        self.fixed_integer(step, row) != 0
                            || turn.is_some_and(|turn| self.fixed_integer(turn, row) != 0)
                    };
                    let chained = (start..rows).take_while(|&row| goes_on(row));
                    let last = chained.last().map_or(start, |row| row + 1);
                    read.extend(start..=last);
                }
            }
            read.into_iter().collect()
        };
        let mut cells: BTreeSet<(usize, usize)> = copied
            .iter()
            .filter_map(|cell| match cell.column {
                Column::First(column) => Some((column, cell.row)),
                _ => None,
            })
            .collect();
        for bank in &self.layout().activation {
            let read = read_rows(&[bank.digest_y, bank.digest_a], bank.step, bank.turn);
            let groups =
                bank.remainder.iter().chain([&bank.low, &bank.high, &bank.slope, &bank.base]);
            for &column in groups.flatten() {
                cells.extend(read.iter().map(|&row| (column, row)));
            }
        }
        for bank in &self.layout().plain {
            let extra = [bank.digest_rho, bank.digest_scaled, bank.digest_product];
            let digests: Vec<_> = [Some(bank.digest)].into_iter().chain(extra).flatten().collect();
            for row in read_rows(&digests, bank.step, bank.turn) {
                cells.extend(bank.cell.iter().map(|&column| (column, row)));
            }
        }
        for table in &self.layout().table {
            cells.extend((0..rows).map(|row| (table.multiplicity, row)));
        }
        cells.into_iter().collect()
    }

    /// The second-phase cells on active rows that a constraint reads with a factor other than zero.
    #[must_use]
    pub fn determined_cells(&self) -> Vec<(usize, usize)> {
        let layout = self.layout();
        let mut unread = BTreeSet::new();
        for row in 0..self.shape().active_rows() {
            for engine in &layout.engine {
                let fixed = |column, row| self.fixed_integer(column, row);
                let columns = G::Linear::unread(engine, row, &fixed);
                unread.extend(columns.into_iter().map(|column| (column, row)));
            }
            for glue in &layout.glue {
                let factor = |i: usize| self.fixed_integer(glue.coefficient[i], row);
                for (operand, factor) in [(0, factor(2)), (1, factor(2)), (2, factor(1))] {
                    if factor == 0 {
                        unread.insert((glue.value[operand], row));
                    }
                }
            }
        }
        (0..layout.second)
            .flat_map(|column| (0..self.shape().active_rows()).map(move |row| (column, row)))
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
    let counts: BTreeSet<usize> = subject.layout().table.iter().map(|t| t.multiplicity).collect();
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

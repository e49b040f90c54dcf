//! Conformance of a lookup argument: it holds for a balanced bus and for no other.

use super::activation::{SHIFTS, honest, subject};
use super::{Subject, every_second_cell_is_bound};
use crate::column::Column;
use crate::families::LookupArgument;
use crate::field::from_signed;
use crate::gadget::Gadget;
use crate::gadget_set::GadgetSet;
use crate::terms::TermsPerHelper;
use halo2_proofs::halo2curves::bn256::Fr;

/// The contract and the duties of a lookup argument, for every number of terms per helper. What a bus relation owes is
/// refused: a tuple that no table has, a key with another row's values, a foreign tag, a tuple counted once more, once
/// less or elsewhere, and a multiplicity that is no count.
///
/// # Panics
/// Naming what does not hold.
pub fn lookup_argument_conforms<G: GadgetSet>() {
    for terms in TermsPerHelper::ALL {
        let balanced = subject::<G>(&honest(SHIFTS[0]), SHIFTS[0], terms);
        assert!(balanced.holds(), "{:?}", balanced.violations());
        let Some(lookups) = &balanced.layout().lookups else {
            assert!(balanced.layout().lookups.is_some(), "a bus without a lookup argument");
            return;
        };
        assert!(lookups.copied().is_empty(), "copies do not reach the lookup argument");
        assert!(lookups.factors() <= balanced.layout().second);
        counts_are_right(&balanced);
        nothing_hides_in_one_column(&balanced);
        tuples_are_rows::<G>(terms);
        every_second_cell_is_bound(&balanced, &balanced.determined_cells());
    }
}

fn counts_are_right<G: GadgetSet>(balanced: &Subject<G>) {
    let column = balanced.layout().table[0].multiplicity;
    let rows = balanced.params().active_rows();
    let refused = |what: &str, mut forged: Subject<G>| {
        forged.finish();
        assert!(!forged.holds(), "{what}");
    };
    for row in 0..rows {
        for delta in [1, -1, balanced.first(column, row) + 1] {
            let mut forged = balanced.clone();
            forged.set_first(column, row, balanced.first(column, row) - delta);
            refused("a multiplicity that is off", forged);
        }
        // As many in all, elsewhere; rows beyond the tables repeat one tuple, so that neighbours there are alike.
        let next = (row + 1) % rows;
        if table_row(balanced, row) != table_row(balanced, next) {
            let mut forged = balanced.clone();
            forged.set_first(column, row, balanced.first(column, row) + 1);
            forged.set_first(column, next, balanced.first(column, next) - 1);
            refused("multiplicities that are moved", forged);
        }
        let mut forged = balanced.clone();
        let half = Option::<Fr>::from(Fr::from(2).invert()).unwrap_or(Fr::zero());
        forged.set_field(column, row, from_signed(balanced.first(column, row)) + half);
        refused("a multiplicity that is no integer", forged);
    }
}

/// Whatever one of its own columns can hide does not hide all: one cell, with everything after it computed on from there,
/// or the whole column, moved by as much on every row.
fn nothing_hides_in_one_column<G: GadgetSet>(balanced: &Subject<G>) {
    let mut forged = balanced.clone();
    let column = balanced.layout().table[0].multiplicity;
    forged.set_first(column, 1, balanced.first(column, 1) + 1);
    forged.finish();
    let rows = balanced.params().active_rows();
    let broken =
        (0..=rows).rev().flat_map(|row| (0..forged.key.constraints.len()).map(move |c| (c, row)));
    let off = |s: &Subject<G>, (c, row): (usize, usize)| {
        s.evaluate(&s.key.constraints[c].polynomial, row)
    };
    let broken = broken.into_iter().find(|&at| off(&forged, at) != Fr::zero());
    let (Some(broken), Some(lookups)) = (broken, &forged.layout().lookups) else {
        assert!(!forged.holds(), "an unbalanced bus");
        return;
    };
    let own = lookups.roles().into_iter().flat_map(|role| role.columns);
    for own in own {
        let Column::Second(own) = own else { continue };
        let moved = |by: Fr| {
            let mut moved = forged.clone();
            moved.second[own].iter_mut().for_each(|value| *value += by);
            moved
        };
        let before = off(&forged, broken);
        let slope = off(&moved(Fr::one()), broken) - before;
        if let Some(inverse) = Option::<Fr>::from(slope.invert()) {
            let hidden = moved(-before * inverse);
            assert!(!hidden.holds(), "column {own}, moved, hides an unbalanced bus");
        }
        for row in 0..=rows {
            let with = |value: Fr| {
                let mut pinned = forged.clone();
                pinned.pin(own, row, value);
                pinned.finish();
                pinned
            };
            let value = forged.second(own, row);
            let slope = off(&with(value + Fr::one()), broken) - before;
            if let Some(inverse) = Option::<Fr>::from(slope.invert()) {
                let hidden = with(value - before * inverse);
                assert!(!hidden.holds(), "column {own} row {row} hides an unbalanced bus");
            }
        }
    }
}

fn table_row<G: GadgetSet>(subject: &Subject<G>, row: usize) -> [i64; 4] {
    subject.layout().table[0].tuple.map(|column| subject.fixed_integer(column, row))
}

/// Cells that stand for the same accumulator and output as honest ones but are in no table, counted as well as can be.
fn tuples_are_rows<G: GadgetSet>(terms: TermsPerHelper) {
    type Change = fn(&mut crate::families::Decomposition);
    let changes: [(&str, Change); 7] = [
        ("a key beyond its table", |of| of.high = 3),
        ("a key below its table", |of| of.high = -1),
        ("another row's slope", |of| of.slope = 3),
        ("another row's base", |of| of.base = 5),
        ("another table's row", |of| (of.high, of.slope, of.base) = (0, 2, 1)),
        ("a low limb out of its range", |of| of.low += 2),
        ("the zero row", |of| (of.high, of.slope, of.base) = (0, 0, 0)),
    ];
    for (what, change) in changes {
        let mut positions = honest(SHIFTS[0]);
        change(&mut positions[2].of);
        assert!(!subject::<G>(&positions, SHIFTS[0], terms).holds(), "{what}");
    }
}

//! Conformance of a range bank: values in range and no others, and the duties of its columns.

use super::{Subject, every_first_cell_is_bound, every_second_cell_is_bound};
use crate::assignment::Assignment;
use crate::circuit::ProvennCircuit;
use crate::column::{CellRef, Column, set};
use crate::families::{Fingerprint, Lane, Range, Reading};
use crate::field::from_signed;
use crate::gadget::Gadget;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::params::{CircuitParams, RangeBanks};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use std::sync::Arc;

const BANKS: RangeBanks = RangeBanks { banks: 1, lanes: 3, width: 2 };
const LIMBS: usize = 2;
/// Of the plain cells that say what the values are: another number than the bank's.
const LANES: usize = 2;
const BEYOND: i64 = 16;
const VALUES: [i64; 5] = [0, BEYOND - 1, 6, 9, 4];
/// The one that tests change.
const CHANGED: usize = 2;
/// Rows of the range bank.
const ROWS: usize = VALUES.len().div_ceil(BANKS.lanes) * LIMBS;

/// Values whose fingerprint is that of plain cells which say the same.
fn subject<G: GadgetSet>(values: &[i64]) -> Subject<G> {
    let params = CircuitParams {
        k: 5,
        lanes: LANES,
        ranges: Some(BANKS),
        plain_banks: 1,
        weight_lanes: 1,
        table_banks: 1,
        ..CircuitParams::default()
    };
    let layout = Layout::<G>::number(&params);
    let (mut fixed, mut first) = (vec![vec![]; layout.fixed], vec![vec![]; layout.first]);
    let limbs = (0..1 << BANKS.width).map(|limb| [limb, 0, 0, i64::from(BANKS.width)]);
    for (row, tuple) in std::iter::once([0; 4]).chain(limbs).enumerate() {
        for (&column, value) in layout.table[0].tuple.iter().zip(tuple) {
            set(&mut fixed, column, row, value);
        }
    }
    let (bank, plain) = (&layout.range[0], &layout.plain[0]);
    for (i, &value) in values.iter().enumerate() {
        let at = Lane { lane: i % BANKS.lanes, row: i / BANKS.lanes * LIMBS };
        bank.fill(at, LIMBS, value, &mut first);
        set(&mut first, plain.cells()[i % LANES], i / LANES, value);
    }
    for row in 1..values.len().div_ceil(LANES) {
        set(&mut fixed, plain.chain().step, row - 1, 1);
    }
    for start in (0..ROWS).step_by(LIMBS) {
        bank.lay(start..start + LIMBS, start + LIMBS < ROWS, &mut fixed);
    }
    let claimed = plain.fingerprint(Reading::Sigma).map(|column| CellRef::second(column, 0));
    let copies = claimed.map(|claimed| (CellRef::second(bank.fingerprint(), 0), claimed));
    let assignment =
        Assignment { fixed, copies: copies.into_iter().collect(), ..Assignment::default() };
    let circuit = ProvennCircuit::<G>::with_gadgets(params, Arc::new(assignment));
    settled(Subject::new(&circuit.with_witness(first, vec![]), &[]))
}

fn settled<G: GadgetSet>(mut subject: Subject<G>) -> Subject<G> {
    subject.repair_multiplicities();
    subject.finish();
    subject
}

/// The contract and the duties of a range bank: values in range hold and no others, whatever its cells hold; the fingerprint
/// is the polynomial of the values; every cell is bound.
///
/// # Panics
/// Naming what does not hold.
pub fn range_conforms<G: GadgetSet>() {
    let subject = subject::<G>(&VALUES);
    assert!(subject.holds(), "{:?}", subject.violations());
    let column = subject.layout().range[0].fingerprint();
    assert!(subject.layout().equality_columns().contains(&Column::Second(column)));
    let sigma = subject.challenges().sigma;
    for start in (0..ROWS).step_by(LIMBS) {
        let values = VALUES[start / LIMBS * BANKS.lanes..].iter().rev();
        let expected = values.fold(Fr::zero(), |sum, &value| sum * sigma + from_signed(value));
        assert_eq!(subject.second(column, start), expected, "fingerprint at row {start}");
    }
    for value in -BEYOND..2 * BEYOND {
        let mut values = VALUES;
        values[CHANGED] = value;
        let expected = (0..BEYOND).contains(&value);
        assert_eq!(self::subject::<G>(&values).holds(), expected, "{value}");
    }
    cells_that_hold_say_values_in_range(&subject);
    every_first_cell_is_bound(&subject, &subject.read_cells());
    every_second_cell_is_bound(&subject, &subject.determined_cells());
}

/// Whatever a cell is changed to: if the claim that follows from it holds, it is of a value in range.
fn cells_that_hold_say_values_in_range<G: GadgetSet>(subject: &Subject<G>) {
    let layout = subject.layout();
    let bank = &layout.range[0];
    let moved = |(cell, row): (usize, usize), delta: i64| {
        let mut moved = subject.clone();
        moved.set_first(cell, row, moved.first(cell, row) + delta);
        settled(moved)
    };
    let place = subject.challenges().sigma.pow([CHANGED as u64]);
    // What a cell weighs in the changed position: nothing, if it is another position's.
    let weight = |cell: (usize, usize)| {
        let column = bank.fingerprint();
        let difference = moved(cell, 1).second(column, 0) - subject.second(column, 0);
        (1..BEYOND).find(|weight| from_signed(*weight) * place == difference)
    };
    let cells = bank.fingerprinted().map_or(vec![], |of| of.cells);
    let cells = cells.into_iter().flat_map(|column| (0..ROWS).map(move |row| (column, row)));
    let own: Vec<_> = cells.filter_map(|cell| Some((cell, weight(cell)?))).collect();
    assert!(!own.is_empty(), "a range without cells");
    for (cell, weight) in own {
        for delta in -BEYOND..=BEYOND {
            let claim = VALUES[CHANGED] + weight * delta;
            let mut claimed = moved(cell, delta);
            let plain = layout.plain[0].cells()[CHANGED % LANES];
            claimed.set_first(plain, CHANGED / LANES, claim);
            let in_range = (0..BEYOND).contains(&claim);
            assert!(in_range || !settled(claimed).holds(), "cell {cell:?} moved by {delta}");
        }
    }
}

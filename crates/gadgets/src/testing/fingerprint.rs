//! Conformance of plain banks: fingerprints are the polynomials that they are said to be, and bind what they read.

use super::{Subject, every_first_cell_is_bound, every_second_cell_is_bound};
use crate::assignment::Assignment;
use crate::circuit::ProvennCircuit;
use crate::column::{CellRef, Column, set};
use crate::families::{Fingerprint, Reading};
use crate::field::from_signed;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::params::CircuitParams;
use halo2_proofs::halo2curves::bn256::Fr;
use std::sync::Arc;

const READINGS: [Reading; 4] = [Reading::Sigma, Reading::Rho, Reading::Scaled, Reading::Product];
const LANES: usize = 2;
const ROWS: usize = 3;
const CELLS: [[i64; LANES * ROWS]; 2] = [[3, -5, 0, 7, 11, -1], [-2, 4, 9, 1, 0, 6]];
const SCALE: [i64; LANES * ROWS] = [1, -1, 6, 2, 0, -4];

/// Two banks, and the same cells again in two more; this reading of both must be equal, row by row to the end.
fn subject<G: GadgetSet>(reading: Reading, turns: bool) -> Subject<G> {
    let params = CircuitParams {
        k: 5,
        lanes: LANES,
        plain_banks: 4,
        rho_fingerprints: true,
        scaled_fingerprints: true,
        product_fingerprints: true,
        weight_lanes: 1,
        boundary_banks: usize::from(turns),
        ..CircuitParams::default()
    };
    let layout = Layout::<G>::number(&params);
    let (mut fixed, mut first) = (vec![vec![]; layout.fixed], vec![vec![]; layout.first]);
    for (bank, cells) in layout.plain.iter().zip(CELLS.iter().cycle()) {
        for (i, (&cell, &scale)) in cells.iter().zip(&SCALE).enumerate() {
            let (lane, row) = (i % LANES, i / LANES);
            set(&mut first, bank.cells()[lane], row, cell);
            set(&mut fixed, bank.coefficients()[lane], row, scale);
        }
        let chain = bank.chain();
        set(&mut fixed, chain.step, 0, 1);
        set(&mut fixed, chain.turn.filter(|_| turns).unwrap_or(chain.step), 1, 1);
    }
    let cell = |bank: usize| {
        layout.plain[bank].fingerprint(reading).map(|column| CellRef::second(column, 0))
    };
    let pairs = [(0, 2), (1, 3)].into_iter();
    let copies = pairs.filter_map(|(a, b)| Some((cell(a)?, cell(b)?))).collect();
    let assignment = Assignment { fixed, copies, ..Assignment::default() };
    let circuit = ProvennCircuit::<G>::with_gadgets(params, Arc::new(assignment));
    Subject::new(&circuit.with_witness(first, vec![]), &[])
}

/// The contract and the duties of plain banks, with two phases and with three.
///
/// # Panics
/// Naming what does not hold.
pub fn fingerprint_conforms<G: GadgetSet>() {
    for turns in [false, true] {
        for reading in READINGS {
            let subject = subject::<G>(reading, turns);
            assert!(subject.holds(), "{reading:?}: {:?}", subject.violations());
            let copied = subject.layout().equality_columns();
            for bank in &subject.layout().plain {
                let cells = bank.cells().iter().map(|&column| Column::First(column));
                let read = bank.fingerprint(reading).map(Column::Second);
                assert!(cells.chain(read).all(|column| copied.contains(&column)), "{reading:?}");
            }
            for bank in 0..2 {
                is_polynomial(&subject, bank, reading, turns);
            }
            // What is weighted with zero is not read.
            if matches!(reading, Reading::Sigma | Reading::Rho) {
                every_first_cell_is_bound(&subject, &subject.read_cells());
            }
        }
        let subject = subject::<G>(Reading::Sigma, turns);
        every_second_cell_is_bound(&subject, &subject.determined_cells());
    }
    let bare = CircuitParams {
        k: 5,
        lanes: 1,
        plain_banks: 1,
        weight_lanes: 1,
        ..CircuitParams::default()
    };
    let bank = &Layout::<G>::number(&bare).plain[0];
    let has = |reading| bank.fingerprint(reading).is_some();
    assert_eq!(READINGS.map(has), [true, false, false, false], "readings that the shape has not");
    assert!(bank.coefficients().is_empty());
}

fn is_polynomial<G: GadgetSet>(s: &Subject<G>, bank: usize, reading: Reading, turns: bool) {
    let column = s.layout().plain[bank].fingerprint(reading);
    let Some(column) = column else {
        assert_eq!((reading, bank), (Reading::Product, 1), "a reading that the shape has");
        return;
    };
    let (challenges, cells, partner) = (s.challenges(), CELLS[bank], CELLS[(bank + 1) % 2]);
    let point = if reading == Reading::Rho { challenges.rho } else { challenges.sigma };
    let term = |i: usize| match reading {
        Reading::Sigma | Reading::Rho => from_signed(cells[i]),
        Reading::Scaled => from_signed(cells[i] * SCALE[i]),
        Reading::Product => from_signed(cells[i] * partner[i]),
    };
    let mut below = Fr::zero();
    for row in (0..ROWS).rev() {
        let beyond = (0..LANES).fold(Fr::one(), |power, _| power * point);
        let next = if turns && row == 1 { challenges.tau } else { beyond };
        let lanes = (0..LANES).rev().map(|lane| term(row * LANES + lane));
        below = lanes.fold(Fr::zero(), |sum, term| sum * point + term) + next * below;
        assert_eq!(s.second(column, row), below, "{reading:?} of bank {bank} at row {row}");
    }
}

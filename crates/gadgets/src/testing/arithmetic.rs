//! Conformance of arithmetic: z is what its coefficients say, and bound.

use super::{Subject, every_second_cell_is_bound};
use crate::assignment::{Assignment, Step};
use crate::circuit::ProvennCircuit;
use crate::column::{CellRef, Column, set};
use crate::families::{Arithmetic, Fingerprint};
use crate::field::from_signed;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::params::CircuitParams;
use std::sync::Arc;

/// c0, c1, c2, s, r, t.
const ROWS: [[i64; 6]; 7] = [
    [2, 3, -1, 5, 7, -9],
    [0, 1, 0, 0, 0, 0],
    [0, 0, 1, 0, 0, 0],
    [4, 0, 0, 0, 0, 0],
    [0, 0, 0, 1, 0, 0],
    [0, 0, 0, 0, -1, 0],
    [0, 0, 0, 0, 0, 1],
];
/// a, b, c.
const OPERANDS: [i64; 3] = [6, -7, 11];

fn subject<G: GadgetSet>(three_phases: bool) -> Subject<G> {
    let params = CircuitParams {
        k: 5,
        lanes: OPERANDS.len(),
        plain_banks: 1,
        weight_lanes: 1,
        arithmetic_banks: 2,
        boundary_banks: usize::from(three_phases),
        ..CircuitParams::default()
    };
    let layout = Layout::<G>::number(&params);
    let (mut fixed, mut first) = (vec![vec![]; layout.fixed], vec![vec![]; layout.first]);
    let cells = layout.plain[0].cells();
    for (&column, value) in cells.iter().zip(OPERANDS) {
        set(&mut first, column, 0, value);
    }
    let operand = |at: usize, used: bool| {
        used.then_some(CellRef { column: Column::First(cells[at]), row: 0 })
    };
    let mut steps = vec![];
    for (bank, gadget) in layout.arithmetic.iter().enumerate() {
        let columns = gadget.coefficients();
        assert_eq!(columns.len(), if three_phases { 6 } else { 5 }, "columns of coefficients");
        for (row, coefficients) in ROWS.iter().enumerate() {
            for (&column, &value) in columns.iter().zip(coefficients) {
                set(&mut fixed, column, row, value);
            }
            let [_, c1, c2, ..] = *coefficients;
            let [a, b, c] = [(0, c2), (1, c2), (2, c1)].map(|(at, c)| operand(at, c != 0));
            steps.push(Step::Arithmetic { bank, row, a, b, c });
        }
    }
    let assignment = Assignment { fixed, steps, ..Assignment::default() };
    let circuit = ProvennCircuit::<G>::with_gadgets(params, Arc::new(assignment));
    Subject::new(&circuit.with_witness(first, vec![]), &[])
}

/// The contract and the duties of arithmetic, with two phases and with three.
///
/// # Panics
/// Naming what does not hold.
pub fn arithmetic_conforms<G: GadgetSet>() {
    for three_phases in [false, true] {
        let subject = subject::<G>(three_phases);
        assert!(subject.holds(), "{:?}", subject.violations());
        let challenges = subject.challenges();
        let [a, b, c] = OPERANDS;
        for gadget in &subject.layout().arithmetic {
            let copied = subject.layout().equality_columns();
            let mut columns = gadget.operands().into_iter().chain([gadget.result()]);
            assert!(columns.all(|column| copied.contains(&Column::Second(column))));
            for (row, &[c0, c1, c2, s, r, t]) in ROWS.iter().enumerate() {
                let t = if three_phases { t } else { 0 };
                let points = from_signed(s) * challenges.sigma
                    + from_signed(r) * challenges.rho
                    + from_signed(t) * challenges.tau;
                let expected = from_signed(c0 + c1 * c + c2 * a * b) + points;
                assert_eq!(subject.second(gadget.result(), row), expected, "row {row}");
            }
        }
        every_second_cell_is_bound(&subject, &subject.determined_cells());
    }
}

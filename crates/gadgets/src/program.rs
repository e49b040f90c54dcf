//! The program of the later phases: arithmetic, copies and linear identities, in order.

use crate::assignment::Step;
use crate::cells::Cells;
use crate::column::{CellRef, Column, Integers};
use crate::columns::Challenges;
use crate::families::Arithmetic;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::linear::LinearIdentity;
use halo2_proofs::halo2curves::bn256::Fr;

/// Executes the program.
pub(crate) fn run<G: GadgetSet>(
    layout: &Layout<G>,
    steps: &[Step],
    challenges: &Challenges<Fr>,
    [fixed, committed]: [Integers<'_>; 2],
    cells: &mut impl Cells,
) {
    for step in steps {
        match *step {
            Step::Arithmetic { bank, row, a, b, c } => {
                let bank = &layout.arithmetic[bank];
                for (column, cell) in bank.operands().into_iter().zip([a, b, c]) {
                    let value = cell.map_or(Fr::zero(), |cell| cells.read(cell));
                    cells.set(column, row, value);
                }
                bank.evaluate(row, challenges, fixed, cells);
            }
            Step::Copy { column, row, from } => {
                let value = cells.read(from);
                cells.set(column, row, value);
            }
            Step::Committed { bank, start, end } => {
                let key = [fixed, committed];
                layout.committed[bank].evaluate(start..end, challenges, key, cells);
            }
            Step::Linear { bank, start, end } => {
                layout.linear[bank].evaluate(start..end, challenges, fixed, cells);
            }
        }
    }
}

/// The copies that the program's operands imply.
pub(crate) fn implied_copies<G: GadgetSet>(
    layout: &Layout<G>,
    steps: &[Step],
) -> Vec<(CellRef, CellRef)> {
    let mut copies = vec![];
    for step in steps {
        match *step {
            Step::Arithmetic { bank, row, a, b, c } => {
                for (column, cell) in layout.arithmetic[bank].operands().into_iter().zip([a, b, c])
                {
                    if let Some(cell) = cell {
                        copies.push((CellRef { column: Column::Second(column), row }, cell));
                    }
                }
            }
            Step::Copy { column, row, from } => {
                copies.push((CellRef { column: Column::Second(column), row }, from));
            }
            Step::Committed { .. } | Step::Linear { .. } => {}
        }
    }
    copies
}

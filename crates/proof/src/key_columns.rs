//! What keys are made of: fixed columns, and the cells that copies move.

use provenn_gadgets::{CellRef, Column, FixedColumn, GadgetSet, Layout, ProvennCircuit};
use provenn_prover::Values;
use std::collections::HashMap;
use thiserror::Error;

/// A circuit with cells outside its own parameters.
#[derive(Debug, Error)]
#[error(
    "the circuit does not fit its parameters: {what} {got}, {limit} at most; this is a bug, report it"
)]
pub struct FitError {
    /// What there is too much of.
    pub what: &'static str,
    /// How much fits.
    pub limit: usize,
    /// How much there is.
    pub got: usize,
}

/// Fixed columns; shorter ones are zero from their end on.
pub(crate) type Columns<'a> = Vec<Values<'a>>;
/// A cell's successor in its cycle; cells are numbered column·n + row over the permuted columns.
pub(crate) type Moves = Vec<(usize, usize)>;

/// Fixed columns, and the permutation, of a circuit with so many usable rows.
pub(crate) fn key_columns<G: GadgetSet>(
    circuit: &ProvennCircuit<G>,
    usable: usize,
) -> Result<(Columns<'_>, Moves), FitError> {
    let layout = Layout::number(circuit.params());
    let fit = |what, limit, got| {
        if got > limit { Err(FitError { what, limit, got }) } else { Ok(()) }
    };
    fit("fixed columns", layout.fixed, circuit.assignment().fixed.len())?;
    let values = |column| match column {
        FixedColumn::Integers(integers) => Values::Integers(integers),
        FixedColumn::Field(values) => Values::Field(values),
    };
    let fixed: Columns<'_> = circuit.fixed_columns(&layout).into_iter().map(values).collect();
    fit("rows of fixed values", usable, fixed.iter().map(Values::len).max().unwrap_or(0))?;

    let n = 1_usize << circuit.params().k;
    let permuted: HashMap<_, _> =
        layout.equality_columns().into_iter().enumerate().map(|(i, column)| (column, i)).collect();
    let number = |cell: CellRef| -> Result<usize, FitError> {
        let (column, row) = match cell.column {
            Column::Instance => {
                let (column, row) = circuit.params().instance_place(cell.row);
                fit("instance columns", layout.instance, column + 1)?;
                (Some(column), row)
            }
            column => (permuted.get(&column).copied(), cell.row),
        };
        fit("rows of copies", usable, row + 1)?;
        let misplaced = FitError { what: "copies outside permuted columns", limit: 0, got: 1 };
        Ok(column.ok_or(misplaced)? * n + row)
    };
    let copies = circuit.all_copies(&layout).into_iter();
    let copies = copies.map(|(left, right)| Ok((number(left)?, number(right)?)));
    let copies = copies.collect::<Result<Vec<_>, FitError>>()?;
    Ok((fixed, cycles(&copies)))
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

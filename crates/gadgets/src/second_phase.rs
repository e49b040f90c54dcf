//! The later phases: every column that depends on challenges.

use crate::assignment::{Assignment, Dropped, FirstPhase, Step};
use crate::columns::Challenges;
use crate::field::from_signed;
use crate::gadget_set::GadgetSet;
use crate::layout::{Cell, Column, Layout};
use crate::linear::LinearIdentity;
use crate::shape::Shape;
use crate::{activation, border, glue, logup, plain};
use halo2_proofs::halo2curves::bn256::Fr;

fn get(columns: &[Vec<i64>], column: usize, row: usize) -> i64 {
    columns.get(column).and_then(|c| c.get(row)).copied().unwrap_or(0)
}

/// What the later columns follow from, beside the key and the challenges.
#[derive(Clone, Copy, Debug)]
pub struct Committed<'a> {
    /// First-phase integers.
    pub first: &'a FirstPhase,
    /// Coefficients that convolutions drop.
    pub dropped: &'a [Dropped],
    /// Public values.
    pub instance: &'a [i64],
}

/// Computes the later columns, each of `active_rows + 1` values.
#[must_use]
pub fn second_phase<G: GadgetSet>(
    shape: &Shape,
    layout: &Layout<G>,
    assignment: &Assignment,
    committed: Committed<'_>,
    challenges: &Challenges<Fr>,
) -> Vec<Vec<Fr>> {
    let Committed { first, dropped, instance } = committed;
    let rows = shape.active_rows() + 1;
    let mut columns = vec![vec![Fr::zero(); rows]; layout.second];
    let fixed = |column, row| get(&assignment.fixed, column, row);
    let value = |column, row| get(first, column, row);

    for bank in &layout.activation {
        let (y, a) = activation::digests(bank, shape, challenges, &fixed, &value);
        columns[bank.digest_y] = y;
        columns[bank.digest_a] = a;
    }
    for (i, bank) in layout.plain.iter().enumerate() {
        for (column, values) in
            plain::digests(bank, layout.plain.get(i + 1), shape, challenges, &fixed, &value)
        {
            columns[column] = values;
        }
    }
    for (column, values) in logup::columns(layout, shape, challenges, &fixed, &value) {
        columns[column] = values;
    }
    for (column, values) in border::values(layout, shape, dropped, challenges.rho) {
        columns[column] = values;
    }
    for bank in &layout.border {
        columns[bank.digest] = border::digest(bank, &columns[bank.value], challenges.sigma, &fixed);
    }
    run(layout, assignment, first, instance, challenges, &mut columns);
    columns
}

/// What the next row's digest weighs in this row's: the power beyond its lanes where `step` is set, τ where
/// `turn` is.
pub(crate) fn weight_of_next(
    row: usize,
    step: usize,
    turn: Option<usize>,
    [beyond, tau]: [Fr; 2],
    fixed: &impl Fn(usize, usize) -> i64,
) -> Fr {
    let steps = fixed(step, row) != 0;
    let turns = turn.is_some_and(|turn| fixed(turn, row) != 0);
    match (steps, turns) {
        (false, false) => Fr::zero(),
        (true, false) => beyond,
        (false, true) => tau,
        (true, true) => beyond + tau,
    }
}

/// Executes the program over glue and engines.
fn run<G: GadgetSet>(
    layout: &Layout<G>,
    assignment: &Assignment,
    first: &FirstPhase,
    instance: &[i64],
    challenges: &Challenges<Fr>,
    columns: &mut Vec<Vec<Fr>>,
) {
    let fixed = |column, row| get(&assignment.fixed, column, row);
    let read = |columns: &[Vec<Fr>], cell: Cell| match cell.column {
        Column::Fixed(c) => from_signed(fixed(c, cell.row)),
        Column::First(c) => from_signed(get(first, c, cell.row)),
        Column::Second(c) => columns[c][cell.row],
        Column::Instance => from_signed(instance.get(cell.row).copied().unwrap_or(0)),
    };
    for step in &assignment.steps {
        match *step {
            Step::Glue { bank, row, a, b, c } => {
                let glue = &layout.glue[bank];
                let [a, b, c] =
                    [a, b, c].map(|cell| cell.map_or(Fr::zero(), |cell| read(columns, cell)));
                let z = glue::value(glue, row, [a, b, c], challenges, &fixed);
                for (column, v) in glue.value.into_iter().zip([a, b, c, z]) {
                    columns[column][row] = v;
                }
            }
            Step::Copy { column, row, from } => columns[column][row] = read(columns, from),
            Step::Linear { engine, start, end } => {
                G::Linear::evaluate(
                    &layout.engine[engine],
                    start..end,
                    challenges,
                    &fixed,
                    columns,
                );
            }
        }
    }
}

/// The copies that the program's operands imply.
pub(crate) fn implied_copies<G: GadgetSet>(
    layout: &Layout<G>,
    steps: &[Step],
) -> Vec<(Cell, Cell)> {
    let mut copies = vec![];
    for step in steps {
        match *step {
            Step::Glue { bank, row, a, b, c } => {
                for (column, cell) in layout.glue[bank].value.into_iter().zip([a, b, c]) {
                    if let Some(cell) = cell {
                        copies.push((Cell { column: Column::Second(column), row }, cell));
                    }
                }
            }
            Step::Copy { column, row, from } => {
                copies.push((Cell { column: Column::Second(column), row }, from));
            }
            Step::Linear { .. } => {}
        }
    }
    copies
}

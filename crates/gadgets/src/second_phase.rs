//! The later phases: every column that depends on challenges.

use crate::assignment::{Assignment, BoundaryValues, FirstPhase};
use crate::cells::Cells;
use crate::column::{CellRef, Column, Integers};
use crate::columns::Challenges;
use crate::families::LookupArgument;
use crate::field::from_signed;
use crate::gadget::{Gadget, Known};
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::params::CircuitParams;
use crate::program::run;
use halo2_proofs::halo2curves::bn256::Fr;
use rayon::prelude::*;

/// What the later columns follow from, beside the key and the challenges.
#[derive(Clone, Copy, Debug)]
pub struct Committed<'a> {
    /// First-phase integers.
    pub first: &'a FirstPhase,
    /// Coefficients that convolutions drop.
    pub boundary: &'a [BoundaryValues],
    /// Public values.
    pub instance: &'a [Fr],
}

/// All columns of an honest prover.
struct Honest<'a> {
    fixed: Integers<'a>,
    first: Integers<'a>,
    instance: &'a [Fr],
    second: Vec<Vec<Fr>>,
}

impl Cells for Honest<'_> {
    fn read(&self, CellRef { column, row }: CellRef) -> Fr {
        match column {
            Column::Fixed(c) => from_signed(self.fixed.at(c, row)),
            Column::First(c) => from_signed(self.first.at(c, row)),
            Column::Second(c) => self.second[c][row],
            Column::Instance => self.instance.get(row).copied().unwrap_or(Fr::zero()),
        }
    }
    fn set(&mut self, column: usize, row: usize, value: Fr) {
        self.second[column][row] = value;
    }
}

/// The columns that are committed after ρ and before σ, each of `active_rows + 1` values, by number; ρ alone is drawn.
#[must_use]
pub fn early_columns<G: GadgetSet>(
    params: &CircuitParams,
    layout: &Layout<G>,
    assignment: &Assignment,
    committed: Committed<'_>,
    challenges: &Challenges<Fr>,
) -> Vec<(usize, Vec<Fr>)> {
    let known = Known {
        rows: params.active_rows(),
        fixed: Integers(&assignment.fixed),
        first: Integers(committed.first),
        boundary: committed.boundary,
        early: &[],
        challenges: *challenges,
    };
    let mut columns: Vec<_> =
        layout.gadgets().flat_map(|gadget| gadget.early_values(&known)).collect();
    columns.sort_unstable_by_key(|(column, _)| *column);
    columns
}

/// Computes the later columns, each of `active_rows + 1` values.
#[must_use]
pub fn second_phase<G: GadgetSet>(
    params: &CircuitParams,
    layout: &Layout<G>,
    assignment: &Assignment,
    committed: Committed<'_>,
    challenges: &Challenges<Fr>,
) -> Vec<Vec<Fr>> {
    let rows = params.active_rows();
    let mut early = vec![vec![]; layout.second];
    for (column, values) in early_columns(params, layout, assignment, committed, challenges) {
        early[column] = values;
    }
    let Committed { first, boundary, instance } = committed;
    let (fixed, first) = (Integers(&assignment.fixed), Integers(first));
    let known = Known { rows, fixed, first, boundary, early: &early, challenges: *challenges };
    let gadgets: Vec<&dyn Gadget> = layout.gadgets().collect();
    let computed: Vec<_> =
        gadgets.into_par_iter().flat_map_iter(|gadget| gadget.values(&known)).collect();
    let mut second = early;
    for (column, values) in computed {
        second[column] = values;
    }
    // Columns of the program alone.
    second.iter_mut().for_each(|column| column.resize(rows + 1, Fr::zero()));
    let mut cells = Honest { fixed, first, instance, second };
    if let Some(lookups) = &layout.lookups {
        lookups.accumulate(rows, &mut cells);
    }
    let key = [fixed, Integers(&assignment.committed)];
    run(layout, &assignment.steps, challenges, key, &mut cells);
    cells.second
}

//! How often each table row is looked up.

use crate::error::AssignError;
use crate::tables::Tables;
use provenn_gadgets::bus::Numerator;
use provenn_gadgets::{Assignment, FirstPhase, GadgetSet, Integers, Layout};

/// Counts what every active row looks up, in use or not, by row of the tables.
///
/// # Errors
/// [`AssignError::OutsideTable`] for a tuple that no table has.
pub(super) fn count<G: GadgetSet>(
    layout: &Layout<G>,
    assignment: &Assignment,
    tables: &Tables,
    columns: &FirstPhase,
    rows: usize,
) -> Result<Vec<i64>, AssignError> {
    let (fixed, first) = (Integers(&assignment.fixed), Integers(columns));
    let mut counts = vec![0; tables.rows()];
    let mut tuple = vec![];
    for term in layout.terms().iter().filter(|term| term.numerator == Numerator::One) {
        for row in 0..rows {
            term.read(row, fixed, |column, row| first.at(column, row), &mut tuple);
            let found = tables.find(&tuple).and_then(|index| counts.get_mut(index));
            *found.ok_or_else(|| outside(tables, &tuple))? += 1;
        }
    }
    Ok(counts)
}

fn outside(tables: &Tables, tuple: &[i64]) -> AssignError {
    let [value, tag] = [0, 3].map(|at| tuple.get(at).copied().unwrap_or(0));
    let (low, high) = tables.bounds(tag);
    AssignError::OutsideTable { node: format!("range {tag}"), index: 0, value, low, high }
}

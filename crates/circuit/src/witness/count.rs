//! How often each row of a table, and each entry of a memory, is looked up.

use crate::error::AssignError;
use crate::tables::Tables;
use provenn_gadgets::bus::Numerator;
use provenn_gadgets::{Assignment, FirstPhase, Gadget, GadgetSet, Integers, Layout};
use std::collections::HashMap;

/// How often what is there to be found is looked up.
pub(super) struct Counts {
    /// By row of all tables.
    pub(super) tables: Vec<i64>,
    /// By column and row of entries of memories that are.
    pub(super) memories: HashMap<(usize, usize), i64>,
}

/// Counts what every active row looks up, in use or not.
///
/// # Errors
/// [`AssignError::OutsideTable`] for a tuple that neither a table nor a memory has.
pub(super) fn count<G: GadgetSet>(
    layout: &Layout<G>,
    assignment: &Assignment,
    tables: &Tables,
    columns: &FirstPhase,
    rows: usize,
) -> Result<Counts, AssignError> {
    let (fixed, first) = (Integers(&assignment.fixed), Integers(columns));
    let mut counts = Counts { tables: vec![0; tables.rows()], memories: HashMap::new() };
    let entries = entries(layout, fixed, first, rows);
    let mut tuple = vec![];
    for term in layout.terms().iter().filter(|term| term.numerator == Numerator::One) {
        for row in 0..rows {
            term.read(row, fixed, |column, row| first.at(column, row), &mut tuple);
            if let Some(count) = tables.find(&tuple).and_then(|at| counts.tables.get_mut(at)) {
                *count += 1;
            } else if let Some(&entry) = entries.get(&tuple) {
                *counts.memories.entry(entry).or_insert(0) += 1;
            } else {
                return Err(outside(tables, &tuple));
            }
        }
    }
    Ok(counts)
}

/// The first place of every tuple that memories hold.
fn entries<G: GadgetSet>(
    layout: &Layout<G>,
    fixed: Integers<'_>,
    first: Integers<'_>,
    rows: usize,
) -> HashMap<Vec<i64>, (usize, usize)> {
    let mut terms = vec![];
    layout.memory.iter().for_each(|memory| memory.terms(&mut terms));
    let mut entries = HashMap::new();
    let mut tuple = vec![];
    for term in terms {
        let Numerator::Count(column) = term.numerator else { continue };
        for row in 0..rows {
            term.read(row, fixed, |column, row| first.at(column, row), &mut tuple);
            if !entries.contains_key(&tuple) {
                entries.insert(tuple.clone(), (column, row));
            }
        }
    }
    entries
}

fn outside(tables: &Tables, tuple: &[i64]) -> AssignError {
    let at = |at: usize| tuple.get(at).copied().unwrap_or(0);
    let (value, tag) = (at(0), at(3));
    // Tuples of tables end with their tag.
    if tuple.len() > 4 {
        return AssignError::NoEntry { space: tag, key: value, value: at(1) };
    }
    let (lo, hi) = tables.bounds(tag);
    AssignError::OutsideTable { node: format!("range {tag}"), index: 0, value, lo, hi }
}

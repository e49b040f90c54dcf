//! Memory: values found by their keys among cells that a prover commits to.
//!
//! # Statement
//! Every pair (key, value) that is looked up in a *space* is one of the space's entries, whose keys are fixed and whose
//! values are committed.
//!
//! # Constraints
//! None of its own. On the bus, under the space as tag: `1/(α − (key, value))` for every lookup and `−m/(α − (key, value))`
//! for every entry, m in the first phase. Tuples of memories hold the number of their relation besides, so that no entry
//! is a row of a table, nor the other way round.
//!
//! # Layout
//! Entries stand in banks of plain cells, and so do lookups: keys in one bank, values at the same place of the next. Beside
//! an entry's cell stand its space and key (fixed) and how often it is found; beside a lookup its space. Cells that hold
//! nothing are of space 0: the first row of the first bank of entries is left free for them.
//!
//! # Soundness
//! Keys, values and m are committed before α and β. The bus balances only if every tuple that is looked up is an entry; m
//! needs no range. Where the keys of a space are distinct a key has one value. An entry that holds nothing may hold any
//! value, under space 0 alone, in which nobody looks anything up that is read.
//!
//! # Completeness
//! The interpreter refuses a key that its space has not.
//!
//! # Cost
//! An entry takes a plain cell, a count, two fixed cells and a term; a lookup two plain cells, a fixed one and a term.

use crate::bus::{BusTerm, Value};
use crate::column::{Column, Numbers, set};
use crate::columns::Query;
use crate::families::{Lane, Memory};
use crate::gadget::{Constraint, Gadget, Role};

/// The relation's number among a tuple's values.
const RELATION: Value = Value::Constant(1);

/// The tuple of a key and a value.
fn pair(key: Value, value: usize) -> [Value; 4] {
    [key, Value::First(value), Value::Constant(0), RELATION]
}

/// A bank of entries.
#[derive(Clone, Debug)]
struct Entries {
    /// First phase: values, by lane; a plain bank's.
    value: Vec<usize>,
    /// Fixed: spaces.
    space: Vec<usize>,
    /// Fixed: keys.
    key: Vec<usize>,
    /// First phase: how often each is found.
    count: Vec<usize>,
}

/// A bank of lookups.
#[derive(Clone, Debug)]
struct Lookups {
    /// First phase: keys and values, by lane; two plain banks'.
    pair: [Vec<usize>; 2],
    /// Fixed: spaces.
    space: Vec<usize>,
}

/// The memory of [`crate::Standard`].
#[derive(Clone, Debug)]
pub struct BusMemory {
    entries: Vec<Entries>,
    lookups: Vec<Lookups>,
}

impl Gadget for BusMemory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn roles(&self) -> Vec<Role> {
        let entries = self.entries.iter().flat_map(|Entries { space, key, count, .. }| {
            [
                Role::fixed("spaces of entries", space),
                Role::fixed("keys of entries", key),
                Role::first("multiplicity", count),
            ]
        });
        let lookups = self.lookups.iter().map(|of| Role::fixed("spaces of lookups", &of.space));
        entries.chain(lookups).collect()
    }

    fn is_constrained(&self) -> bool {
        false
    }

    fn constraints(&self, _: &mut Query<'_, '_>) -> Vec<Constraint> {
        vec![]
    }

    fn terms(&self, terms: &mut Vec<BusTerm>) {
        for Entries { value, space, key, count } in &self.entries {
            for (((&value, &space), &key), &count) in value.iter().zip(space).zip(key).zip(count) {
                let tuple = pair(Value::Fixed(key), value);
                terms.push(BusTerm::table(&tuple, Value::Fixed(space), count));
            }
        }
        for Lookups { pair: [keys, values], space } in &self.lookups {
            for ((&key, &value), &space) in keys.iter().zip(values).zip(space) {
                let tuple = pair(Value::First(key), value);
                terms.push(BusTerm::lookup(&tuple, Value::Fixed(space)));
            }
        }
    }

    fn copied(&self) -> Vec<Column> {
        vec![]
    }

    fn opened_next(&self) -> Vec<usize> {
        vec![]
    }
}

impl Memory for BusMemory {
    fn allocate(numbers: &mut Numbers, entries: &[&[usize]], lookups: &[[&[usize]; 2]]) -> Self {
        let Numbers { fixed, first, .. } = numbers;
        let entries = entries.iter().map(|&value| Entries {
            value: value.to_vec(),
            space: fixed.many(value.len()),
            key: fixed.many(value.len()),
            count: first.many(value.len()),
        });
        let entries = entries.collect();
        let lookups = lookups.iter().map(|pair| Lookups {
            pair: pair.map(<[usize]>::to_vec),
            space: fixed.many(pair[0].len()),
        });
        BusMemory { entries, lookups: lookups.collect() }
    }

    fn lay_entry(
        &self,
        bank: usize,
        Lane { lane, row }: Lane,
        (space, key): (i64, i64),
        fixed: &mut [Vec<i64>],
    ) {
        set(fixed, self.entries[bank].space[lane], row, space);
        set(fixed, self.entries[bank].key[lane], row, key);
    }

    fn lay_lookup(
        &self,
        bank: usize,
        Lane { lane, row }: Lane,
        space: i64,
        fixed: &mut [Vec<i64>],
    ) {
        set(fixed, self.lookups[bank].space[lane], row, space);
    }
}

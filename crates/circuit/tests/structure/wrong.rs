//! That what is looked for is found: a circuit for each check, which differs from an honest one in little.

use crate::findings::{CHECKS, findings};
use provenn_adversary::forgery::{combined, hashed, subject};
use provenn_adversary::random::committing;
use provenn_adversary::sample::{inputs, samples};
use provenn_circuit::{CompiledCircuit, PlanOptions};
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::TensorVisibility::Committed;
use provenn_gadgets::families::Occurrences;
use provenn_gadgets::table::FUNCTION;
use provenn_gadgets::testing::Subject;
use provenn_gadgets::{CellRef, Column, Gadget};
use std::collections::BTreeSet;

/// What was found in circuits that are wrong.
#[derive(Default)]
struct Found(BTreeSet<&'static str>);

impl Found {
    /// Demands that this is found among what is wrong.
    fn expect(&mut self, what: &'static str, wrong: &Subject, graph: &QuantGraph) {
        let found = findings(wrong, graph);
        assert!(found.iter().any(|(found, _)| *found == what), "{what}: {found:?}");
        self.0.insert(what);
    }
}

fn sample(name: &str) -> QuantGraph {
    samples().into_iter().find(|(of, _)| *of == name).unwrap().1
}

/// An honest circuit, in which nothing is found.
fn sound(s: Subject, graph: &QuantGraph) -> Subject {
    assert_eq!(findings(&s, graph), []);
    s
}

/// The first row where a fixed column holds what is asked for.
fn row_where(s: &Subject, column: usize, holds: impl Fn(i64) -> bool) -> usize {
    (0..s.params().active_rows()).find(|&row| holds(s.fixed_integer(column, row))).unwrap()
}

/// Without the copies of this column's first cell that any touches.
fn uncopied(s: &Subject, column: Column) -> Subject {
    let touches = |(a, b): &(CellRef, CellRef), cell: CellRef| *a == cell || *b == cell;
    let cells = s.copies().iter().flat_map(|&(a, b)| [a, b]);
    let cell = cells.filter(|cell| cell.column == column).min().unwrap();
    let mut s = s.clone();
    while let Some(at) = s.copies().iter().position(|copy| touches(copy, cell)) {
        s = s.without_copy(at);
    }
    s
}

/// Without the copies of a plain bank's cells and of their fingerprints.
fn unread(s: &Subject, bank: usize) -> Subject {
    let plain = &s.layout().plain[bank];
    let cells = plain.cell.iter().map(|&cell| Column::First(cell));
    let columns: Vec<Column> = cells.chain([Column::Second(plain.fingerprint)]).collect();
    let touches = |cell: CellRef| columns.contains(&cell.column);
    let mut s = s.clone();
    while let Some(at) = s.copies().iter().position(|(a, b)| touches(*a) || touches(*b)) {
        s = s.without_copy(at);
    }
    s
}

/// The fixed columns of a role, of all gadgets that have it.
fn role(gadget: &dyn Gadget, name: &str) -> Vec<usize> {
    let roles = gadget.roles().into_iter().filter(|role| role.name == name);
    let fixed = |column| match column {
        Column::Fixed(column) => Some(column),
        Column::First(_) | Column::Second(_) | Column::Instance => None,
    };
    roles.flat_map(|role| role.columns).filter_map(fixed).collect()
}

#[test]
fn what_is_wrong_is_found() {
    let mut found = Found::default();
    tables(&mut found);
    windows(&mut found);
    chains(&mut found);
    hashes(&mut found);
    operands(&mut found);
    copies(&mut found);
    memories(&mut found);
    unasked(&mut found);
    lists(&mut found);
    assert_eq!(found.0, BTreeSet::from(CHECKS));
}

fn tables(found: &mut Found) {
    let graph = sample("dense");
    let s = sound(subject(&graph, &inputs(&graph, 1), false), &graph);
    let (layout, rows) = (s.layout().clone(), s.params().active_rows());
    found.expect(
        "a fixed column is too long",
        &s.with_fixed(layout.table[0].tuple[0], rows, 0),
        &graph,
    );
    found.expect("a structural column is written", &s.with_fixed(layout.active, 0, 1), &graph);
    let [key, slope, _, tag] = layout.table[0].tuple;
    found.expect("tag 0 has a row", &s.with_fixed(slope, 0, 1), &graph);
    found.expect("a table has a key twice", &s.with_fixed(key, 2, 0), &graph);
    let range = i64::from(layout.activation[0].low_bits);
    let in_range = row_where(&s, tag, |of| of == range);
    found.expect("a range has an output", &s.with_fixed(slope, in_range, 1), &graph);
    let tagged = row_where(&s, tag, |of| of >= FUNCTION);
    found.expect("keys of a table have a gap", &s.with_fixed(key, tagged, 1 << 20), &graph);
    let last = (in_range..rows).take_while(|&row| s.fixed_integer(tag, row) == range).last();
    let shorter = s.with_fixed(tag, last.unwrap(), 0).with_fixed(key, last.unwrap(), 0);
    found.expect("a range has another number of rows", &shorter, &graph);
    let emptied = (in_range..=last.unwrap())
        .fold(s.clone(), |s, row| s.with_fixed(tag, row, 0).with_fixed(key, row, 0));
    found.expect("a range is missing", &emptied, &graph);
    let (tag, offset) = (layout.activation[0].tag[0], layout.activation[0].offset[0]);
    found.expect("an activation has a tag of no table", &s.with_fixed(tag, 0, 3), &graph);
    let untagged = row_where(&s, tag, |tag| tag == 0);
    found.expect("an offset without a tag", &s.with_fixed(offset, untagged, 1), &graph);
}

fn windows(found: &mut Found) {
    for (name, turned) in [("pooled", true), ("maximum", false)] {
        let graph = sample(name);
        let s = match turned {
            true => combined(&graph, &inputs(&graph, 1), false),
            false => subject(&graph, &inputs(&graph, 1), false),
        };
        let s = sound(s, &graph);
        let (bank, rows) = (s.layout().maximum[0].clone(), s.params().active_rows());
        let (tag, offset) = (bank.tag[0], bank.offset[0]);
        for wrong in [3 + i64::from(bank.low_bits), -1] {
            let wrong = s.with_fixed(tag, 0, wrong);
            found.expect("a window has a tag of no table", &wrong, &graph);
        }
        let untagged = row_where(&s, tag, |tag| tag == 0);
        let wrong = s.with_fixed(offset, untagged, 1);
        found.expect("an offset without a window", &wrong, &graph);
        let wrong = s.with_fixed(bank.line, rows - 2, 1);
        found.expect("a line of windows goes on where no plane does", &wrong, &graph);
        found.expect(
            "a chain goes on into the closing row",
            &s.with_fixed(bank.line, rows - 1, 1),
            &graph,
        );
        found.expect("a flag is neither 0 nor 1", &s.with_fixed(bank.line, 0, 2), &graph);
        for column in bank.chain.columns() {
            found.expect("a flag is neither 0 nor 1", &s.with_fixed(column, 0, 2), &graph);
        }
        for column in bank.sums {
            let wrong = uncopied(&s, Column::Second(column));
            found.expect("windows stand where no line of theirs is read", &wrong, &graph);
        }
    }
}

fn chains(found: &mut Found) {
    let graph = sample("conv_valid_dilated");
    let s = sound(combined(&graph, &inputs(&graph, 1), true), &graph);
    let (layout, rows) = (s.layout().clone(), s.params().active_rows());
    let both = |chain: provenn_gadgets::Chain| {
        chain.columns().fold(s.clone(), |s, column| s.with_fixed(column, 0, 1))
    };
    for chain in [layout.activation[0].chain, layout.plain[0].chain] {
        found.expect("a chain steps and turns", &both(chain), &graph);
    }
    let (linear, range) = (&layout.linear[0].sums, &layout.range[0]);
    for column in layout.activation[0].chain.columns().chain(layout.plain[0].chain.columns()) {
        let wrong = s.with_fixed(column, rows - 1, 1);
        found.expect("a chain goes on into the closing row", &wrong, &graph);
        found.expect("a flag is neither 0 nor 1", &s.with_fixed(column, 0, 2), &graph);
    }
    for column in [layout.boundary[0].step, linear.step, linear.sum, range.step, range.within] {
        let wrong = s.with_fixed(column, rows - 1, 1);
        found.expect("a chain goes on into the closing row", &wrong, &graph);
        found.expect("a flag is neither 0 nor 1", &s.with_fixed(column, 0, -1), &graph);
    }
    let within = row_where(&s, range.within, |within| within != 0) + 1;
    for weight in [0, 1, s.fixed_integer(range.weight, within) + 1] {
        let wrong = s.with_fixed(range.weight, within, weight);
        found.expect("a limb has another weight", &wrong, &graph);
    }
}

fn hashes(found: &mut Found) {
    let graph = sample("dense");
    let s = sound(hashed(&graph, &inputs(&graph, 1)), &graph);
    let bank = s.layout().hash[0].clone();
    let full = row_where(&s, bank.full, |full| full == 1);
    let partial = row_where(&s, bank.partial, |partial| partial == 1);
    found.expect("a row is of two rounds", &s.with_fixed(bank.partial, full, 1), &graph);
    found.expect("a row is of two rounds", &s.with_fixed(bank.absorb, full, 2), &graph);
    found.expect("a tag where no message begins", &s.with_fixed(bank.tag, full, 1), &graph);
    let first = row_where(&s, bank.tag, |tag| tag != 0);
    found.expect("a tag where no message begins", &s.with_fixed(bank.tag, first, 0), &graph);
    found.expect("a round of nothing", &s.with_fixed(bank.partial, partial, 0), &graph);
    let other = s.with_fixed(bank.partial, partial, 0).with_fixed(bank.full, partial, 1);
    found.expect("a round of the other kind", &other, &graph);
    let within = s.with_fixed(bank.absorb, partial, 1);
    found.expect("elements are absorbed within a permutation", &within, &graph);
    let elements = bank.element.map(Column::First);
    found.expect("what is hashed is free", &uncopied(&s, elements[0]), &graph);
    found.expect("what is hashed is free", &uncopied(&s, elements[1]), &graph);
}

/// An operand of every kind that copies of it do not bind.
fn operands(found: &mut Found) {
    let graph = sample("product_scaled");
    let s = sound(subject(&graph, &inputs(&graph, 1), false), &graph);
    for operand in &s.layout().arithmetic[0].value[..3] {
        let free = uncopied(&s, Column::Second(*operand));
        found.expect("an operand of arithmetic is free", &free, &graph);
    }
    let graph = sample("dense");
    let s = sound(subject(&graph, &inputs(&graph, 1), false), &graph);
    let free = uncopied(&s, Column::Second(s.layout().linear[0].sums.x));
    found.expect("an input of weights is free", &free, &graph);
    let graph = committing(&graph).unwrap();
    let s = sound(subject(&graph, &inputs(&graph, 1), false), &graph);
    let free = uncopied(&s, Column::Second(s.layout().committed[0].input()));
    found.expect("an input of committed weights is free", &free, &graph);
}

fn copies(found: &mut Found) {
    let graph = sample("dense");
    let options = PlanOptions { input_visibility: Committed, ..PlanOptions::default() };
    let compiled = CompiledCircuit::compile(graph.clone(), &options).unwrap();
    let witness = compiled.witness(&inputs(&graph, 1)).unwrap();
    let (circuit, instance) = compiled.assign(&witness).unwrap();
    let s = sound(Subject::new(&circuit, &instance), &graph);
    let tensors = s.layout().committed_tensors.clone().unwrap();
    let gap = uncopied(&s, Column::First(tensors.columns[0]));
    found.expect("a committed tensor has gaps", &gap, &graph);
    let stated = CellRef { column: Column::Instance, row: 0 };
    let (cell, _) = *s.copies().iter().find(|(_, b)| *b == stated).unwrap();
    let closing = CellRef { row: s.params().active_rows(), ..cell };
    found.expect("a cell beyond the rows is copied", &s.with_copy(cell, closing), &graph);
    let none = CellRef { row: s.instance.len(), ..stated };
    found.expect("a public value that is none is copied", &s.with_copy(cell, none), &graph);
    let twice = s.with_copy(CellRef { row: cell.row + 1, ..cell }, stated);
    found.expect("a public value is not in one copy", &twice, &graph);
    let free = uncopied(&s, Column::Instance);
    found.expect("a public value is not in one copy", &free, &graph);
}

fn memories(found: &mut Found) {
    let graph = sample("gather");
    let s = sound(subject(&graph, &inputs(&graph, 1), false), &graph);
    let memory = s.layout().memory.clone().unwrap();
    let [entries, keys, lookups] =
        ["spaces of entries", "keys of entries", "spaces of lookups"].map(|of| role(&memory, of));
    // Of the first line, and of one that has a number of its own.
    let row = row_where(&s, entries[0], |space| space == 1);
    let key = s.fixed_integer(keys[0], row);
    found.expect("memories are not the graph's", &s.with_fixed(keys[0], row, key - 1), &graph);
    found.expect("memories are not the graph's", &s.with_fixed(entries[0], row, 2), &graph);
    let lookup = row_where(&s, lookups[0], |space| space == 1);
    found.expect("memories are not the graph's", &s.with_fixed(lookups[0], lookup, 2), &graph);
    let rows = 0..s.params().active_rows();
    let other = rows
        .clone()
        .find(|&row| s.fixed_integer(entries[1], row) == 1 && s.fixed_integer(keys[1], row) != key);
    found.expect("a memory has a key twice", &s.with_fixed(keys[1], other.unwrap(), key), &graph);
    // Two memories under one number: every entry and lookup of the one goes to the other.
    let aliased = entries.iter().chain(&lookups).fold(s.clone(), |s, &column| {
        rows.clone().fold(s, |s, row| match s.fixed_integer(column, row) {
            2 => s.with_fixed(column, row, 1),
            _ => s,
        })
    });
    found.expect("memories are not the graph's", &aliased, &graph);
    found.expect("a memory has a key twice", &aliased, &graph);
    // An entry, and the key of what is looked up.
    let entry = s.params().plain_banks;
    for bank in [entry, entry + s.params().entry_banks] {
        found.expect("a cell of a memory is free", &unread(&s, bank), &graph);
    }
}

/// A value of an order that is read with its block alone, and that no memory is asked for.
fn unasked(found: &mut Found) {
    let graph = sample("sort");
    let s = sound(subject(&graph, &inputs(&graph, 1), false), &graph);
    let memory = s.layout().memory.clone().unwrap();
    let what = "a value is looked up nowhere";
    let lookups = role(&memory, "spaces of lookups").into_iter();
    let cells = lookups.flat_map(|column| {
        let rows = (0..s.params().active_rows()).map(move |row| (column, row));
        rows.filter(|&(column, row)| s.fixed_integer(column, row) != 0).collect::<Vec<_>>()
    });
    let mut without = cells.map(|(column, row)| s.with_fixed(column, row, 0));
    let is_found =
        |wrong: &Subject| findings(wrong, &graph).iter().any(|(found, _)| *found == what);
    found.expect(what, &without.find(is_found).unwrap(), &graph);
}

fn lists(found: &mut Found) {
    let graph = sample("embedding");
    let s = sound(subject(&graph, &inputs(&graph, 1), false), &graph);
    let occurrences = s.layout().occurrences.clone().unwrap();
    let indices = role(&occurrences, "lists, last, step");
    let of_keys = role(&occurrences, "lists of keys, keys");
    let [list, last, step] = indices[..3] else { panic!("{indices:?}") };
    let [list_of_key, key] = of_keys[..2] else { panic!("{of_keys:?}") };
    let row = row_where(&s, list, |list| list == 1);
    let of_key = row_where(&s, list_of_key, |list| list == 1);
    for (column, row, other) in
        [(list, row, 2), (list_of_key, of_key, 2), (key, of_key, 1 << 20), (list, row, 0)]
    {
        found.expect("lists are not the graph's", &s.with_fixed(column, row, other), &graph);
    }
    let again = s.fixed_integer(key, of_key);
    let other = (of_key + 1..s.params().active_rows())
        .find(|&row| s.fixed_integer(list_of_key, row) == 1)
        .unwrap();
    found.expect("a memory has a key twice", &s.with_fixed(key, other, again), &graph);
    let end = row_where(&s, last, |last| last == 1);
    let going = row_where(&s, step, |step| step == 1);
    let free = row_where(&s, list, |list| list == 0);
    for (column, row, other) in [
        (last, end, 0),
        (last, going, 1),
        (last, free, 1),
        (step, end, 1),
        (step, going, 0),
        (step, free, 1),
    ] {
        found.expect("a list does not end once", &s.with_fixed(column, row, other), &graph);
    }
    let ended = s.with_fixed(step, going, 0).with_fixed(last, going, 1);
    found.expect("a list does not end once", &ended, &graph);
    for column in [Column::First(occurrences.index(0)), Column::Second(occurrences.sum(0))] {
        found.expect("a cell of a list is free", &uncopied(&s, column), &graph);
    }
}

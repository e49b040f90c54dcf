//! Placed circuits keep what soundness takes for granted of them: tables with one row a key, exact ranges, chains that end
//! before the closing row, operands that are copies, public values that are each copied once.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation, clippy::print_stdout)]

use provenn_adversary::random::{any_subject, committing, todays};
use provenn_adversary::sample::{inputs, samples};
use provenn_circuit::{BoundaryTerms, CompiledCircuit, PlanOptions};
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::TensorVisibility::{Committed, Hashed, Private, Public};
use provenn_gadgets::column::Integers;
use provenn_gadgets::poseidon::{ROUNDS, is_full};
use provenn_gadgets::table::{FUNCTION, GAP};
use provenn_gadgets::testing::Subject;
use provenn_gadgets::{CellRef, Column, Gadget};
use std::collections::{BTreeMap, BTreeSet};

/// Seeds of a run, others every day.
const SEEDS: u64 = 4000;
/// Rows of random circuits.
const MOST_K: u32 = 10;

/// What is wrong with a circuit, a line each.
struct Findings<'a> {
    of: &'a Subject,
    found: Vec<String>,
}

impl Findings<'_> {
    fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.found.push(what());
        }
    }

    fn fixed(&self, column: usize, row: usize) -> i64 {
        self.of.fixed_integer(column, row)
    }

    fn rows(&self) -> usize {
        self.of.params().active_rows()
    }

    fn columns(&mut self) {
        let (rows, layout) = (self.rows(), self.of.layout());
        for (at, column) in self.of.assignment().fixed.iter().enumerate() {
            self.check(column.len() <= rows, || format!("fixed column {at} has {}", column.len()));
        }
        for at in [layout.active, layout.first_row, layout.last_row] {
            let written = self.of.assignment().fixed.get(at).is_some_and(|of| !of.is_empty());
            self.check(!written, || format!("structural column {at} is written"));
        }
    }

    fn tables(&mut self) {
        let layout = self.of.layout();
        let mut outputs: BTreeMap<(i64, i64), (i64, i64)> = BTreeMap::new();
        for table in &layout.table {
            for row in 0..self.rows() {
                let [key, slope, base, tag] = table.tuple.map(|column| self.fixed(column, row));
                if tag == 0 {
                    let zero = [key, slope, base] == [0; 3];
                    self.check(zero, || format!("tag 0 has the row {key}, {slope}, {base}"));
                    continue;
                }
                let twice = outputs.insert((tag, key), (slope, base));
                self.check(twice.is_none(), || format!("tag {tag} has the key {key} twice"));
                let silent = tag >= FUNCTION || (slope, base) == (0, 0);
                self.check(silent, || format!("range {tag} has an output"));
            }
        }
        let mut keys: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        outputs.keys().for_each(|&(tag, key)| keys.entry(tag).or_default().push(key));
        for (tag, keys) in &keys {
            let count = keys.len() as i64;
            let contiguous = keys.iter().copied().eq(0..count);
            self.check(contiguous, || format!("keys of tag {tag} are not 0 to {count}"));
            let exact = *tag >= GAP || count == 1 << tag;
            self.check(exact, || format!("range {tag} has {count} rows"));
        }
        let of_activations = layout.activation.iter().flat_map(|bank| {
            bank.widths.iter().copied().chain([bank.low_bits]).collect::<Vec<_>>()
        });
        let widths: BTreeSet<i64> = of_activations
            .chain(layout.range.iter().map(|bank| bank.width))
            .map(i64::from)
            .collect();
        for width in widths {
            self.check(keys.contains_key(&width), || format!("there is no range {width}"));
        }
        for bank in &layout.activation {
            for (&tag, &offset) in bank.tag.iter().zip(&bank.offset) {
                for row in 0..self.rows() {
                    let (tag, offset) = (self.fixed(tag, row), self.fixed(offset, row));
                    let table = tag == 0 || (tag >= GAP && keys.contains_key(&tag));
                    self.check(table, || format!("an activation has the tag {tag}"));
                    self.check(tag != 0 || offset == 0, || "an offset without a tag".into());
                }
            }
        }
    }

    fn chains(&mut self) {
        let layout = self.of.layout();
        let chains = layout.activation.iter().map(|bank| ("activation", bank.chain));
        let chains = chains.chain(layout.plain.iter().map(|bank| ("plain", bank.chain)));
        let mut flags: Vec<(&str, usize)> = vec![];
        for (name, chain) in chains {
            flags.extend(chain.columns().map(|column| (name, column)));
            for row in 0..self.rows() {
                let both = chain.columns().filter(|&column| self.fixed(column, row) != 0).count();
                self.check(both < 2, || format!("{name} steps and turns in row {row}"));
            }
        }
        flags.extend(layout.boundary.iter().map(|bank| ("boundary", bank.step)));
        flags.extend(
            layout.linear.iter().flat_map(|e| [("linear", e.sums.step), ("sum", e.sums.sum)]),
        );
        flags.extend(layout.range.iter().flat_map(|r| [("range", r.step), ("within", r.within)]));
        for (name, column) in flags {
            let last = self.fixed(column, self.rows() - 1);
            self.check(last == 0, || format!("{name} goes on into the closing row"));
            for row in 0..self.rows() {
                let flag = self.fixed(column, row);
                self.check([0, 1].contains(&flag), || format!("{name} has the flag {flag}"));
            }
        }
        for bank in &layout.range {
            for row in 1..self.rows() {
                let within = self.fixed(bank.within, row - 1) != 0;
                let [above, weight] = [row - 1, row].map(|row| self.fixed(bank.weight, row));
                let wanted = if within { above << bank.width } else { weight.min(1) };
                self.check(weight == wanted, || format!("a limb of row {row} weighs {weight}"));
            }
        }
    }

    /// Messages are whole: a tag where they begin, flags of every round, copies in every place that is absorbed.
    fn hashes(&mut self) {
        let layout = self.of.layout();
        let copies = self.of.copies().iter().flat_map(|&(a, b)| [a, b]);
        let copied: BTreeSet<CellRef> = copies.collect();
        for bank in &layout.hash {
            let mut rounds = None;
            for row in (0..self.rows()).rev() {
                let [full, partial, absorb, tag] =
                    [bank.full, bank.partial, bank.absorb, bank.tag].map(|c| self.fixed(c, row));
                let flags = [full, partial, absorb].iter().all(|flag| [0, 1].contains(flag));
                self.check(flags && full + partial < 2, || format!("flags of round in row {row}"));
                let first = absorb == 1 && full + partial == 0;
                self.check(first == (tag != 0), || format!("the tag {tag} in row {row}"));
                rounds = match (first, full + partial, rounds) {
                    (true, ..) => Some(0),
                    (false, 0, _) => None,
                    (false, _, Some(rounds)) => Some(rounds % ROUNDS + 1),
                    (false, _, None) => {
                        self.check(false, || format!("a round of nothing in row {row}"));
                        None
                    }
                };
                let of_round = rounds.filter(|&done| done > 0).map(|done| is_full(done - 1));
                let right = of_round.is_none_or(|is_full| is_full == (full == 1));
                self.check(right, || format!("the kind of round in row {row}"));
                let whole = absorb == 0 || matches!(rounds, Some(0 | ROUNDS));
                self.check(whole, || {
                    format!("elements are absorbed within a permutation, row {row}")
                });
                let mut at = row;
                while absorb == 1 && at < self.rows() {
                    for column in bank.element.map(Column::First) {
                        let bound = copied.contains(&CellRef { column, row: at });
                        self.check(bound, || format!("what is hashed in row {at} is free"));
                    }
                    if self.fixed(bank.half, at) == 0 {
                        break;
                    }
                    at += 1;
                }
            }
        }
    }

    fn copies(&mut self, public: usize) {
        let (rows, layout) = (self.rows(), self.of.layout());
        let copies = self.of.copies();
        let touched: BTreeSet<CellRef> = copies.iter().flat_map(|&(a, b)| [a, b]).collect();
        let copied =
            |column, row| touched.contains(&CellRef { column: Column::Second(column), row });
        for bank in &layout.arithmetic {
            for row in 0..rows {
                let [_, linear, product, ..] =
                    bank.coefficient.map(|column| self.fixed(column, row));
                let [a, b, c, _] = bank.value;
                let reads = [(a, product != 0), (b, product != 0), (c, linear != 0)];
                for (column, read) in reads {
                    self.check(!read || copied(column, row), || {
                        format!("an operand of arithmetic in row {row} is free")
                    });
                }
            }
        }
        // A committed cell that is no copy is nobody's, which is right behind a tensor's end alone.
        for &column in layout.committed_tensors.iter().flat_map(|tensors| &tensors.columns) {
            let copies =
                |&row: &usize| touched.contains(&CellRef { column: Column::First(column), row });
            let filled = (0..rows).take_while(copies).count();
            self.check(filled > 0 && !(filled..rows).any(|row| copies(&row)), || {
                format!("a committed tensor with gaps in column {column}")
            });
        }
        for bank in &layout.linear {
            for row in 0..rows {
                let begins = self.fixed(bank.sums.first, row) != 0;
                self.check(!begins || copied(bank.sums.x, row), || {
                    format!("x in row {row} is free")
                });
            }
        }
        let fixed = Integers(&self.of.assignment().fixed);
        for bank in &layout.committed {
            for row in 0..rows {
                let begins = bank.unread(row, fixed).is_empty();
                let what = || format!("a committed x in row {row} is free");
                self.check(!begins || copied(bank.input(), row), what);
            }
        }
        for cell in &touched {
            self.check(cell.row < rows, || format!("{cell:?} is copied"));
            let stated = cell.column != Column::Instance || cell.row < public;
            self.check(stated, || format!("public value {} is none", cell.row));
        }
        for row in 0..public {
            let cell = CellRef { column: Column::Instance, row };
            let count = copies.iter().filter(|(a, b)| *a == cell || *b == cell).count();
            self.check(count == 1, || format!("public value {row} is in {count} copies"));
        }
    }
}

fn findings(subject: &Subject) -> Vec<String> {
    let mut findings = Findings { of: subject, found: vec![] };
    findings.columns();
    findings.tables();
    findings.chains();
    findings.hashes();
    findings.copies(subject.instance.len());
    findings.found.truncate(5);
    findings.found
}

/// Says of how many circuits; a plan may not be possible.
fn are_sound(name: &str, graph: &QuantGraph) -> u64 {
    let mut circuits = 0;
    for boundary in [BoundaryTerms::InLanes, BoundaryTerms::Combined] {
        for visibility in [Public, Private, Hashed, Committed] {
            let boundary = Some(boundary);
            let (input_visibility, output_visibility) = match visibility {
                Hashed | Committed => (visibility, visibility),
                Public | Private => (visibility, Public),
            };
            let options = PlanOptions {
                boundary,
                input_visibility,
                output_visibility,
                ..PlanOptions::default()
            };
            let Ok(compiled) = CompiledCircuit::compile(graph.clone(), &options) else { continue };
            let witness = compiled.witness(&inputs(graph, 1)).unwrap();
            let (circuit, instance) = compiled.assign(&witness).unwrap();
            let subject = Subject::new(&circuit, &instance);
            assert_eq!(findings(&subject), [""; 0], "{name} {boundary:?} {visibility:?}");
            circuits += 1;
        }
    }
    circuits
}

#[test]
fn every_kind_of_layer_is_placed_soundly() {
    let circuits: u64 = samples().iter().map(|(name, graph)| are_sound(name, graph)).sum();
    assert!(circuits >= 40, "{circuits}");
    let committed = samples()
        .into_iter()
        .filter_map(|(name, graph)| Some(are_sound(name, &committing(&graph)?)));
    let circuits: u64 = committed.sum();
    assert!(circuits >= 12, "{circuits} with committed weights");
}

#[test]
fn random_circuits_are_placed_soundly() {
    let subjects = todays(SEEDS).filter_map(|seed| Some((seed, any_subject(seed, MOST_K)?)));
    let (mut circuits, mut committed) = (0, 0);
    for (seed, (_, subject)) in subjects {
        assert_eq!(findings(&subject), [""; 0], "seed {seed}");
        circuits += 1;
        committed += u64::from(subject.params().commits_weights());
    }
    println!("{circuits} circuits, {committed} of them with committed weights");
    assert!(circuits >= SEEDS / 4 && committed >= SEEDS / 40, "{circuits}, {committed}");
}

/// What each check is there to find.
#[test]
fn what_is_wrong_is_found() {
    let (_, graph) = samples().swap_remove(0);
    let compiled = CompiledCircuit::compile(graph.clone(), &PlanOptions::default()).unwrap();
    let (circuit, instance) =
        compiled.assign(&compiled.witness(&inputs(&graph, 1)).unwrap()).unwrap();
    let subject = Subject::new(&circuit, &instance);
    assert_eq!(findings(&subject), [""; 0]);
    let layout = subject.layout().clone();
    let rows = subject.params().active_rows();
    let at_most = |of: &Subject, what: &str| {
        let found = findings(of);
        assert!(found.iter().any(|line| line.contains(what)), "{what}: {found:?}");
    };
    let table = layout.table[0].tuple;
    at_most(&subject.with_fixed(table[0], 2, 0), "twice");
    at_most(&subject.with_fixed(table[1], 0, 1), "tag 0");
    let tagged = (0..rows).find(|&row| subject.fixed_integer(table[3], row) >= FUNCTION).unwrap();
    at_most(&subject.with_fixed(table[0], tagged, 1 << 20), "keys of tag");
    at_most(&subject.with_fixed(layout.activation[0].tag[0], 0, 3), "has the tag");
    at_most(&subject.with_fixed(layout.activation[0].chain.step, rows - 1, 1), "closing row");
    at_most(&subject.with_fixed(layout.plain[0].chain.step, 0, 2), "flag");
    at_most(&subject.with_fixed(layout.linear[0].sums.sum, 0, -1), "flag");
    at_most(&subject.with_fixed(layout.active, 0, 1), "structural");
    let public = subject
        .copies()
        .iter()
        .position(|(a, b)| [a, b].iter().any(|cell| cell.column == Column::Instance));
    at_most(&subject.without_copy(public.unwrap()), "is in 0 copies");
}

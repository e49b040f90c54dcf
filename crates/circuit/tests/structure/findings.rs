//! What is wrong with a placed circuit, but for its memories.

use provenn_fixed_point::QuantGraph;
use provenn_gadgets::column::Integers;
use provenn_gadgets::maximum::LargestCells;
use provenn_gadgets::poseidon::{ROUNDS, is_full};
use provenn_gadgets::table::{FUNCTION, GAP};
use provenn_gadgets::testing::Subject;
use provenn_gadgets::{CellRef, Column, Gadget, PoseidonBank};
use std::collections::{BTreeMap, BTreeSet};

/// What there is to find; `what_is_wrong_is_found` has a circuit for each.
pub(crate) const CHECKS: [&str; 38] = [
    "a fixed column is too long",
    "a structural column is written",
    "tag 0 has a row",
    "a table has a key twice",
    "a range has an output",
    "keys of a table have a gap",
    "a range has another number of rows",
    "a range is missing",
    "an activation has a tag of no table",
    "an offset without a tag",
    "a window has a tag of no table",
    "an offset without a window",
    "a line of windows goes on where no plane does",
    "windows stand where no line of theirs is read",
    "a chain steps and turns",
    "a chain goes on into the closing row",
    "a flag is neither 0 nor 1",
    "a limb has another weight",
    "a row is of two rounds",
    "a tag where no message begins",
    "a round of nothing",
    "a round of the other kind",
    "elements are absorbed within a permutation",
    "what is hashed is free",
    "an operand of arithmetic is free",
    "an input of weights is free",
    "an input of committed weights is free",
    "a committed tensor has gaps",
    "a cell beyond the rows is copied",
    "a public value that is none is copied",
    "a public value is not in one copy",
    "memories are not the graph's",
    "a memory has a key twice",
    "a cell of a memory is free",
    "a value is looked up nowhere",
    "lists are not the graph's",
    "a list does not end once",
    "a cell of a list is free",
];

/// What is wrong with a circuit.
pub(crate) struct Findings<'a> {
    pub(crate) of: &'a Subject,
    pub(crate) graph: &'a QuantGraph,
    /// Cells that copies touch.
    pub(crate) copied: BTreeSet<CellRef>,
    pub(crate) found: Vec<(&'static str, String)>,
}

/// All of it.
pub(crate) fn findings(of: &Subject, graph: &QuantGraph) -> Vec<(&'static str, String)> {
    let copied = of.copies().iter().flat_map(|&(a, b)| [a, b]).collect();
    let mut findings = Findings { of, graph, copied, found: vec![] };
    findings.columns();
    findings.tables();
    findings.activations();
    findings.windows();
    findings.chains();
    findings.flags();
    findings.limbs();
    findings.hashes();
    findings.operands();
    findings.committed_tensors();
    findings.copies(of.instance.len());
    findings.memories();
    findings.lists();
    findings.found
}

impl Findings<'_> {
    pub(crate) fn check(&mut self, holds: bool, what: &'static str, at: impl FnOnce() -> String) {
        assert!(CHECKS.contains(&what), "{what} is no check that has a counter-example");
        if !holds {
            self.found.push((what, at()));
        }
    }

    pub(crate) fn fixed(&self, column: usize, row: usize) -> i64 {
        self.of.fixed_integer(column, row)
    }

    pub(crate) fn rows(&self) -> usize {
        self.of.params().active_rows()
    }

    pub(crate) fn is_copied(&self, column: Column, row: usize) -> bool {
        self.copied.contains(&CellRef { column, row })
    }

    fn columns(&mut self) {
        let (rows, layout) = (self.rows(), self.of.layout());
        for (at, column) in self.of.assignment().fixed.iter().enumerate() {
            let length = column.len();
            self.check(length <= rows, "a fixed column is too long", || format!("{at}: {length}"));
        }
        for at in [layout.active, layout.first_row, layout.last_row] {
            let written = self.of.assignment().fixed.get(at).is_some_and(|of| !of.is_empty());
            self.check(!written, "a structural column is written", || format!("{at}"));
        }
    }

    /// Keys of tables, by tag.
    fn keys(&self) -> BTreeMap<i64, BTreeSet<i64>> {
        let mut keys: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        for table in &self.of.layout().table {
            for row in 0..self.rows() {
                let [key, _, _, tag] = table.tuple.map(|column| self.fixed(column, row));
                if tag != 0 {
                    keys.entry(tag).or_default().insert(key);
                }
            }
        }
        keys
    }

    fn tables(&mut self) {
        let layout = self.of.layout();
        let mut rows = BTreeSet::new();
        for table in &layout.table {
            for row in 0..self.rows() {
                let [key, slope, base, tag] = table.tuple.map(|column| self.fixed(column, row));
                let at = || format!("tag {tag}: {key}, {slope}, {base}");
                if tag == 0 {
                    self.check([key, slope, base] == [0; 3], "tag 0 has a row", at);
                    continue;
                }
                self.check(rows.insert((tag, key)), "a table has a key twice", at);
                let silent = tag >= FUNCTION || (slope, base) == (0, 0);
                self.check(silent, "a range has an output", at);
            }
        }
        let keys = self.keys();
        for (tag, keys) in &keys {
            let count = keys.len() as i64;
            let contiguous = keys.iter().copied().eq(0..count);
            self.check(contiguous, "keys of a table have a gap", || format!("tag {tag}"));
            let exact = *tag >= GAP || count == 1 << tag;
            self.check(exact, "a range has another number of rows", || format!("{tag}: {count}"));
        }
        let of_activations = layout.activation.iter().flat_map(|bank| {
            bank.widths.iter().copied().chain([bank.low_bits]).collect::<Vec<_>>()
        });
        let of_maxima = layout.maximum.iter().flat_map(|bank| {
            bank.widths.iter().copied().chain([bank.low_bits]).collect::<Vec<_>>()
        });
        let widths = of_activations.chain(layout.range.iter().map(|bank| bank.width));
        let widths = widths.chain(of_maxima);
        for width in widths.map(i64::from) {
            self.check(keys.contains_key(&width), "a range is missing", || format!("{width}"));
        }
    }

    fn activations(&mut self) {
        let keys = self.keys();
        for bank in &self.of.layout().activation {
            for (&tag, &offset) in bank.tag.iter().zip(&bank.offset) {
                for row in 0..self.rows() {
                    let (tag, offset) = (self.fixed(tag, row), self.fixed(offset, row));
                    let at = || format!("tag {tag} and offset {offset} in row {row}");
                    let table = tag == 0 || (tag >= GAP && keys.contains_key(&tag));
                    self.check(table, "an activation has a tag of no table", at);
                    self.check(tag != 0 || offset == 0, "an offset without a tag", at);
                }
            }
        }
    }

    /// A window has a table, or the width of its limbs, and an image row of sums is read that it is in.
    fn windows(&mut self) {
        let keys = self.keys();
        for bank in &self.of.layout().maximum {
            let width = i64::from(bank.low_bits);
            let function = matches!(bank.largest, LargestCells::Function { .. });
            for (&tag, &offset) in bank.tag.iter().zip(&bank.offset) {
                for row in 0..self.rows() {
                    let (tag, offset) = (self.fixed(tag, row), self.fixed(offset, row));
                    let at = || format!("tag {tag} and offset {offset} in row {row}");
                    let known = match function {
                        true => tag >= GAP && keys.contains_key(&tag),
                        false => tag == width && offset == 0,
                    };
                    self.check(tag == 0 || known, "a window has a tag of no table", at);
                    self.check(tag != 0 || offset == 0, "an offset without a window", at);
                }
            }
            let goes_on = |row: usize| bank.chain.columns().any(|c| self.fixed(c, row) != 0);
            let line = |row: usize| self.fixed(bank.line, row) != 0;
            let apart: Vec<usize> =
                (0..self.rows()).filter(|&row| line(row) && !goes_on(row)).collect();
            let stands = |row: usize| bank.tag.iter().any(|&tag| self.fixed(tag, row) != 0);
            let begins = |row: usize| row == 0 || !line(row - 1);
            let read = |row: usize| {
                bank.sums.iter().all(|&column| self.is_copied(Column::Second(column), row))
            };
            let unread: Vec<usize> =
                (0..self.rows()).filter(|&row| stands(row) && begins(row) && !read(row)).collect();
            for row in apart {
                let what = "a line of windows goes on where no plane does";
                self.check(false, what, || format!("in row {row}"));
            }
            for row in unread {
                let what = "windows stand where no line of theirs is read";
                self.check(false, what, || format!("in row {row}"));
            }
        }
    }

    fn chains(&mut self) {
        let layout = self.of.layout();
        let chains = layout.activation.iter().map(|bank| bank.chain);
        let chains = chains.chain(layout.maximum.iter().map(|bank| bank.chain));
        for chain in chains.chain(layout.plain.iter().map(|bank| bank.chain)) {
            for row in 0..self.rows() {
                let both = chain.columns().filter(|&column| self.fixed(column, row) != 0).count();
                self.check(both < 2, "a chain steps and turns", || format!("in row {row}"));
            }
        }
    }

    fn flags(&mut self) {
        let layout = self.of.layout();
        let mut flags: Vec<(&str, usize)> = vec![];
        let chains = layout.activation.iter().map(|bank| ("activation", bank.chain));
        let chains = chains.chain(layout.maximum.iter().map(|bank| ("maximum", bank.chain)));
        for (name, chain) in chains.chain(layout.plain.iter().map(|bank| ("plain", bank.chain))) {
            flags.extend(chain.columns().map(|column| (name, column)));
        }
        flags.extend(layout.maximum.iter().map(|bank| ("line", bank.line)));
        flags.extend(layout.boundary.iter().map(|bank| ("boundary", bank.step)));
        flags.extend(
            layout.linear.iter().flat_map(|e| [("linear", e.sums.step), ("sum", e.sums.sum)]),
        );
        flags.extend(layout.range.iter().flat_map(|r| [("range", r.step), ("within", r.within)]));
        for (name, column) in flags {
            let last = self.fixed(column, self.rows() - 1);
            self.check(last == 0, "a chain goes on into the closing row", || name.into());
            for row in 0..self.rows() {
                let flag = self.fixed(column, row);
                let known = [0, 1].contains(&flag);
                self.check(known, "a flag is neither 0 nor 1", || format!("{name}: {flag}"));
            }
        }
    }

    fn limbs(&mut self) {
        for bank in &self.of.layout().range {
            for row in 1..self.rows() {
                let within = self.fixed(bank.within, row - 1) != 0;
                let [above, weight] = [row - 1, row].map(|row| self.fixed(bank.weight, row));
                let wanted = if within { above << bank.width } else { weight.min(1) };
                let at = || format!("{weight} in row {row}");
                self.check(weight == wanted, "a limb has another weight", at);
            }
        }
    }

    /// Messages are whole: a tag where they begin, flags of every round, copies in every place that is absorbed.
    fn hashes(&mut self) {
        for bank in &self.of.layout().hash {
            let mut rounds = None;
            for row in (0..self.rows()).rev() {
                rounds = self.round(bank, row, rounds);
                if self.fixed(bank.absorb, row) == 1 {
                    self.absorbed(bank, row);
                }
            }
        }
    }

    /// How many rounds of a permutation are done in a row, if any, given how many are in the row below.
    fn round(&mut self, bank: &PoseidonBank, row: usize, below: Option<usize>) -> Option<usize> {
        let [full, partial, absorb, tag] =
            [bank.full, bank.partial, bank.absorb, bank.tag].map(|c| self.fixed(c, row));
        let at = || format!("in row {row}");
        let flags = [full, partial, absorb].iter().all(|flag| [0, 1].contains(flag));
        self.check(flags && full + partial < 2, "a row is of two rounds", at);
        let first = absorb == 1 && full + partial == 0;
        self.check(first == (tag != 0), "a tag where no message begins", at);
        let follows = full + partial != 0;
        self.check(!follows || below.is_some(), "a round of nothing", at);
        let rounds = match (first, follows) {
            (true, _) => Some(0),
            (false, true) => below.map(|rounds| rounds % ROUNDS + 1),
            (false, false) => None,
        };
        let of_round = rounds.filter(|&done| done > 0).map(|done| is_full(done - 1));
        let right = of_round.is_none_or(|is_full| is_full == (full == 1));
        self.check(right, "a round of the other kind", at);
        let whole = absorb == 0 || matches!(rounds, Some(0 | ROUNDS));
        self.check(whole, "elements are absorbed within a permutation", at);
        rounds
    }

    /// Elements that are packed on a row and below it.
    fn absorbed(&mut self, bank: &PoseidonBank, row: usize) {
        let goes_on = |row: &usize| self.fixed(bank.half, *row) != 0;
        let below = (row..self.rows()).take_while(goes_on).map(|row| row + 1);
        for row in std::iter::once(row).chain(below.collect::<Vec<_>>()) {
            for column in bank.element.map(Column::First) {
                let bound = self.is_copied(column, row);
                self.check(bound, "what is hashed is free", || format!("in row {row}"));
            }
        }
    }

    fn operands(&mut self) {
        let (rows, layout) = (self.rows(), self.of.layout());
        for bank in &layout.arithmetic {
            for row in 0..rows {
                let [_, linear, product, ..] =
                    bank.coefficient.map(|column| self.fixed(column, row));
                let [a, b, c, _] = bank.value;
                for (column, factor) in [(a, product), (b, product), (c, linear)] {
                    let bound = factor == 0 || self.is_copied(Column::Second(column), row);
                    self.check(bound, "an operand of arithmetic is free", || format!("row {row}"));
                }
            }
        }
        for bank in &layout.linear {
            for row in 0..rows {
                let begins = self.fixed(bank.sums.first, row) != 0;
                let bound = !begins || self.is_copied(Column::Second(bank.sums.x), row);
                self.check(bound, "an input of weights is free", || format!("row {row}"));
            }
        }
        let fixed = Integers(&self.of.assignment().fixed);
        for bank in &layout.committed {
            for row in 0..rows {
                let begins = bank.unread(row, fixed).is_empty();
                let bound = !begins || self.is_copied(Column::Second(bank.input()), row);
                self.check(bound, "an input of committed weights is free", || format!("row {row}"));
            }
        }
    }

    /// A committed cell that is no copy is nobody's, which is right behind a tensor's end alone.
    fn committed_tensors(&mut self) {
        let columns = self.of.layout().committed_tensors.iter().flat_map(|of| &of.columns);
        for &column in columns {
            let copies = |row: &usize| self.is_copied(Column::First(column), *row);
            let filled = (0..self.rows()).take_while(copies).count();
            let whole = filled > 0 && !(filled..self.rows()).any(|row| copies(&row));
            self.check(whole, "a committed tensor has gaps", || format!("column {column}"));
        }
    }

    fn copies(&mut self, public: usize) {
        for cell in self.copied.clone() {
            let inside = cell.row < self.rows() || cell.column == Column::Instance;
            self.check(inside, "a cell beyond the rows is copied", || format!("{cell:?}"));
            let stated = cell.column != Column::Instance || cell.row < public;
            self.check(stated, "a public value that is none is copied", || format!("{cell:?}"));
        }
        for row in 0..public {
            let cell = CellRef { column: Column::Instance, row };
            let copies = self.of.copies().iter().filter(|(a, b)| *a == cell || *b == cell).count();
            let at = || format!("{row} is in {copies}");
            self.check(copies == 1, "a public value is not in one copy", at);
        }
    }
}

//! What is wrong with a placed circuit's memories and lists, which are told from the terms that they put on the bus.

use crate::findings::Findings;
use provenn_fixed_point::{Embedding, Gather, Keys, QuantGraph, QuantOp, TensorId};
use provenn_gadgets::bus::{BusTerm, Numerator, Value};
use provenn_gadgets::{Column, Gadget};
use std::collections::{BTreeMap, BTreeSet};

/// Keys of a memory or a list, in ascending order, and how many are looked up in it.
type Shape = (Vec<i64>, usize);

/// The keys of so many entries.
fn integers(Keys { first, unit }: Keys, count: usize) -> Vec<i64> {
    (first..).take(count).map(|key| unit * key).collect()
}

/// The memories that a graph asks for: one for each line of a gather or a sort, but for the elements of an order, which a
/// sort has looked up.
fn memories_of(graph: &QuantGraph) -> Vec<Shape> {
    let len = |id: TensorId| graph.tensors[id.0].len();
    let mut all = vec![];
    for (at, tensor) in graph.tensors.iter().enumerate() {
        match tensor.op {
            QuantOp::Sort { extent, .. } => {
                let line = (integers(Keys { first: 0, unit: 1 }, extent), extent);
                all.extend(std::iter::repeat_n(line, len(TensorId(at)) / extent));
            }
            QuantOp::Gather(gather) if !is_sorted(graph, gather) => {
                let Gather { data, lines, keys, .. } = gather;
                let line = (integers(keys, len(data) / lines), len(TensorId(at)) / lines);
                all.extend(std::iter::repeat_n(line, lines));
            }
            _ => {}
        }
    }
    all.sort();
    all
}

/// Whether a gather asks for a sort's elements in their order.
fn is_sorted(graph: &QuantGraph, Gather { data, indices, lines, keys }: Gather) -> bool {
    let order = &graph.tensors[indices.0];
    let QuantOp::Sort { operand, extent } = order.op else { return false };
    keys == (Keys { first: 0, unit: 1 }) && operand == data && order.len() / extent == lines
}

/// The lists that a graph asks for: one for each table, but for a row that constants name.
fn lists_of(graph: &QuantGraph) -> Vec<Shape> {
    let mut all = vec![];
    for tensor in &graph.tensors {
        let QuantOp::Embedding(Embedding { indices, rows, keys }) = &tensor.op else { continue };
        let indices = &graph.tensors[indices.0];
        let count = rows.len() / (tensor.len() / indices.len());
        if count == 1 && matches!(&indices.op, QuantOp::View { sources, .. } if sources.is_empty())
        {
            continue;
        }
        all.push((integers(*keys, count), indices.len()));
    }
    all.sort();
    all
}

fn fixed_column(value: Value) -> usize {
    let Value::Fixed(column) = value else { panic!("{value:?} is not fixed") };
    column
}

/// The columns of a memory's term: number and key where they are fixed, and committed cells.
struct Columns {
    number: usize,
    key: Option<usize>,
    cells: Vec<Column>,
}

impl Columns {
    fn of(term: &BusTerm) -> Self {
        let later = match term.numerator {
            Numerator::Weight(_) | Numerator::One | Numerator::Count(_) => None,
            Numerator::WeightSum(column) => Some(Column::Second(column)),
        };
        let key = match term.folded()[0] {
            Value::Fixed(column) => Some(column),
            Value::First(_) | Value::Constant(_) => None,
        };
        let cells = term.first_columns().map(Column::First).chain(later);
        Columns { number: fixed_column(term.tag()), key, cells: cells.collect() }
    }
}

impl Findings<'_> {
    fn terms(&self, gadget: Option<&dyn Gadget>) -> Vec<Columns> {
        let mut terms = vec![];
        gadget.into_iter().for_each(|gadget| gadget.terms(&mut terms));
        terms.iter().map(Columns::of).collect()
    }

    /// By number: keys and how many are looked up. A key that is there twice is found.
    fn shapes(&mut self, terms: &[Columns]) -> BTreeMap<i64, Shape> {
        let mut shapes: BTreeMap<i64, (BTreeSet<i64>, usize)> = BTreeMap::new();
        for Columns { number, key, .. } in terms {
            for row in 0..self.rows() {
                let (number, key) = (self.fixed(*number, row), key.map(|key| self.fixed(key, row)));
                if number == 0 {
                    continue;
                }
                let (keys, lookups) = shapes.entry(number).or_default();
                let Some(key) = key else {
                    *lookups += 1;
                    continue;
                };
                let at = || format!("{key} in {number}");
                let new = keys.insert(key);
                self.check(new, "a memory has a key twice", at);
            }
        }
        let shape = |(number, (keys, lookups)): (i64, (BTreeSet<i64>, usize))| {
            (number, (keys.into_iter().collect(), lookups))
        };
        shapes.into_iter().map(shape).collect()
    }

    /// Spaces are the graph's lines, no two of one number. Entries stand in blocks whose fingerprints are read, or are
    /// copied. Of what is looked up and read the key is read too, where there are several; and what is read as a
    /// value is looked up.
    pub(crate) fn memories(&mut self) {
        let memory = self.of.layout().memory.as_ref().map(|memory| memory as &dyn Gadget);
        let terms = self.terms(memory);
        let shapes = self.shapes(&terms);
        self.are_the_graphs("memories are not the graph's", &shapes, &memories_of(self.graph));
        let read: BTreeSet<(usize, usize)> = self.of.read_cells().into_iter().collect();
        for Columns { number, key, cells } in &terms {
            for row in 0..self.rows() {
                let number = self.fixed(*number, row);
                let is_read = |cell: &Column| match *cell {
                    Column::First(column) => read.contains(&(column, row)),
                    Column::Fixed(_) | Column::Second(_) | Column::Instance => false,
                };
                let all = cells.iter().all(is_read);
                let at = || format!("{cells:?} in row {row}");
                let one_key = shapes.get(&number).is_none_or(|(keys, _)| keys.len() < 2);
                let value = cells.last().filter(|cell| is_read(cell));
                let unread = key.is_none() && (one_key || value.is_none());
                self.check(number == 0 || all || unread, "a cell of a memory is free", at);
                // A gap of a block is a copy of zero.
                let found = number != 0 || value.is_none_or(|&cell| self.is_copied(cell, row));
                self.check(key.is_some() || found, "a value is looked up nowhere", at);
            }
        }
    }

    fn are_the_graphs(
        &mut self,
        what: &'static str,
        shapes: &BTreeMap<i64, Shape>,
        expected: &[Shape],
    ) {
        let mut shapes: Vec<&Shape> = shapes.values().collect();
        shapes.sort();
        let at = || format!("{shapes:?} where {expected:?} are asked for");
        self.check(shapes.iter().copied().eq(expected), what, at);
    }

    /// Lists are those of the graph's tables, no two of one number, each of rows that follow one another. Indices are
    /// copies, and what is summed at keys is read.
    pub(crate) fn lists(&mut self) {
        let gadget = self.of.layout().occurrences.as_ref().map(|of| of as &dyn Gadget);
        let terms = self.terms(gadget);
        let shapes = self.shapes(&terms);
        self.are_the_graphs("lists are not the graph's", &shapes, &lists_of(self.graph));
        for Columns { number, cells, .. } in &terms {
            for row in 0..self.rows() {
                let nobody = self.fixed(*number, row) == 0;
                for &cell in cells {
                    let bound = nobody || self.is_copied(cell, row);
                    self.check(bound, "a cell of a list is free", || format!("{cell:?}, {row}"));
                }
            }
        }
        for role in gadget.iter().flat_map(|gadget| gadget.roles()) {
            if let ("lists, last, step", [list, last, step]) = (role.name, role.columns.as_slice())
            {
                self.ends([list, last, step].map(|&column| {
                    let Column::Fixed(column) = column else { panic!("{column:?} is not fixed") };
                    column
                }));
            }
        }
    }

    /// Each row of a list goes on into the next of the same, or is its last.
    fn ends(&mut self, columns: [usize; 3]) {
        let mut ended = BTreeSet::new();
        for row in 0..self.rows() {
            let [list, last, step] = columns.map(|column| self.fixed(column, row));
            let next = self.fixed(columns[0], row + 1);
            let right = match (list, last, step) {
                (0, 0, 0) => true,
                (0, ..) => false,
                (_, 1, 0) => ended.insert(list),
                (_, 0, 1) => next == list && row + 1 < self.rows(),
                _ => false,
            };
            self.check(right, "a list does not end once", || format!("{list} in row {row}"));
        }
    }
}

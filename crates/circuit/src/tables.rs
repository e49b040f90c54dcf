//! The lookup tables of a circuit, in the order they fill the table banks.

use provenn_fixed_point::{Linear, Piecewise, QuantGraph, QuantOp};
use provenn_gadgets::logup::{FUNCTION, GAP};
use std::collections::BTreeMap;

/// All tables: the zero row, the range tables, the border table, the function tables.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    /// (tag, values) of every row in order.
    starts: BTreeMap<i64, (usize, i64, usize)>,
    functions: Vec<Piecewise>,
    rows: usize,
}

impl Tables {
    /// Range tables for the limbs, the border table, and one table per distinct function.
    pub(crate) fn new(graph: &QuantGraph) -> Self {
        let mut tables = Tables { starts: BTreeMap::new(), functions: vec![], rows: 1 };
        let shape = provenn_gadgets::Shape {
            shift: graph.shift,
            low_bits: graph.low_bits,
            ..provenn_gadgets::Shape::default()
        };
        let mut widths = shape.remainder_limbs();
        widths.push(graph.low_bits);
        widths.sort_unstable();
        widths.dedup();
        for width in widths {
            tables.push(i64::from(width), 0, 1 << width);
        }
        let borders = graph.tensors.iter().filter_map(|t| match &t.op {
            QuantOp::Rescale { linear: Linear::Conv { .. }, accumulator, .. } => Some(*accumulator),
            _ => None,
        });
        let step = graph.shift + graph.low_bits;
        let half = 1_i64 << (graph.shift - 1);
        let (mut low, mut high) = (0, -1);
        for interval in borders {
            low = low.min((interval.lo.min(0) + half) >> step);
            high = high.max((interval.hi.max(0) + half) >> step);
        }
        if high >= low {
            tables.push(GAP, low, usize::try_from(high - low + 1).unwrap_or(usize::MAX));
        }
        tables
    }

    fn push(&mut self, tag: i64, first: i64, length: usize) {
        self.starts.insert(tag, (self.rows, first, length));
        self.rows = self.rows.saturating_add(length);
    }

    /// The tag of a function, adding its table if it is new.
    pub(crate) fn function(&mut self, function: &Piecewise) -> i64 {
        let index = self.functions.iter().position(|f| f == function).unwrap_or_else(|| {
            let tag = FUNCTION + i64::try_from(self.functions.len()).unwrap_or(i64::MAX);
            self.push(tag, function.first, function.entries.len());
            self.functions.push(function.clone());
            self.functions.len() - 1
        });
        FUNCTION + i64::try_from(index).unwrap_or(i64::MAX)
    }

    /// The tag of a function that has a table.
    pub(crate) fn tag(&self, function: &Piecewise) -> i64 {
        let index = self.functions.iter().position(|f| f == function).unwrap_or(0);
        FUNCTION + i64::try_from(index).unwrap_or(i64::MAX)
    }

    /// Number of rows over all banks.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Table row of (tag, key), if it exists.
    pub(crate) fn index(&self, tag: i64, key: i64) -> Option<usize> {
        if tag == 0 {
            return (key == 0).then_some(0);
        }
        let &(start, first, length) = self.starts.get(&tag)?;
        let at = usize::try_from(key.checked_sub(first)?).ok()?;
        (at < length).then_some(start + at)
    }

    /// The key of a table's first row; cells hold keys relative to it.
    pub(crate) fn first(&self, tag: i64) -> i64 {
        self.starts.get(&tag).map_or(0, |&(_, first, _)| first)
    }

    /// Keys that a table holds.
    pub(crate) fn bounds(&self, tag: i64) -> (i64, i64) {
        self.starts.get(&tag).map_or((0, 0), |&(_, first, length)| {
            (first, first.saturating_add(i64::try_from(length).unwrap_or(i64::MAX) - 1))
        })
    }

    /// Slope and base of a row.
    pub(crate) fn entry(&self, tag: i64, key: i64) -> (i64, i64) {
        let function = usize::try_from(tag - FUNCTION).ok().and_then(|i| self.functions.get(i));
        function
            .and_then(|f| usize::try_from(key - f.first).ok().and_then(|i| f.entries.get(i)))
            .copied()
            .unwrap_or((0, 0))
    }

    /// Every row as (v0, v1, v2, tag).
    pub(crate) fn tuples(&self) -> Vec<[i64; 4]> {
        let mut tuples = vec![[0; 4]; self.rows];
        for (&tag, &(start, first, length)) in &self.starts {
            for (key, tuple) in (first..).zip(&mut tuples[start..start + length]) {
                let (slope, base) = self.entry(tag, key);
                // Stored from 0: a negative field element would cost a full-width commitment.
                *tuple = [key - first, slope, base, tag];
            }
        }
        tuples
    }
}

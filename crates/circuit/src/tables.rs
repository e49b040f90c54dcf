//! The lookup tables of a circuit, in the order they fill the table banks.

use crate::boundary::BoundaryTerms;
use crate::error::CompileError;
use crate::ranges::Ranges;
use provenn_fixed_point::{
    Format, Interval, Linear, Piecewise, QuantGraph, QuantOp, QuantTensor, Rescale, TensorId,
};
use provenn_gadgets::ActivationBanks;
use provenn_gadgets::table::{FUNCTION, GAP};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// A table's place among all rows, and the key of its first one.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    first: i64,
    length: usize,
}

/// A table's row for one key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// The key as cells hold it: relative to the table's first.
    pub(crate) key: i64,
    pub(crate) slope: i64,
    pub(crate) base: i64,
}

/// All tables: the zero row, the range tables of limbs, the boundary table, the function tables.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    spans: BTreeMap<i64, Span>,
    functions: Vec<Piecewise>,
    /// The function's tag of each tensor that has one.
    tags: Vec<Option<i64>>,
    rows: usize,
}

impl Tables {
    /// Range tables for the limbs, the boundary table if boundary terms stand in lanes, one table per distinct function.
    pub(crate) fn new(
        graph: &QuantGraph,
        boundary: BoundaryTerms,
        ranges: Option<Ranges>,
    ) -> Result<Self, CompileError> {
        let tags = vec![None; graph.tensors.len()];
        let mut tables = Tables { spans: BTreeMap::new(), functions: vec![], tags, rows: 1 };
        let mut widths = vec![];
        for &Format { shift, low_bits } in &in_use(graph) {
            let (banks, lanes) = (1, 1);
            let limbs = ActivationBanks { banks, lanes, shift, low_bits }.remainder_limbs();
            widths.extend(limbs.into_iter().chain([low_bits]));
        }
        // Limbs of maxima that take in no rescale.
        if graph.tensors.iter().any(|tensor| matches!(tensor.op, QuantOp::Maximum { .. })) {
            widths.extend(graph.formats.first().map(|format| format.low_bits));
        }
        widths.extend(ranges.map(|ranges| ranges.width));
        widths.sort_unstable();
        widths.dedup();
        for width in widths {
            tables.push(i64::from(width), 0, 1 << width);
        }
        if boundary == BoundaryTerms::InLanes
            && let Some(Interval { lo, hi }) = gaps(graph)
        {
            let length = usize::try_from(hi.abs_diff(lo).saturating_add(1)).unwrap_or(usize::MAX);
            tables.push(GAP, lo, length);
        }
        let rescales = graph
            .tensors
            .iter()
            .enumerate()
            .filter_map(|(at, tensor)| Some((TensorId(at), tensor.op.rescale()?.function)));
        let mut seen: FxHashMap<&Piecewise, i64> = FxHashMap::default();
        // Steps of a recurrence share tables, and comparing all their rows takes longer than all else here.
        let mut shared: FxHashMap<(*const (i64, i64), usize, i64), i64> = FxHashMap::default();
        for (id, function) in rescales {
            let place = (function.entries.as_ptr(), function.entries.len(), function.first);
            let tag = match shared.get(&place).or_else(|| seen.get(function)) {
                Some(tag) => *tag,
                None => {
                    let number = i64::try_from(tables.functions.len());
                    let tag = number.ok().and_then(|number| FUNCTION.checked_add(number));
                    let tag =
                        tag.ok_or_else(|| CompileError::internal(graph, id, "too many tables"))?;
                    tables.push(tag, function.first, function.entries.len());
                    tables.functions.push(function.clone());
                    seen.insert(function, tag);
                    tag
                }
            };
            shared.insert(place, tag);
            tables.tags[id.0] = Some(tag);
        }
        Ok(tables)
    }

    fn push(&mut self, tag: i64, first: i64, length: usize) {
        self.spans.insert(tag, Span { start: self.rows, first, length });
        self.rows = self.rows.saturating_add(length);
    }

    /// The tag of a tensor's function; `None` if it has no table.
    pub(crate) fn tag(&self, tensor: TensorId) -> Option<i64> {
        self.tags.get(tensor.0).copied().flatten()
    }

    /// Tag, first key and length of every table, in the order of their rows.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (i64, i64, usize)> {
        let mut spans: Vec<_> = self.spans.iter().map(|(tag, span)| (*tag, *span)).collect();
        spans.sort_unstable_by_key(|(_, span)| span.start);
        spans.into_iter().map(|(tag, Span { first, length, .. })| (tag, first, length))
    }

    /// Number of rows over all banks.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The same with the table of these ranges.
    pub(crate) fn rows_with(&self, ranges: Option<Ranges>) -> usize {
        let new = ranges.filter(|of| !self.spans.contains_key(&i64::from(of.width)));
        self.rows.saturating_add(new.map_or(0, |ranges| 1 << ranges.width))
    }

    /// The row of a key, if the table has it.
    pub(crate) fn row(&self, tag: i64, key: i64) -> Option<Row> {
        let Span { first, length, .. } = *self.spans.get(&tag)?;
        let relative = key.checked_sub(first)?;
        let at = usize::try_from(relative).ok().filter(|at| *at < length)?;
        let (slope, base) = self.output(tag, at)?;
        Some(Row { key: relative, slope, base })
    }

    /// Where among all rows a tuple (v0, v1, v2, tag) stands; zeros at its end may be left out.
    pub(crate) fn find(&self, tuple: &[i64]) -> Option<usize> {
        let value = |at: usize| tuple.get(at).copied().unwrap_or(0);
        if tuple.is_empty() {
            return Some(0);
        }
        let (key, output, tag) = (value(0), (value(1), value(2)), value(3));
        let Span { start, length, .. } = *self.spans.get(&tag)?;
        let at = usize::try_from(key).ok().filter(|at| *at < length)?;
        (tuple.len() == 4 && self.output(tag, at)? == output).then_some(start.checked_add(at)?)
    }

    /// The key of a table's first row; cells hold keys relative to it.
    pub(crate) fn first(&self, tag: i64) -> Option<i64> {
        self.spans.get(&tag).map(|span| span.first)
    }

    /// Keys that a table holds, for messages.
    pub(crate) fn bounds(&self, tag: i64) -> (i64, i64) {
        self.spans.get(&tag).map_or((0, 0), |&Span { first, length, .. }| {
            let length = i64::try_from(length).unwrap_or(i64::MAX);
            (first, first.saturating_add(length).saturating_sub(1))
        })
    }

    /// Slope and base of a table's row: those of its function, or zeros of range tables and of the boundary table.
    fn output(&self, tag: i64, at: usize) -> Option<(i64, i64)> {
        match tag.checked_sub(FUNCTION).map(usize::try_from) {
            Some(Ok(function)) => self.functions.get(function)?.entries.get(at).copied(),
            Some(Err(_)) | None => Some((0, 0)),
        }
    }

    /// Every row as (v0, v1, v2, tag), the zero row first.
    pub(crate) fn tuples(&self) -> impl Iterator<Item = [i64; 4]> + '_ {
        let mut spans: Vec<(i64, Span)> =
            self.spans.iter().map(|(tag, span)| (*tag, *span)).collect();
        spans.sort_unstable_by_key(|(_, span)| span.start);
        let rows = spans.into_iter().flat_map(move |(tag, Span { length, .. })| {
            // Stored from 0: a negative field element would cost a full-width commitment.
            (0_i64..).zip(0..length).filter_map(move |(key, at)| {
                let (slope, base) = self.output(tag, at)?;
                Some([key, slope, base, tag])
            })
        });
        std::iter::once([0; 4]).chain(rows)
    }
}

/// The formats that something is rescaled in.
pub(crate) fn in_use(graph: &QuantGraph) -> BTreeSet<Format> {
    let of = |tensor: &QuantTensor| graph.format(tensor.op.rescale()?.format);
    graph.tensors.iter().filter_map(of).collect()
}

/// The highs of everything that convolutions drop: hull of their accumulators with zero.
fn gaps(graph: &QuantGraph) -> Option<Interval> {
    let highs = graph.tensors.iter().filter_map(|tensor| {
        let Rescale { format, accumulator, .. } = tensor.op.rescale()?;
        let Linear::Conv { .. } = tensor.op.linear()? else { return None };
        let format = graph.format(format)?;
        let high = |y: i64| format.rescale(y) >> format.low_bits;
        Some(Interval { lo: high(accumulator.lo.min(0)), hi: high(accumulator.hi.max(0)) })
    });
    highs.reduce(Interval::hull)
}

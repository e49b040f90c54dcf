//! What a circuit states otherwise than the oracle: its cells, its identities, its tables.

use super::claims::{activation, at, plain};
use super::form::Element;
use super::function::Function;
use super::made::Oracle;
use super::windows;
use crate::forgery::table;
use halo2_proofs::halo2curves::bn256::Fr;
use provenn_circuit::CompiledCircuit;
use provenn_fixed_point::{QuantOp, TensorId};
use provenn_gadgets::testing::{Demanded, Subject, Unknown};
use std::collections::BTreeMap;

/// One thing that is otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// An element's cells hold other integers.
    Held(Element),
    /// Identities demand another accumulator.
    Accumulator(Element),
    /// Identities demand something else of a copy of an element.
    Copy(Element),
    /// Identities leave an accumulator or a plain cell free: of which element, if it is one's.
    Free(Option<Element>),
    /// An element's table has no, another, or a second output where high is this.
    Table(Element, i64),
    /// An element that a table makes stands nowhere.
    Nowhere(Element),
    /// Identities demand something else of what is no element's: a boundary term, a lane without one.
    Elsewhere,
    /// No integers would satisfy the identities.
    Contradiction,
}

/// What identities state.
#[derive(Clone, Debug)]
pub struct Stated {
    /// Cells that identities determine or leave free.
    pub unknowns: usize,
    /// How many of them are determined.
    pub rank: usize,
    /// What is otherwise.
    pub differences: Vec<Difference>,
}

/// What the identities of these columns demand otherwise, tables aside.
#[must_use]
pub fn identities(
    compiled: &CompiledCircuit,
    subject: &Subject,
    draw: impl FnMut() -> Fr,
) -> Stated {
    let elements = elements(compiled, subject);
    let of = |unknown: &Unknown| match unknown {
        Unknown::Accumulator { column, row, .. } | Unknown::Plain { column, row } => {
            elements.get(&(*column, *row)).copied()
        }
        Unknown::Later { .. } | Unknown::Dropped { .. } => None,
    };
    let Demanded { rank, off, contradiction } = subject.demanded(draw);
    let demanded = off.iter().map(|(unknown, _)| match (unknown, of(unknown)) {
        (Unknown::Accumulator { .. }, Some(element)) => Difference::Accumulator(element),
        (Unknown::Plain { .. }, Some(element)) => Difference::Copy(element),
        (Unknown::Later { .. } | Unknown::Dropped { .. }, _) | (_, None) => Difference::Elsewhere,
    });
    let free = rank.unbound.iter().map(|unknown| Difference::Free(of(unknown)));
    let mut differences: Vec<Difference> = demanded.chain(free).collect();
    differences.extend(contradiction.then_some(Difference::Contradiction));
    Stated { unknowns: rank.unknowns, rank: rank.rank, differences }
}

/// Which element a first-phase cell holds or is the high part of.
fn elements(compiled: &CompiledCircuit, subject: &Subject) -> BTreeMap<(usize, usize), Element> {
    let mut elements = BTreeMap::new();
    for place in compiled.activation_places() {
        let column = subject.layout().activation[place.bank].high[place.lane];
        elements.insert((column, place.row), (place.tensor, place.element));
    }
    for place in compiled.maximum_places() {
        elements.extend(windows::unknowns(subject, compiled.graph(), place));
    }
    for place in compiled.plain_places() {
        elements.insert((plain(subject, place), place.row), (place.tensor, place.element));
    }
    elements
}

/// What honest columns hold otherwise.
#[must_use]
pub fn cells(
    compiled: &CompiledCircuit,
    oracle: &Oracle<'_>,
    values: &[Vec<i64>],
    subject: &Subject,
) -> Vec<Difference> {
    let mut differences = vec![];
    let mut stands: Vec<Vec<bool>> = oracle.forms.iter().map(|f| vec![false; f.len()]).collect();
    for place in compiled.activation_places() {
        let element = (place.tensor, place.element);
        stands[element.0.0][element.1] = true;
        let y = oracle.forms[element.0.0][element.1].at(values);
        let parts = activation(place).read(subject);
        let held = [parts.high, parts.low, parts.remainder].map(i128::from);
        let function = Function::of(oracle.graph, place.tensor);
        let right = function.is_some_and(|function| function.split(y) == held);
        if !right || parts.output() != at(values, element) {
            differences.push(Difference::Held(element));
        }
    }
    let [taken_in, _] = windows::taken_in(compiled, subject);
    for place in compiled.maximum_places() {
        let element = (place.tensor, place.element);
        let seen = windows::seen(subject, place);
        if seen.output != at(values, element) {
            differences.push(Difference::Held(element));
        }
        let takes_in = windows::takes_in(subject, place);
        let of = windows::elements(oracle.graph, element);
        for (&of, [distance, remainder]) in of.iter().zip(seen.elements) {
            let quotient = seen.largest - distance;
            let held = match Function::of(oracle.graph, of.0).filter(|_| takes_in) {
                None => (quotient, remainder) == (at(values, of).into(), 0),
                Some(function) => {
                    let y = oracle.forms[of.0.0][of.1].at(values);
                    let [high, low, dropped] = function.split(y);
                    [(high << function.low_bits) + low, dropped] == [quotient, remainder]
                }
            };
            if !held {
                differences.push(Difference::Held(of));
            }
            if takes_in {
                stands[of.0.0][of.1] = true;
            }
        }
    }
    // What windows leave over is read by nobody.
    let left_over = |(id, at): Element| {
        let maxima = oracle.graph.tensors.iter().enumerate();
        let mut windows = maxima.filter(
            |(_, tensor)| matches!(tensor.op, QuantOp::Maximum { operand, .. } if operand == id),
        );
        windows.all(|(maximum, tensor)| {
            let all = (0..tensor.len()).map(|at| (TensorId(maximum), at));
            all.flat_map(|of| windows::elements(oracle.graph, of)).all(|of| of != (id, at))
        })
    };
    for place in compiled.plain_places() {
        let element = (place.tensor, place.element);
        if subject.first(plain(subject, place), place.row) != at(values, element) {
            differences.push(Difference::Held(element));
        }
    }
    for (id, stands) in stands.iter().enumerate() {
        let id = TensorId(id);
        let made = Function::of(oracle.graph, id).is_some();
        let missing = stands.iter().enumerate().filter(|(_, stands)| made && !**stands);
        let missing = missing.map(|(at, _)| (id, at));
        let missing = missing.filter(|of| !(taken_in.contains(&id) && left_over(*of)));
        differences.extend(missing.map(Difference::Nowhere));
    }
    differences
}

/// What the tables of elements are otherwise, for all that their accumulators can be.
#[must_use]
pub fn tables(
    compiled: &CompiledCircuit,
    oracle: &Oracle<'_>,
    subject: &Subject,
) -> Vec<Difference> {
    let mut by_tag: BTreeMap<i64, BTreeMap<i64, Vec<(i64, i64)>>> = BTreeMap::new();
    let mut differences = vec![];
    let activations = compiled
        .activation_places()
        .into_iter()
        .map(|place| ((place.tensor, place.element), place.tensor, activation(place).tag(subject)));
    let maxima = compiled.maximum_places().into_iter();
    let maxima = maxima.filter(|place| windows::takes_in(subject, *place)).map(|place| {
        let element = (place.tensor, place.element);
        let (of, _) = windows::elements(oracle.graph, element)[0];
        (element, of, windows::seen(subject, place).tag)
    });
    for (element, of, tag) in activations.chain(maxima) {
        let Some(function) = Function::of(oracle.graph, of) else { continue };
        let rows = by_tag.entry(tag).or_insert_with(|| {
            let mut rows: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
            for [high, slope, base] in table(subject, tag) {
                rows.entry(high).or_default().push((slope, base));
            }
            rows
        });
        let ends = [function.accumulator.lo, function.accumulator.hi];
        let [first, last] = ends.map(|y| function.split(i128::from(y))[0]);
        let last_low = (1_i128 << function.low_bits) - 1;
        for high in first..=last {
            let expected = function.entry(high);
            let key = i64::try_from(high).expect("a table's key");
            let found = rows.get(&key).map_or(&[][..], Vec::as_slice);
            // A segment is linear: equal at both ends, it is equal.
            let value = |(slope, base): (i64, i64), low| i128::from(slope) * low + i128::from(base);
            let same = |a, b| [0, last_low].iter().all(|&low| value(a, low) == value(b, low));
            if !matches!((found, expected), (&[one], Some(entry)) if same(one, entry)) {
                differences.push(Difference::Table(element, key));
            }
        }
    }
    differences
}

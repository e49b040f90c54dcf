//! Windows of maxima: their elements by definition, and what cells say of them.

use super::form::Element;
use provenn_circuit::{CompiledCircuit, ElementPlace};
use provenn_fixed_point::{QuantGraph, QuantOp, TensorId};
use provenn_gadgets::MaximumBank;
use provenn_gadgets::maximum::LargestCells;
use provenn_gadgets::testing::Subject;
use std::collections::BTreeSet;

/// What cells say of a window.
pub(super) struct Seen {
    /// m, counted from the table's first entry where there is a function.
    pub(super) largest: i128,
    pub(super) output: i64,
    /// d and r of each element.
    pub(super) elements: Vec<[i128; 2]>,
    /// Of its function, or its limbs' width.
    pub(super) tag: i64,
}

fn bank(subject: &Subject, place: ElementPlace) -> &MaximumBank {
    &subject.layout().maximum[place.bank]
}

/// Whether a window's elements are rescaled where it stands.
pub(super) fn takes_in(subject: &Subject, place: ElementPlace) -> bool {
    matches!(bank(subject, place).largest, LargestCells::Function { .. })
}

/// Tensors whose outputs stand nowhere, and the maxima that take them in.
pub(super) fn taken_in(compiled: &CompiledCircuit, subject: &Subject) -> [BTreeSet<TensorId>; 2] {
    let places = compiled.maximum_places().into_iter();
    let maxima: BTreeSet<TensorId> =
        places.filter(|place| takes_in(subject, *place)).map(|place| place.tensor).collect();
    let operand = |id: &TensorId| operand(compiled.graph(), *id).0;
    [maxima.iter().map(operand).collect(), maxima]
}

fn operand(graph: &QuantGraph, id: TensorId) -> (TensorId, [usize; 2]) {
    match graph.tensors[id.0].op {
        QuantOp::Maximum { operand, window } => (operand, window),
        _ => panic!("no maximum"),
    }
}

/// The elements of the window that an element is the largest of, row by row.
pub(super) fn elements(graph: &QuantGraph, (id, element): Element) -> Vec<Element> {
    let (operand, [rows, columns]) = operand(graph, id);
    let [.., own_height, own_width] = graph.tensors[id.0].shape[..] else { panic!("no images") };
    let [.., height, width] = graph.tensors[operand.0].shape[..] else { panic!("no images") };
    let (i, j) = (element / own_width % own_height, element % own_width);
    let plane = element / (own_height * own_width);
    let mut all = vec![];
    for a in i * rows..(i + 1) * rows {
        for b in j * columns..(j + 1) * columns {
            all.push((operand, (plane * height + a) * width + b));
        }
    }
    all
}

pub(super) fn seen(subject: &Subject, place: ElementPlace) -> Seen {
    let bank = bank(subject, place);
    let at = |column: usize| i128::from(subject.first(column, place.row));
    let value = |limbs: &[Vec<usize>]| {
        let limbs = limbs.iter().rev().map(|limb| at(limb[place.lane]));
        limbs.fold(0, |value, limb| (value << bank.low_bits) + limb)
    };
    let each = bank.distance.iter().zip(&bank.remainder);
    let elements = each.map(|(distance, remainder)| [value(distance), value(remainder)]).collect();
    let cell = |cells: &[usize]| subject.first(cells[place.lane], place.row);
    let (largest, output) = match &bank.largest {
        LargestCells::Itself(cells) => (cell(cells).into(), cell(cells)),
        LargestCells::Function { high, low, slope, base } => (
            (i128::from(cell(high)) << bank.low_bits) + i128::from(cell(low)),
            cell(slope) * cell(low) + cell(base),
        ),
    };
    let tag = subject.fixed_integer(bank.tag[place.lane], place.row);
    Seen { largest, output, elements, tag }
}

/// Has a table give out something else.
pub(super) fn claim(subject: &mut Subject, place: ElementPlace, output: i64) {
    let LargestCells::Function { slope, base, .. } = bank(subject, place).largest.clone() else {
        return;
    };
    subject.set_first(slope[place.lane], place.row, 0);
    subject.set_first(base[place.lane], place.row, output);
}

/// The cells that an element's sum is moved by, by element.
pub(super) fn unknowns(
    subject: &Subject,
    graph: &QuantGraph,
    place: ElementPlace,
) -> Vec<((usize, usize), Element)> {
    let cells = bank(subject, place).distance.iter().map(|limbs| limbs[0][place.lane]);
    let cells = cells.map(|column| (column, place.row));
    cells.zip(elements(graph, (place.tensor, place.element))).collect()
}

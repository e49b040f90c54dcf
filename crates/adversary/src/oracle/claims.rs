//! Columns of a prover who lets tables give out anything, and follows the oracle in all else.

use super::form::Element;
use super::function::Function;
use super::made::Oracle;
use super::windows;
use crate::forgery::Place;
use crate::random::Random;
use provenn_circuit::{CompiledCircuit, ElementPlace};
use provenn_gadgets::families::Fingerprint;
use provenn_gadgets::testing::Subject;

/// Such columns.
#[derive(Clone, Debug)]
pub struct Claims {
    /// The columns.
    pub subject: Subject,
    /// The integers that they hold, by tensor.
    pub values: Vec<Vec<i64>>,
    /// Outputs of tables that are not the table's.
    pub claimed: usize,
}

/// So many percent of all outputs of tables are any integers of their intervals; accumulators are what the oracle's forms
/// are of these. `None` where an operation has no result for them, or a sum leaves what its readers are made for.
#[must_use]
pub fn claims(
    compiled: &CompiledCircuit,
    oracle: &Oracle<'_>,
    inputs: &[Vec<i64>],
    random: &mut Random,
    percent: usize,
) -> Option<Claims> {
    // Which columns there are does not depend on what they hold.
    let honest = compiled.assign(&compiled.witness(inputs).ok()?).ok()?;
    let [taken_in, maxima] = windows::taken_in(compiled, &Subject::new(&honest.0, &honest.1));
    let mut claimed = 0;
    let values = oracle.values_but(inputs, |id, _, honest| {
        let rescaled = Function::of(oracle.graph, id).is_some() && !taken_in.contains(&id);
        if !rescaled && !maxima.contains(&id) {
            return honest;
        }
        let interval = oracle.graph.tensors[id.0].interval;
        let anything = random.chance(percent);
        let x = if anything { random.between(interval.lo, interval.hi) } else { honest };
        claimed += usize::from(x != honest);
        x
    })?;
    let (circuit, instance) = compiled.assign(&compiled.claimed(values.clone())).ok()?;
    let mut subject = Subject::new(&circuit, &instance);
    for place in compiled.activation_places() {
        let element = (place.tensor, place.element);
        let y = oracle.forms[element.0.0][element.1].at(&values);
        let parts = Function::of(oracle.graph, place.tensor)?.claim(y, at(&values, element));
        activation(place).write(&mut subject, parts);
    }
    for place in compiled.maximum_places() {
        windows::claim(&mut subject, place, at(&values, (place.tensor, place.element)));
    }
    subject.finish();
    Some(Claims { subject, values, claimed })
}

/// The cells of an element that a table makes.
pub(super) fn activation(place: ElementPlace) -> Place {
    Place { bank: place.bank, lane: place.lane, row: place.row }
}

/// The cell of an element in a plain bank: its column.
pub(super) fn plain(subject: &Subject, place: ElementPlace) -> usize {
    subject.layout().plain[place.bank].cells()[place.lane]
}

pub(super) fn at(values: &[Vec<i64>], (tensor, element): Element) -> i64 {
    values[tensor.0][element]
}

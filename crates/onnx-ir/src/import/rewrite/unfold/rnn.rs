//! `RNN`: one function of the sum of both products.

use super::super::draft::Draft;
use super::Known;
use super::recurrent::{Kind, Side, State, Step, unfold};
use crate::import::reason::Reason;

pub(super) fn rnn(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    unfold(draft, known, &Kind { gates: 1, activations: &["Tanh"], cell: false, biased: 1, step })
}

fn step(side: &mut Side<'_, '_>, step: Step<'_>) -> Result<State, Reason> {
    let Step { name, x, before } = step;
    let mut sum = x;
    if let Some(h) = &before.h {
        let r = side.r.clone();
        let hr = side.both(&format!("{name}.hr"), "MatMul", h, &r);
        sum = side.both(&format!("{name}.sum"), "Add", &sum, &hr);
    }
    let h = side.activate(&format!("{name}.h"), 0, &sum)?;
    Ok(State { h: Some(h), c: None })
}

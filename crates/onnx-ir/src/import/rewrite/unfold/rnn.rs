//! `RNN`: one function of the sum of both products.

use super::super::draft::Draft;
use super::Known;
use super::recurrent::{Kind, Of, Side, State, Step, unfold};
use crate::import::reason::Reason;

pub(super) fn rnn(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    unfold(
        draft,
        known,
        &Kind { gates: 1, activations: &["Tanh"], cell: false, quantised: false, step },
    )
}

fn step(side: &mut Side<'_, '_>, step: Step<'_>) -> Result<State, Reason> {
    let Step { name, x, before } = step;
    let both = side.beside(&format!("{name}.xh"), &x, before.h.as_deref());
    let sum = side.product(&format!("{name}.h"), Of::Both, &both, 0..1);
    let h = side.activate(&format!("{name}.h"), 0, &sum)?;
    Ok(State { h: Some(h), c: None })
}

//! `GRU`: gates z and r, and the candidate h.

use super::super::draft::Draft;
use super::Known;
use super::recurrent::{Kind, Of, Side, State, Step, unfold};
use crate::import::reason::Reason;

pub(super) fn gru(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    // Whether the gate r is applied to the state after its product with the weights, or before.
    let after = draft.integer("linear_before_reset", 0) != 0;
    let step = if after { reset_after } else { reset_before };
    unfold(
        draft,
        known,
        &Kind { gates: 3, activations: &["Sigmoid", "Tanh"], cell: false, quantised: false, step },
    )
}

/// Both gates.
fn gates(side: &mut Side<'_, '_>, step: &Step<'_>) -> Result<String, Reason> {
    let part = |part: &str| format!("{}.{part}", step.name);
    let both = side.beside(&part("xh"), &step.x, step.before.h.as_deref());
    let sum = side.product(&part("zr"), Of::Both, &both, 0..2);
    side.activate(&part("zr"), 0, &sum)
}

fn reset_after(side: &mut Side<'_, '_>, step: Step<'_>) -> Result<State, Reason> {
    let gates = gates(side, &step)?;
    let Step { name, x, before } = step;
    let part = |part: &str| format!("{name}.{part}");
    let h = before.h.clone().unwrap_or_else(|| side.zeros.clone());
    let of_state = side.product(&part("hh"), Of::H, &h, 2..3);
    let of_input = side.product(&part("hx"), Of::X, &x, 2..3);
    let r = side.gates(&part("r"), &gates, 1..2);
    let reset = side.both(&part("reset"), "Mul", &r, &of_state);
    let sum = side.both(&part("h.sum"), "Add", &of_input, &reset);
    mix(side, &name, &gates, &sum, before)
}

fn reset_before(side: &mut Side<'_, '_>, step: Step<'_>) -> Result<State, Reason> {
    let gates = gates(side, &step)?;
    let Step { name, x, before } = step;
    let part = |part: &str| format!("{name}.{part}");
    let reset = before.h.as_ref().map(|h| {
        let r = side.gates(&part("r"), &gates, 1..2);
        side.both(&part("reset"), "Mul", &r, h)
    });
    let both = side.beside(&part("xr"), &x, reset.as_deref());
    let sum = side.product(&part("candidate"), Of::Both, &both, 2..3);
    mix(side, &name, &gates, &sum, before)
}

/// (1 − z)·h + z·before, as h + z·(before − h): one product.
fn mix(
    side: &mut Side<'_, '_>,
    name: &str,
    gates: &str,
    sum: &str,
    before: &State,
) -> Result<State, Reason> {
    let part = |part: &str| format!("{name}.{part}");
    let candidate = side.activate(&part("candidate"), 1, sum)?;
    let z = side.gates(&part("z"), gates, 0..1);
    let distance = match &before.h {
        Some(h) => side.both(&part("distance"), "Sub", h, &candidate),
        None => side.draft.push(&part("distance"), "Neg", &[&candidate], vec![]),
    };
    let kept = side.both(&part("kept"), "Mul", &z, &distance);
    let h = side.both(&part("h"), "Add", &candidate, &kept);
    Ok(State { h: Some(h), c: None })
}

//! `GRU`: gates z and r, and the candidate h.

use super::super::draft::Draft;
use super::Known;
use super::recurrent::{Kind, Side, State, Step, unfold};
use crate::import::reason::Reason;

pub(super) fn gru(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    // Whether the gate r is applied to the state after its product with the weights, or before.
    let after = draft.integer("linear_before_reset", 0) != 0;
    let (biased, step): (usize, fn(&mut Side<'_, '_>, Step<'_>) -> Result<State, Reason>) =
        if after { (2, reset_after) } else { (3, reset_before) };
    let activations = &["Sigmoid", "Tanh"];
    unfold(draft, known, &Kind { gates: 3, activations, cell: false, biased, step })
}

fn reset_after(side: &mut Side<'_, '_>, step: Step<'_>) -> Result<State, Reason> {
    let Step { name, x, before } = step;
    let part = |part: &str| format!("{name}.{part}");
    let mut sum = side.gates(&part("zr.x"), &x, 0..2);
    let mut of_state = None;
    if let Some(h) = &before.h {
        let r = side.r.clone();
        let hr = side.both(&part("hr"), "MatMul", h, &r);
        let gates = side.gates(&part("zr.h"), &hr, 0..2);
        sum = side.both(&part("zr.sum"), "Add", &sum, &gates);
        of_state = Some(side.gates(&part("hh"), &hr, 2..3));
    }
    let gates = side.activate(&part("zr"), 0, &sum)?;
    if let Some(bias) = side.bias.clone() {
        let bias = side.gates(&part("bias"), &bias, 2..3);
        of_state = Some(match of_state {
            Some(hh) => side.both(&part("hhb"), "Add", &hh, &bias),
            None => bias,
        });
    }
    let mut sum = side.gates(&part("h.x"), &x, 2..3);
    if let Some(hh) = of_state {
        let r = side.gates(&part("r"), &gates, 1..2);
        let reset = side.both(&part("reset"), "Mul", &r, &hh);
        sum = side.both(&part("h.sum"), "Add", &sum, &reset);
    }
    mix(side, &name, &gates, &sum, before)
}

fn reset_before(side: &mut Side<'_, '_>, step: Step<'_>) -> Result<State, Reason> {
    let Step { name, x, before } = step;
    let part = |part: &str| format!("{name}.{part}");
    let r = side.r.clone();
    let mut sum = side.gates(&part("zr.x"), &x, 0..2);
    if let Some(h) = &before.h {
        let of_gates = side.gates(&part("zr.w"), &r, 0..2);
        let hr = side.both(&part("zr.h"), "MatMul", h, &of_gates);
        sum = side.both(&part("zr.sum"), "Add", &sum, &hr);
    }
    let gates = side.activate(&part("zr"), 0, &sum)?;
    let mut sum = side.gates(&part("h.x"), &x, 2..3);
    if let Some(h) = &before.h {
        let open = side.gates(&part("r"), &gates, 1..2);
        let reset = side.both(&part("reset"), "Mul", &open, h);
        let of_state = side.gates(&part("h.w"), &r, 2..3);
        let hr = side.both(&part("h.h"), "MatMul", &reset, &of_state);
        sum = side.both(&part("h.sum"), "Add", &sum, &hr);
    }
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

//! `LSTM`: gates i, o, f and what enters the cell, c.

use super::super::draft::Draft;
use super::Known;
use super::recurrent::{Kind, Operands, Side, State, Step, unfold};
use crate::import::reason::Reason;

pub(super) fn lstm(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    of_kind(draft, known, false)
}

/// Weights are bytes, and what they meet becomes bytes of its own range: the input as a whole, and every state.
pub(super) fn dynamic(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    of_kind(draft, known, true)
}

fn of_kind(draft: &mut Draft<'_>, known: &mut Known, quantised: bool) -> Result<(), Reason> {
    // With input_forget what is let in and what is kept add up to 1.
    let step = if draft.integer("input_forget", 0) == 0 { apart } else { coupled };
    let activations = &["Sigmoid", "Tanh", "Tanh"];
    unfold(draft, known, &Kind { gates: 4, activations, cell: true, quantised, step })
}

fn apart(side: &mut Side<'_, '_>, step: Step<'_>) -> Result<State, Reason> {
    take(side, step, false)
}

fn coupled(side: &mut Side<'_, '_>, step: Step<'_>) -> Result<State, Reason> {
    take(side, step, true)
}

fn take(side: &mut Side<'_, '_>, step: Step<'_>, coupled: bool) -> Result<State, Reason> {
    let Step { name, x, before } = step;
    let part = |part: &str| format!("{name}.{part}");
    let both = side.operands(&part("xh"), &x, before.h.as_deref())?;
    let (i, o, f) = match side.p.clone() {
        // The gates that read no cell have one function of one tensor.
        None => {
            let sum = side.sums(&part("iof"), &both, 0..3);
            let gates = side.activate(&part("iof"), 0, &sum)?;
            let i = side.gates(&part("i"), &gates, 0..1);
            let f = side.gates(&part("f"), &gates, 2..3);
            (i, Some(side.gates(&part("o"), &gates, 1..2)), f)
        }
        Some(p) => {
            let i = peephole(side, &part("i"), &both, 0, &p, before.c.as_deref());
            let f = peephole(side, &part("f"), &both, 2, &p, before.c.as_deref());
            (side.activate(&part("i"), 0, &i)?, None, side.activate(&part("f"), 0, &f)?)
        }
    };
    let c = side.sums(&part("c.in"), &both, 3..4);
    let c = side.activate(&part("c.in"), 1, &c)?;
    let entered = side.both(&part("c.entered"), "Mul", &i, &c);
    let cell = match &before.c {
        Some(kept) => {
            let f = match coupled {
                true => {
                    let one = side.draft.store(&part("one"), &[], vec![1.0]);
                    side.both(&part("f.coupled"), "Sub", &one, &i)
                }
                false => f,
            };
            let kept = side.both(&part("c.kept"), "Mul", &f, kept);
            side.both(&part("c"), "Add", &kept, &entered)
        }
        None => entered,
    };
    let o = match (o, side.p.clone()) {
        (None, Some(p)) => {
            let o = peephole(side, &part("o"), &both, 1, &p, Some(&cell));
            side.activate(&part("o"), 0, &o)?
        }
        (o, _) => o.ok_or("its weights are missing")?,
    };
    let out = side.activate(&part("c.out"), 2, &cell)?;
    let h = side.both(&part("h"), "Mul", &o, &out);
    Ok(State { h: Some(h), c: Some(cell) })
}

/// A gate's sum with what it reads of the cell: the gates i, o, f have their blocks in this order in all weights.
fn peephole(
    side: &mut Side<'_, '_>,
    part: &str,
    both: &Operands,
    gate: usize,
    p: &str,
    cell: Option<&str>,
) -> String {
    let sum = side.sums(part, both, gate..gate + 1);
    let Some(cell) = cell else { return sum };
    let p = side.gates(&format!("{part}.p"), p, gate..gate + 1);
    let seen = side.both(&format!("{part}.seen"), "Mul", cell, &p);
    side.both(&format!("{part}.all"), "Add", &sum, &seen)
}

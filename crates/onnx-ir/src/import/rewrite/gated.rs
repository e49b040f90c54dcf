//! `SwiGLU`: a value times a gate.

use super::draft::{Draft, number};
use crate::import::reason::Reason;

pub(in crate::import::rewrite) fn swiglu(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let (gate, value) =
        draft.input(0).zip(draft.input(1)).ok_or("its gate or its value is missing")?;
    let alpha = vec![number("alpha", draft.float("alpha", 1.0))];
    let gate = draft.push("gate", "Swish", &[gate], alpha);
    draft.finish(0, "Mul", &[&gate, value], vec![]);
    Ok(())
}

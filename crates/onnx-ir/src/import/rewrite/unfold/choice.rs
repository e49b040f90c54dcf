//! `If`: the branch that is taken, where the condition follows from constants and shapes.

use super::super::draft::Draft;
use super::Known;
use super::body::Body;
use crate::import::reason::Reason;

pub(super) fn choice(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    let condition = draft.input(0).ok_or("its condition is missing")?;
    let taken = match known.whole(condition) {
        Some(&[0]) => "else_branch",
        Some(&[_]) => "then_branch",
        _ => {
            return Err(Reason(format!(
                "its condition {condition} depends on an input, and only one branch can be proved: give that input \
                 a value (--fix INPUT=VALUE), or choose with Where"
            )));
        }
    };
    let body = Body::new(draft, taken, true)?;
    let outputs = body.copy(draft, taken, &[])?;
    if outputs.len() < draft.node.output.len() {
        return Err("its branch has too few outputs".into());
    }
    for (slot, output) in outputs.iter().enumerate() {
        draft.finish(slot, "Identity", &[output], vec![]);
    }
    Ok(())
}

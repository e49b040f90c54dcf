//! `Normalizer`: each row divided by its maximum, or by one of its norms.

use super::super::draft::{Draft, whole};
use super::number;
use crate::import::reason::Reason;

pub(in crate::import::rewrite) fn normalizer(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let x = number(draft)?;
    match draft.text("norm", "MAX") {
        "MAX" => {
            let largest = draft.reduce("largest", "ReduceMax", &x, -1, true);
            draft.finish(0, "Div", &[&x, &largest], vec![]);
        }
        norm @ ("L1" | "L2") => {
            let p = whole("p", if norm == "L1" { 1 } else { 2 });
            draft.finish(0, "LpNormalization", &[&x], vec![whole("axis", -1), p]);
        }
        other => return Err(Reason(format!("its norm {other} is none of MAX, L1 and L2"))),
    }
    Ok(())
}

//! `Binarizer`: 1 where x is larger than a threshold, 0 elsewhere.

use super::super::draft::{Draft, whole};
use super::number;
use crate::import::reason::Reason;
use crate::import::stored::kind;

pub(in crate::import::rewrite) fn binarizer(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let x = number(draft)?;
    let threshold = draft.float("threshold", 0.0);
    let threshold = draft.store("threshold", &[], vec![threshold]);
    let beyond = draft.push("beyond", "Greater", &[&x, &threshold], vec![]);
    draft.finish(0, "Cast", &[&beyond], vec![whole("to", i64::from(kind::FLOAT))]);
    Ok(())
}

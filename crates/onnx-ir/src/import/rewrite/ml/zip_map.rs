//! `ZipMap`: a map from class to score for each observation. The scores themselves are a matrix, which says the same.

use super::super::draft::Draft;
use crate::import::reason::Reason;

pub(in crate::import::rewrite) fn zip_map(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let scores = draft.input(0).ok_or("its input is missing")?;
    draft.finish(0, "Identity", &[scores], vec![]);
    Ok(())
}

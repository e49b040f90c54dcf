//! `Imputer`: one value replaced by another, column by column.

use super::super::draft::Draft;
use super::number;
use crate::import::reason::Reason;

pub(in crate::import::rewrite) fn imputer(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let whole = draft.integers("imputed_value_int64s").filter(|list| !list.is_empty());
    let floats = draft.floats("imputed_value_floats").filter(|list| !list.is_empty());
    let (x, replaced, imputed) = match (whole, floats) {
        (Some(imputed), _) => {
            let x = draft.input(0).ok_or("its input is missing")?.to_owned();
            let replaced = draft.integer("replaced_value_int64", 0);
            let replaced = draft.store_whole("replaced", &[], vec![replaced]);
            (x, replaced, draft.store_whole("imputed", &[imputed.len()], imputed.to_vec()))
        }
        (None, Some(imputed)) => {
            let x = number(draft)?;
            let replaced = draft.float("replaced_value_float", 0.0);
            if replaced.is_nan() {
                // No input holds NaN: there is nothing to replace.
                draft.finish(0, "Identity", &[&x], vec![]);
                return Ok(());
            }
            let replaced = draft.store("replaced", &[], vec![replaced]);
            (x, replaced, draft.store("imputed", &[imputed.len()], imputed))
        }
        (None, None) => return Err("it has no values to impute".into()),
    };
    let missing = draft.push("missing", "Equal", &[&x, &replaced], vec![]);
    draft.finish(0, "Where", &[&missing, &imputed, &x], vec![]);
    Ok(())
}

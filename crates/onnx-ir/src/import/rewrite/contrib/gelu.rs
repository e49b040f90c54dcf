//! `Gelu`, `BiasGelu`, `FastGelu` and `QuickGelu`.

use super::super::draft::{Draft, number, word};
use crate::import::reason::Reason;

/// Of a sum, where there is a bias.
pub(in crate::import::rewrite) fn gelu(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let x = biased(draft)?;
    draft.finish(0, "Gelu", &[&x], vec![]);
    Ok(())
}

/// By the hyperbolic tangent.
pub(in crate::import::rewrite) fn fast(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let x = biased(draft)?;
    draft.finish(0, "Gelu", &[&x], vec![word("approximate", "tanh")]);
    Ok(())
}

/// x·σ(alpha·x)
pub(in crate::import::rewrite) fn quick(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let x = draft.input(0).ok_or("an input is missing")?;
    let alpha = number("alpha", draft.float("alpha", 1.702));
    draft.finish(0, "Swish", &[x], vec![alpha]);
    Ok(())
}

fn biased(draft: &mut Draft<'_>) -> Result<String, Reason> {
    let x = draft.input(0).ok_or("an input is missing")?;
    Ok(match draft.input(1) {
        Some(bias) => draft.push("biased", "Add", &[x, bias], vec![]),
        None => x.to_owned(),
    })
}

//! `SkipLayerNormalization` and `SkipSimplifiedLayerNormalization`: a sum, and its normalisation.

use super::super::draft::{Draft, number};
use crate::import::reason::Reason;

/// The output that is the sum.
const SUM: usize = 3;

pub(in crate::import::rewrite) fn layer(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let gamma = draft.input(2).ok_or("its gamma is missing")?;
    let (beta, bias) = (draft.input(3), draft.input(4));
    let sum = sum(draft, bias)?;
    let inputs: Vec<&str> = [sum.as_str(), gamma].into_iter().chain(beta).collect();
    let epsilon = number("epsilon", draft.float("epsilon", 1e-12));
    draft.finish(0, "LayerNormalization", &inputs, vec![epsilon]);
    Ok(())
}

pub(in crate::import::rewrite) fn simplified(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let gamma = draft.input(2).ok_or("its gamma is missing")?;
    let bias = draft.input(3);
    let sum = sum(draft, bias)?;
    let epsilon = number("epsilon", draft.float("epsilon", 1e-12));
    draft.finish(0, "RMSNormalization", &[&sum, gamma], vec![epsilon]);
    Ok(())
}

fn sum(draft: &mut Draft<'_>, bias: Option<&str>) -> Result<String, Reason> {
    let (x, skip) = draft.input(0).zip(draft.input(1)).ok_or("an input is missing")?;
    if draft.output(1) || draft.output(2) {
        return Err("its outputs of mean and deviation are not supported".into());
    }
    let mut sum = draft.push("sum", "Add", &[x, skip], vec![]);
    if let Some(bias) = bias {
        sum = draft.push("biased", "Add", &[&sum, bias], vec![]);
    }
    draft.finish(SUM, "Identity", &[&sum], vec![]);
    Ok(sum)
}

//! `NegativeLogLikelihoodLoss` and `SoftmaxCrossEntropyLoss`: the element that each target names, weighed, negated, and
//! reduced.

use super::draft::{Draft, whole};
use crate::import::reason::Reason;
use crate::import::stored::kind;

/// The axis of classes.
const CLASSES: i64 = 1;

pub(in crate::import::rewrite) fn negative_log_likelihood(
    draft: &mut Draft<'_>,
) -> Result<(), Reason> {
    let x = draft.input(0).ok_or("an input is missing")?;
    loss(draft, x)
}

pub(in crate::import::rewrite) fn softmax_cross_entropy(
    draft: &mut Draft<'_>,
) -> Result<(), Reason> {
    let x = draft.input(0).ok_or("an input is missing")?;
    // Spelt out, since `LogSoftmax` flattens before version 13.
    let sum = draft.reduce("log_sum", "ReduceLogSumExp", x, CLASSES, true);
    let log = draft.push("log", "Sub", &[x, &sum], vec![]);
    draft.finish(1, "Identity", &[&log], vec![]);
    loss(draft, &log)
}

fn loss(draft: &mut Draft<'_>, log: &str) -> Result<(), Reason> {
    let target = draft.input(1).ok_or("its target is missing")?;
    let mut target =
        draft.push("target", "Cast", &[target], vec![whole("to", i64::from(kind::INT64))]);
    let mut weight = None;
    if draft.given("ignore_index") {
        let ignored = draft.integer("ignore_index", 0);
        let ignored = draft.store_whole("ignore_index", &[], vec![ignored]);
        let (left_out, zero) = (
            draft.push("left_out", "Equal", &[&target, &ignored], vec![]),
            draft.store_whole("zero", &[], vec![0]),
        );
        target = draft.push("safe", "Where", &[&left_out, &zero, &target], vec![]);
        let kept = draft.push("kept", "Not", &[&left_out], vec![]);
        weight =
            Some(draft.push("counts", "Cast", &[&kept], vec![whole("to", i64::from(kind::FLOAT))]));
    }
    if let Some(weights) = draft.input(2) {
        let own = draft.push("weight", "Gather", &[weights, &target], vec![]);
        weight = Some(match weight {
            Some(counts) => draft.push("weighed", "Mul", &[&own, &counts], vec![]),
            None => own,
        });
    }
    let index = draft.unsqueeze("index", &target, CLASSES);
    let chosen =
        draft.push("chosen", "GatherElements", &[log, &index], vec![whole("axis", CLASSES)]);
    let chosen = draft.squeeze("each", &chosen, CLASSES);
    let mut each = draft.push("loss", "Neg", &[&chosen], vec![]);
    if let Some(weight) = &weight {
        each = draft.push("weighed_loss", "Mul", &[&each, weight], vec![]);
    }
    let total = || vec![whole("keepdims", 0)];
    match (draft.text("reduction", "mean"), weight) {
        ("none", _) => draft.finish(0, "Identity", &[&each], vec![]),
        ("sum", _) => draft.finish(0, "ReduceSum", &[&each], total()),
        ("mean", None) => draft.finish(0, "ReduceMean", &[&each], total()),
        ("mean", Some(weight)) => {
            let sum = draft.push("sum", "ReduceSum", &[&each], total());
            let weights = draft.push("weights", "ReduceSum", &[&weight], total());
            draft.finish(0, "Div", &[&sum, &weights], vec![]);
        }
        (other, _) => return Err(Reason(format!("its reduction {other} is unknown"))),
    }
    Ok(())
}

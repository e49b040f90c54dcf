//! What classifiers give: a label, which is the one of the largest score, and scores after a transform.

use super::super::draft::{Draft, whole};
use super::integer;
use crate::import::function::PROBIT;
use crate::import::reason::Reason;
use crate::import::stored::attribute;

/// What becomes of scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transform {
    None,
    Logistic,
    Softmax,
    /// Of the scores that are not zero; zeros stay.
    SoftmaxZero,
    /// The inverse of the normal distribution.
    Probit,
}

impl Transform {
    /// The one that a node asks for.
    pub(super) fn of(draft: &Draft<'_>) -> Result<Self, Reason> {
        match draft.text("post_transform", "NONE") {
            "NONE" => Ok(Transform::None),
            "LOGISTIC" => Ok(Transform::Logistic),
            "SOFTMAX" => Ok(Transform::Softmax),
            "SOFTMAX_ZERO" => Ok(Transform::SoftmaxZero),
            "PROBIT" => Ok(Transform::Probit),
            other => Err(Reason(format!(
                "post_transform {other} is none of NONE, LOGISTIC, SOFTMAX, SOFTMAX_ZERO and PROBIT"
            ))),
        }
    }

    /// Gives scores `[N, C]` of several classes as the output at `slot`.
    pub(super) fn finish(self, draft: &mut Draft<'_>, slot: usize, scores: &str) {
        match self {
            Transform::None => draft.finish(slot, "Identity", &[scores], vec![]),
            Transform::Logistic => draft.finish(slot, "Sigmoid", &[scores], vec![]),
            Transform::Softmax => draft.finish(slot, "Softmax", &[scores], vec![whole("axis", 1)]),
            Transform::SoftmaxZero => softmax_zero(draft, slot, scores),
            Transform::Probit => draft.finish(slot, PROBIT, &[scores], vec![]),
        }
    }

    /// The one of a single score, which no softmax is of.
    pub(super) fn of_one(self) -> Self {
        match self {
            Transform::None | Transform::Logistic | Transform::Softmax | Transform::SoftmaxZero => {
                Transform::None
            }
            Transform::Probit => Transform::Probit,
        }
    }
}

/// `e^(s − max)` over its sum for scores that are not zero, zeros elsewhere. Below 10^-7 runtimes call a score zero.
fn softmax_zero(draft: &mut Draft<'_>, slot: usize, scores: &str) {
    let magnitudes = draft.push("magnitudes", "Abs", &[scores], vec![]);
    let least = draft.store("least", &[], vec![1e-7]);
    let counted = draft.push("counted", "Greater", &[&magnitudes, &least], vec![]);
    let largest = draft.reduce("largest", "ReduceMax", scores, 1, true);
    let below = draft.push("below", "Sub", &[scores, &largest], vec![]);
    let powers = draft.push("powers", "Exp", &[&below], vec![]);
    let zero = draft.store("zero", &[], vec![0.0]);
    let powers = draft.push("counted_powers", "Where", &[&counted, &powers, &zero], vec![]);
    let sum = draft.reduce("sum_of_powers", "ReduceSum", &powers, 1, true);
    draft.finish(slot, "Div", &[&powers, &sum], vec![]);
}

/// Class labels, in the order of the classes.
pub(super) fn labels<'g>(draft: &Draft<'g>, ints: &str) -> Result<&'g [i64], Reason> {
    let strings = attribute(draft.node, "classlabels_strings");
    if strings.is_some_and(|found| !found.strings.is_empty()) {
        return Err("its labels are strings: train with whole numbers as labels".into());
    }
    match draft.integers(ints).unwrap_or_default() {
        [] => Err(Reason(format!("its attribute {ints} is missing"))),
        labels => Ok(labels),
    }
}

/// Gives the label of the largest score, the first of equal ones, as the first output.
pub(super) fn finish_label(draft: &mut Draft<'_>, scores: &str, labels: &[i64]) {
    let attributes = || vec![whole("axis", 1), whole("keepdims", 0)];
    if (0..).zip(labels).all(|(class, &label)| class == label) {
        draft.finish(0, "ArgMax", &[scores], attributes());
        return;
    }
    let class = draft.push("class", "ArgMax", &[scores], attributes());
    let labels = draft.store_whole("labels", &[labels.len()], labels.to_vec());
    draft.finish(0, "Gather", &[&labels, &class], vec![]);
}

/// Gives the second of two labels where a score `[N, 1]` is larger than a bound, else the first.
pub(super) fn finish_label_beyond(
    draft: &mut Draft<'_>,
    score: &str,
    bound: f32,
    [negative, positive]: [i64; 2],
) {
    let bound = draft.store("bound", &[], vec![bound]);
    let beyond = draft.push("beyond", "Greater", &[score, &bound], vec![]);
    let all = draft.store_whole("all", &[1], vec![-1]);
    let beyond = draft.push("list", "Reshape", &[&beyond, &all], vec![]);
    let class = integer(draft, "class", &beyond);
    if [negative, positive] == [0, 1] {
        return draft.finish(0, "Identity", &[&class], vec![]);
    }
    let labels = draft.store_whole("labels", &[2], vec![negative, positive]);
    draft.finish(0, "Gather", &[&labels, &class], vec![]);
}

/// What two classes' scores are made of where there is one score `[N, 1]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Second {
    /// 1 − s and s.
    Complement,
    /// −s and s.
    Opposite,
}

impl Second {
    /// Gives both scores as the second output. A logistic of s is one of −s for the other class; no other
    /// transform is applied to a single score.
    ///
    /// # Errors
    /// A probit of a single score: runtimes give one number there, where shapes say two.
    pub(super) fn finish(
        self,
        draft: &mut Draft<'_>,
        score: &str,
        transform: Transform,
    ) -> Result<(), Reason> {
        if transform == Transform::Probit {
            return Err("post_transform PROBIT of a single score for two classes is not supported: give each class its scores".into());
        }
        let opposite = self == Second::Opposite || transform == Transform::Logistic;
        let other = if opposite {
            draft.push("other", "Neg", &[score], vec![])
        } else {
            let one = draft.store("one", &[], vec![1.0]);
            draft.push("other", "Sub", &[&one, score], vec![])
        };
        let axis = vec![whole("axis", 1)];
        if transform == Transform::Logistic {
            let both = draft.push("both", "Concat", &[&other, score], axis);
            draft.finish(1, "Sigmoid", &[&both], vec![]);
        } else {
            draft.finish(1, "Concat", &[&other, score], axis);
        }
        Ok(())
    }
}

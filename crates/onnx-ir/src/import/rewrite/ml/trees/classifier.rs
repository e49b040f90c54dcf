//! `TreeEnsembleClassifier`, of two classes as ONNX Runtime treats it.

use super::super::super::draft::Draft;
use super::super::classes::{Second, Transform, finish_label, finish_label_beyond, labels};
use super::super::matrix;
use super::attributes::{Stored, floats, read};
use super::leaves::{Aggregate, Ensemble, shifted};
use super::walk::choose;
use crate::import::reason::Reason;

pub(in crate::import::rewrite) fn classifier(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let transform = Transform::of(draft)?;
    let labels = labels(draft, "classlabels_int64s")?;
    let base = floats(draft, "base_values");
    let Stored { forest, weights } = read(draft, "class")?;
    let ensemble = Ensemble::new(forest, weights, labels.len())?;
    let x = matrix(draft)?;
    match (labels, ensemble.used().as_slice()) {
        ([] | [_], _) => Err("it has fewer than two classes".into()),
        (&[negative, positive], &[column]) => {
            let single = (column, transform, base);
            one_score(draft, &x, ensemble, [negative, positive], single)
        }
        (&[negative, positive], _) => {
            // The label is 1 or 0, whatever the classes are called.
            if [negative, positive] != [0, 1] {
                return Err(Reason(format!(
                    "with a score for each of two classes these must be called 0 and 1, not {negative} and {positive}"
                )));
            }
            two_scores(draft, &x, &ensemble, transform, &base)
        }
        (labels, _) => many_scores(draft, &x, &ensemble, labels, (transform, base)),
    }
}

/// Two classes of which one has weights.
fn one_score(
    draft: &mut Draft<'_>,
    x: &str,
    ensemble: Ensemble,
    labels: [i64; 2],
    (column, transform, base): (usize, Transform, Vec<f32>),
) -> Result<(), Reason> {
    if base.len() > 1 || (column == 1 && !base.is_empty()) {
        return Err(Reason(format!("it has {} base values for one column of weights", base.len())));
    }
    // Weights that are all positive are shares of one.
    let (shares, _) = ensemble.signs();
    let bound = if shares { 0.5 } else { 0.0 };
    let score = ensemble.only(column)?.scores(draft, x, Aggregate::Sum)?;
    let score = shifted(draft, &score, base);
    finish_label_beyond(draft, &score, bound, labels);
    if column == 0 {
        let second = if shares { Second::Complement } else { Second::Opposite };
        return second.finish(draft, &score, transform);
    }
    let second = draft.store("second", &[1, 2], vec![0.0, 1.0]);
    let both = draft.push("both", "MatMul", &[&score, &second], vec![]);
    transform.finish(draft, 1, &both);
    Ok(())
}

/// Two classes with weights each: the label depends on the second one's alone.
fn two_scores(
    draft: &mut Draft<'_>,
    x: &str,
    ensemble: &Ensemble,
    transform: Transform,
    base: &[f32],
) -> Result<(), Reason> {
    if !ensemble.is_given(1) {
        return Err("an observation may come to no leaf with a weight for the second class".into());
    }
    let first = match base {
        [] => 0.0,
        &[first] => first,
        _ => return Err("it has base values for both of two classes".into()),
    };
    let scores = ensemble.scores(draft, x, Aggregate::Sum)?;
    let second = choose(draft, "second", &scores, vec![1]);
    finish_label_beyond(draft, &second, 0.0, [0, 1]);
    let scores = shifted(draft, &scores, vec![first, 0.0]);
    transform.finish(draft, 1, &scores);
    Ok(())
}

fn many_scores(
    draft: &mut Draft<'_>,
    x: &str,
    ensemble: &Ensemble,
    labels: &[i64],
    (transform, base): (Transform, Vec<f32>),
) -> Result<(), Reason> {
    if !base.is_empty() && base.len() != labels.len() {
        let (base, labels) = (base.len(), labels.len());
        return Err(Reason(format!("it has {base} base values for {labels} classes")));
    }
    // A class without any weight is never the label, as it would be if it had a score of zero.
    let (_, positive) = ensemble.signs();
    let given = (0..labels.len()).all(|column| ensemble.is_given(column));
    if !given && !positive && base.is_empty() {
        return Err("an observation may come to no leaf with a weight for some class".into());
    }
    let scores = ensemble.scores(draft, x, Aggregate::Sum)?;
    // What is added to all classes alike decides nothing.
    let alike = base.windows(2).all(|pair| pair.first() == pair.last());
    let shifted = shifted(draft, &scores, base);
    finish_label(draft, if alike { &scores } else { &shifted }, labels);
    transform.finish(draft, 1, &shifted);
    Ok(())
}

//! `SVMClassifier`: a score for each pair of classes, which is a vote for one of them.

use super::super::super::draft::{Draft, whole};
use super::super::classes::{Second, Transform, finish_label, labels};
use super::super::trees::choose;
use super::super::{float, integer};
use super::coupling;
use super::kernel::Kernel;
use crate::import::reason::Reason;

/// Classes, at most: pairs of them are nodes of the graph.
const MOST: usize = 1 << 10;

pub(in crate::import::rewrite) fn classifier(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let transform = Transform::of(draft)?;
    let labels = labels(draft, "classlabels_ints")?;
    let classes = labels.len();
    let counts = draft.integers("vectors_per_class").unwrap_or_default();
    if counts.is_empty() {
        return Err("it has no support vectors: export it as a LinearClassifier".into());
    }
    if counts.len() != classes || !(2..=MOST).contains(&classes) {
        return Err(Reason(format!("it has {classes} labels for {} classes", counts.len())));
    }
    let counts = counts.iter().map(|&count| usize::try_from(count).ok());
    let counts = counts.collect::<Option<Vec<usize>>>();
    let total = counts
        .as_ref()
        .and_then(|counts| counts.iter().try_fold(0_usize, |sum, &count| sum.checked_add(count)));
    let (Some(counts), Some(total)) = (counts, total) else {
        return Err("its vectors_per_class are no numbers".into());
    };
    let kernel = Kernel::read(draft, total)?;
    let pairs: Vec<(usize, usize)> =
        (0..classes).flat_map(|i| (i + 1..classes).map(move |j| (i, j))).collect();
    let weights = weights(draft, &counts, total, &pairs)?;
    let shift = draft.floats("rho").unwrap_or_default();
    if shift.len() < pairs.len() {
        return Err(Reason(format!("it has {} rho for {} pairs", shift.len(), pairs.len())));
    }
    let shift = shift.into_iter().take(pairs.len()).collect();
    let scores = kernel.scores(draft, &weights, shift)?;
    vote(draft, &scores, labels, &pairs);
    let slopes = draft.floats("prob_a").unwrap_or_default();
    let offsets = draft.floats("prob_b").unwrap_or_default();
    match (slopes.as_slice(), offsets.as_slice()) {
        ([], []) if classes > 2 => transform.finish(draft, 1, &scores),
        ([], []) => {
            let opposite = transform == Transform::None;
            let second = if opposite { Second::Opposite } else { Second::Complement };
            second.finish(draft, &scores, transform)?;
        }
        (slopes, offsets)
            if slopes.len() == pairs.len()
                && offsets.len() == pairs.len()
                && classes <= coupling::MOST
                && (classes > 2 || transform == Transform::None) =>
        {
            let odds = odds(draft, &scores, slopes, offsets);
            let shares = coupling::probabilities(draft, &odds, classes, &pairs);
            transform.finish(draft, 1, &shares);
        }
        _ => {
            return Err(Reason(format!(
                "probabilities of {classes} classes are not supported: export it without them, or with at most {}",
                coupling::MOST
            )));
        }
    }
    Ok(())
}

/// `[V, P]`: how much each vector weighs in each pair of classes.
fn weights(
    draft: &Draft<'_>,
    counts: &[usize],
    total: usize,
    pairs: &[(usize, usize)],
) -> Result<Vec<f32>, Reason> {
    let coefficients = draft.floats("coefficients").unwrap_or_default();
    let rows = counts.len() - 1;
    if rows.checked_mul(total) != Some(coefficients.len()) {
        return Err(Reason(format!(
            "it has {} coefficients for {rows} rows of {total} vectors",
            coefficients.len()
        )));
    }
    let mut weights = vec![];
    let class_of = counts.iter().enumerate().flat_map(|(class, &n)| std::iter::repeat_n(class, n));
    for (vector, class) in class_of.enumerate() {
        for &(i, j) in pairs {
            // Each vector has a row for every class but its own.
            let row = if class == i {
                Some(j - 1)
            } else if class == j {
                Some(i)
            } else {
                None
            };
            let weight = row.and_then(|row| coefficients.get(row * total + vector).copied());
            weights.push(weight.unwrap_or(0.0));
        }
    }
    Ok(weights)
}

/// Gives the class with the most votes, the first of equal ones: a positive score is one for the first of a pair.
fn vote(draft: &mut Draft<'_>, scores: &str, labels: &[i64], pairs: &[(usize, usize)]) {
    let zero = draft.store("zero", &[], vec![0.0]);
    let first = draft.push("first", "Greater", &[scores, &zero], vec![]);
    let first = integer(draft, "for_first", &first);
    let unit = draft.store_whole("unit", &[], vec![1]);
    let second = draft.push("for_second", "Sub", &[&unit, &first], vec![]);
    let all = draft.push("for_either", "Concat", &[&first, &second], vec![whole("axis", 1)]);
    let of = |class: usize| {
        pairs.iter().enumerate().filter_map(move |(at, &(i, j))| match class {
            _ if class == i => Some(at),
            _ if class == j => Some(pairs.len() + at),
            _ => None,
        })
    };
    let word = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
    let votes = (0..labels.len()).flat_map(of).map(word).collect();
    let votes = choose(draft, "votes", &all, votes);
    let shape = vec![-1, word(labels.len()), word(labels.len() - 1)];
    let shape = draft.store_whole("shape", &[3], shape);
    let votes = draft.push("by_class", "Reshape", &[&votes, &shape], vec![]);
    let votes = draft.reduce("count", "ReduceSum", &votes, 2, false);
    let votes = float(draft, "votes", &votes);
    finish_label(draft, &votes, labels);
}

/// The log odds of each pair's first class, as Platt fits them to its score.
fn odds(draft: &mut Draft<'_>, scores: &str, slopes: &[f32], offsets: &[f32]) -> String {
    let opposite = |numbers: &[f32]| numbers.iter().map(|number| -number).collect();
    let slopes = draft.store("slopes", &[slopes.len()], opposite(slopes));
    let offsets = draft.store("offsets", &[offsets.len()], opposite(offsets));
    let odds = draft.push("scaled", "Mul", &[scores, &slopes], vec![]);
    draft.push("odds", "Add", &[&odds, &offsets], vec![])
}

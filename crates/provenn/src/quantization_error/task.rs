//! What the errors do to the task: classes, their order, or values.

use super::statistics::mean;
use serde::Serialize;

/// An observation that the quantised model puts in another class.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Flip {
    /// Its number, from 0.
    pub observation: usize,
    /// Class by the float model.
    pub float: usize,
    /// Class by the quantised model.
    pub quantised: usize,
    /// What it is, where that is known.
    pub label: Option<f64>,
}

/// A score of both models.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// By the float model.
    pub float: f64,
    /// By the quantised model.
    pub quantised: f64,
}

/// Scores of one output.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Task {
    /// Share of observations that both models put in one class.
    pub agreement: Option<f64>,
    /// Those that they do not.
    pub flips: Vec<Flip>,
    /// Share of observations in the class of their label.
    pub accuracy: Option<Pair>,
    /// Area under the receiver operating characteristic, for two classes.
    pub auc: Option<Pair>,
    /// Root of the mean squared distance from the labels.
    pub rmse: Option<Pair>,
}

/// Outputs of one observation.
pub(super) type Rows = Vec<Vec<f64>>;

/// Scores the first output of a model. `threshold` parts the classes of a single number: 0 for a logit,
/// 0.5 for a probability.
pub(super) fn task(
    float: &Rows,
    quantised: &Rows,
    labels: Option<&[f64]>,
    threshold: f64,
) -> Option<Task> {
    let width = float.first()?.len();
    let classes = labels.is_none_or(|labels| {
        let whole = labels.iter().all(|l| l.fract() == 0.0 && *l >= 0.0);
        whole && (width > 1 || labels.iter().all(|&l| l < 2.0))
    });
    // A single number without labels may be anything.
    if width == 0 || (width == 1 && labels.is_none()) {
        return None;
    }
    if !classes {
        let labels = labels?;
        let error = |rows: &Rows| {
            let squares: Vec<f64> =
                rows.iter().zip(labels).map(|(row, l)| (row[0] - l).powi(2)).collect();
            mean(&squares).sqrt()
        };
        let rmse = (width == 1).then(|| Pair { float: error(float), quantised: error(quantised) });
        return Some(Task { rmse, ..Task::default() });
    }
    let class = |row: &Vec<f64>| match row.as_slice() {
        [one] => usize::from(*one >= threshold),
        many => first_largest(many),
    };
    let (a, b): (Vec<_>, Vec<_>) =
        (float.iter().map(class).collect(), quantised.iter().map(class).collect());
    let flips: Vec<Flip> = (0..a.len())
        .filter(|&i| a[i] != b[i])
        .map(|i| Flip {
            observation: i,
            float: a[i],
            quantised: b[i],
            label: labels.and_then(|labels| labels.get(i).copied()),
        })
        .collect();
    #[allow(clippy::cast_precision_loss)] // counts and classes
    let share = |count: usize| count as f64 / a.len().max(1) as f64;
    let hits = |classes: &[usize], labels: &[f64]| {
        #[allow(clippy::cast_precision_loss)] // counts and classes
        let hits = classes.iter().zip(labels).filter(|(c, l)| **c as f64 == **l).count();
        share(hits)
    };
    Some(Task {
        agreement: Some(1.0 - share(flips.len())),
        flips,
        accuracy: labels.map(|l| Pair { float: hits(&a, l), quantised: hits(&b, l) }),
        auc: labels.filter(|_| width == 1).and_then(|labels| {
            Some(Pair { float: auc(float, labels)?, quantised: auc(quantised, labels)? })
        }),
        rmse: None,
    })
}

/// Position of the largest value, the first on ties.
fn first_largest(values: &[f64]) -> usize {
    let better = |best: usize, i: usize| if values[i] > values[best] { i } else { best };
    (0..values.len()).fold(0, better)
}

/// The probability that an observation of class 1 scores above one of class 0, ties half (Mann–Whitney).
fn auc(rows: &Rows, labels: &[f64]) -> Option<f64> {
    let mut scored: Vec<(f64, bool)> =
        rows.iter().zip(labels).map(|(row, &l)| (row[0], l == 1.0)).collect();
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins, mut positives) = (0.0, 0.0, 0.0);
    for group in scored.chunk_by(|a, b| a.0 == b.0) {
        #[allow(clippy::cast_precision_loss)] // counts
        let ones = group.iter().filter(|(_, one)| *one).count() as f64;
        #[allow(clippy::cast_precision_loss)] // counts
        let zeros = group.len() as f64 - ones;
        wins += ones * (below + zeros / 2.0);
        below += zeros;
        positives += ones;
    }
    (positives > 0.0 && below > 0.0).then(|| wins / (positives * below))
}

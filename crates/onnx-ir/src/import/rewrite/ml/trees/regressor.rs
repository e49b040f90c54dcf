//! `TreeEnsembleRegressor`.

use super::super::super::draft::Draft;
use super::super::classes::Transform;
use super::super::matrix;
use super::attributes::{Stored, floats, read};
use super::leaves::{Aggregate, Ensemble, shifted};
use crate::import::reason::Reason;

pub(in crate::import::rewrite) fn regressor(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let transform = Transform::of(draft)?;
    let aggregate = match draft.text("aggregate_function", "SUM") {
        "SUM" => Aggregate::Sum,
        "AVERAGE" => Aggregate::Average,
        "MIN" => Aggregate::Min,
        "MAX" => Aggregate::Max,
        other => return Err(Reason(format!("aggregate_function {other} is unknown"))),
    };
    let base = floats(draft, "base_values");
    let Stored { forest, weights } = read(draft, "target")?;
    let targets = targets(draft.integer("n_targets", 1), weights.len())?;
    if !base.is_empty() && base.len() != targets {
        return Err(Reason(format!("it has {} base values for {targets} targets", base.len())));
    }
    let x = matrix(draft)?;
    let scores = Ensemble::new(forest, weights, targets)?.scores(draft, &x, aggregate)?;
    let scores = shifted(draft, &scores, base);
    let transform = if targets == 1 { transform.of_one() } else { transform };
    transform.finish(draft, 0, &scores);
    Ok(())
}

/// How many columns there are; there is a weight in each.
pub(super) fn targets(stated: i64, weights: usize) -> Result<usize, Reason> {
    let targets = usize::try_from(stated).ok().filter(|&targets| (1..=weights).contains(&targets));
    targets.ok_or_else(|| Reason(format!("it has {weights} weights for {stated} targets")))
}

//! `LinearClassifier` and `LinearRegressor`: one `Gemm`.

use super::super::draft::{Draft, whole};
use super::classes::{Second, Transform, finish_label, finish_label_beyond, labels};
use super::matrix;
use crate::import::reason::Reason;

/// `x·coefficientsᵀ + intercepts`, with `rows` rows of coefficients.
fn scores(draft: &mut Draft<'_>, rows: usize, intercepts: Vec<f32>) -> Result<String, Reason> {
    let coefficients = draft.floats("coefficients").unwrap_or_default();
    let columns = coefficients.len().checked_div(rows).filter(|&columns| columns > 0);
    let Some(columns) = columns.filter(|columns| columns * rows == coefficients.len()) else {
        return Err(Reason(format!(
            "its {} coefficients are no {rows} rows, one per class or target",
            coefficients.len()
        )));
    };
    let x = matrix(draft)?;
    let coefficients = draft.store("coefficients", &[rows, columns], coefficients);
    let intercepts = draft.store("intercepts", &[rows], intercepts);
    let transposed = vec![whole("transB", 1)];
    Ok(draft.push("scores", "Gemm", &[&x, &coefficients, &intercepts], transposed))
}

pub(in crate::import::rewrite) fn classifier(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let transform = Transform::of(draft)?;
    let labels = labels(draft, "classlabels_ints")?;
    let intercepts = draft.floats("intercepts").unwrap_or_default();
    let rows = intercepts.len();
    if let (1, &[negative, positive]) = (rows, labels) {
        let score = scores(draft, rows, intercepts)?;
        finish_label_beyond(draft, &score, 0.0, [negative, positive]);
        return Second::Complement.finish(draft, &score, transform);
    }
    if rows != labels.len() || rows < 2 {
        return Err(Reason(format!("it has {rows} intercepts for {} labels", labels.len())));
    }
    let scores = scores(draft, rows, intercepts)?;
    finish_label(draft, &scores, labels);
    transform.finish(draft, 1, &scores);
    Ok(())
}

pub(in crate::import::rewrite) fn regressor(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let transform = Transform::of(draft)?;
    let targets = usize::try_from(draft.integer("targets", 1)).ok().filter(|&targets| targets > 0);
    let targets = targets.ok_or("its attribute targets is not positive")?;
    let coefficients = draft.floats("coefficients").map_or(0, |list| list.len());
    if targets > coefficients {
        return Err("it has more targets than coefficients".into());
    }
    let intercepts = draft.floats("intercepts").filter(|list| !list.is_empty());
    let intercepts = intercepts.unwrap_or_else(|| vec![0.0; targets]);
    if intercepts.len() != targets {
        return Err(Reason(format!(
            "it has {} intercepts for {targets} targets",
            intercepts.len()
        )));
    }
    let scores = scores(draft, targets, intercepts)?;
    let transform = if targets == 1 { transform.of_one() } else { transform };
    transform.finish(draft, 0, &scores);
    Ok(())
}

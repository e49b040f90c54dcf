//! `SVMRegressor`: one weighted sum; of one class, on which side of it an observation lies.

use super::super::super::draft::{Draft, whole};
use super::super::float;
use super::kernel::Kernel;
use crate::import::reason::Reason;

pub(in crate::import::rewrite) fn regressor(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let weights = draft.floats("coefficients").unwrap_or_default();
    let shift = match draft.floats("rho").as_deref() {
        Some(&[shift, ..]) => shift,
        Some([]) | None => return Err("its attribute rho is missing".into()),
    };
    let count = usize::try_from(draft.integer("n_supports", 0)).unwrap_or(0);
    let score = if count > 0 {
        if weights.len() != count {
            let weights = weights.len();
            return Err(Reason(format!("it has {weights} coefficients for {count} vectors")));
        }
        Kernel::read(draft, count)?.scores(draft, &weights, vec![shift])?
    } else {
        let features = weights.len();
        let x = super::super::matrix(draft)?;
        let weights = draft.store("weights", &[1, features], weights);
        let shift = draft.store("rho", &[1], vec![shift]);
        draft.push("scores", "Gemm", &[&x, &weights, &shift], vec![whole("transB", 1)])
    };
    if draft.integer("one_class", 0) == 0 {
        draft.finish(0, "Identity", &[&score], vec![]);
        return Ok(());
    }
    let zero = draft.store("zero", &[], vec![0.0]);
    let inside = draft.push("inside", "Greater", &[&score, &zero], vec![]);
    let inside = float(draft, "side", &inside);
    let (two, one) = (draft.store("two", &[], vec![2.0]), draft.store("one", &[], vec![1.0]));
    let doubled = draft.push("doubled", "Mul", &[&inside, &two], vec![]);
    draft.finish(0, "Sub", &[&doubled, &one], vec![]);
    Ok(())
}

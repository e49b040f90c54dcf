//! Operators of com.microsoft whose result ONNX Runtime rounds of floats: `QLinearAveragePool`, `QLinearSoftmax`.
//!
//! x, x scale, x zero, y scale, y zero. What lies within a rounding of a half may be off by one.

use super::{Rounding, centred, factor, requantised, result};
use crate::import::reason::Reason;
use crate::import::rewrite::draft::{Draft, whole};

/// From here on a `Softmax` is along one axis; before, over all from it on.
const ONE_AXIS: i64 = 13;

/// What x stands for, but for its scale; and what takes it to the result's numbers.
fn real(draft: &mut Draft<'_>) -> Result<(String, f32, f32), Reason> {
    let (sx, sy) = (factor(draft, 1, "scale of x")?, factor(draft, 3, "scale of the result")?);
    Ok((centred(draft, "x", [0, 2])?, sx, sy))
}

pub(in crate::import::rewrite) fn average_pool(draft: &mut Draft<'_>) -> Result<(), Reason> {
    if draft.integer("channels_last", 0) != 0 {
        return Err("channels_last is not supported: quantise with channels first".into());
    }
    let to = result(draft, 4)?;
    let (x, sx, sy) = real(draft)?;
    let known = |name: &str| !matches!(name, "channels_last");
    let attributes = draft.node.attribute.iter().filter(|found| known(&found.name)).cloned();
    let mean = draft.push("mean", "AveragePool", &[&x], attributes.collect());
    let by = draft.store("factor", &[], vec![sx / sy]);
    requantised(draft, &mean, &by, to, Rounding::EvenOfProduct);
    Ok(())
}

pub(in crate::import::rewrite) fn softmax(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let to = result(draft, 4)?;
    let (axis, own) = (draft.integer("axis", -1), draft.integer("opset", ONE_AXIS));
    if axis != -1 && (own < ONE_AXIS) != (draft.opset < ONE_AXIS) {
        return Err(Reason(format!(
            "its axis is meant as in operator set {own}, and the model is of {}: convert it to the former",
            draft.opset
        )));
    }
    let (x, sx, sy) = real(draft)?;
    if !(sy > 0.0 && sy <= 1.0) {
        return Err("its result's scale must lie between 0 and 1".into());
    }
    let scale = draft.store("scale", &[], vec![sx]);
    let x = draft.push("real", "Mul", &[&x, &scale], vec![]);
    let softmax = draft.push("softmax", "Softmax", &[&x], vec![whole("axis", axis)]);
    // ONNX Runtime takes a whole number of the result's units for 1.
    let by = draft.store("by", &[], vec![(1.0 / sy).floor()]);
    requantised(draft, &softmax, &by, to, Rounding::EvenOfProduct);
    Ok(())
}

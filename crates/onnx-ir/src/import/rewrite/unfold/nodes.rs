//! Standard nodes whose form differs between versions, or that take their numbers as constants.

use std::ops::Range;

use super::super::draft::{Draft, number, whole, wholes};

/// The part `range` of one axis.
pub(super) fn slice(
    draft: &mut Draft<'_>,
    part: &str,
    x: &str,
    axis: usize,
    range: Range<usize>,
) -> String {
    const AS_INPUTS: i64 = 10;
    let number = |number: usize| vec![i64::try_from(number).unwrap_or(i64::MAX)];
    let given = [("starts", range.start), ("ends", range.end), ("axes", axis)];
    if draft.opset < AS_INPUTS {
        let given = given.map(|(name, value)| wholes(name, number(value)));
        return draft.push(part, "Slice", &[x], given.to_vec());
    }
    let [starts, ends, axes] = given
        .map(|(name, value)| draft.store_whole(&format!("{part}.{name}"), &[1], number(value)));
    draft.push(part, "Slice", &[x, &starts, &ends, &axes], vec![])
}

/// The same elements in another shape.
pub(super) fn reshape(draft: &mut Draft<'_>, part: &str, x: &str, shape: &[usize]) -> String {
    let extents = shape.iter().map(|&extent| i64::try_from(extent).unwrap_or(i64::MAX)).collect();
    let shape = draft.store_whole(&format!("{part}.shape"), &[shape.len()], extents);
    draft.push(part, "Reshape", &[x, &shape], vec![])
}

/// What is beyond a distance from 0 becomes that distance.
pub(super) fn clip(draft: &mut Draft<'_>, part: &str, x: &str, most: f32) -> String {
    const AS_INPUTS: i64 = 11;
    if draft.opset < AS_INPUTS {
        let bounds = vec![number("min", -most), number("max", most)];
        return draft.push(part, "Clip", &[x], bounds);
    }
    let low = draft.store(&format!("{part}.min"), &[], vec![-most]);
    let high = draft.store(&format!("{part}.max"), &[], vec![most]);
    draft.push(part, "Clip", &[x, &low, &high], vec![])
}

/// A new axis of extent 1; a negative one counts from the end of the result.
pub(super) fn unsqueeze(draft: &mut Draft<'_>, part: &str, x: &str, axis: i64) -> String {
    const AS_INPUTS: i64 = 13;
    if draft.opset < AS_INPUTS {
        return draft.push(part, "Unsqueeze", &[x], vec![wholes("axes", vec![axis])]);
    }
    let axes = draft.store_whole(&format!("{part}.axes"), &[1], vec![axis]);
    draft.push(part, "Unsqueeze", &[x, &axes], vec![])
}

/// Tensors one behind the other along a new axis, as an output of the node.
pub(super) fn stack(draft: &mut Draft<'_>, slot: usize, parts: &[String], axis: i64) {
    let mut stacked = vec![];
    for (number, part) in parts.iter().enumerate() {
        stacked.push(unsqueeze(draft, &format!("{slot}.{number}"), part, axis));
    }
    let stacked: Vec<&str> = stacked.iter().map(String::as_str).collect();
    draft.finish(slot, "Concat", &stacked, vec![whole("axis", axis)]);
}

//! `ArrayFeatureExtractor`: columns by their numbers. A list of them gives one row.

use super::super::draft::{Draft, whole};
use crate::import::reason::Reason;
use crate::import::stored::integers;

/// ONNX's number of the type of strings.
const STRING: i32 = 8;

pub(in crate::import::rewrite) fn array_feature_extractor(
    draft: &mut Draft<'_>,
) -> Result<(), Reason> {
    let (Some(x), Some(indices)) = (draft.input(0), draft.input(1)) else {
        return Err("it has two inputs".into());
    };
    if draft.constant(x).is_some_and(|tensor| tensor.data_type == STRING) {
        return Err("it chooses among strings: train with whole numbers as labels".into());
    }
    // Here a negative number names no column, as it would elsewhere.
    let known = draft.constant(indices).and_then(integers).unwrap_or_default();
    if let Some(index) = known.iter().find(|&&index| index < 0) {
        return Err(Reason(format!("it asks for column {index}")));
    }
    let all = draft.store_whole("all", &[1], vec![-1]);
    let list = draft.push("list", "Reshape", &[indices, &all], vec![]);
    let rows = draft.push("rows", "Flatten", &[x], vec![whole("axis", -1)]);
    draft.finish(0, "Gather", &[&rows, &list], vec![whole("axis", 1)]);
    Ok(())
}

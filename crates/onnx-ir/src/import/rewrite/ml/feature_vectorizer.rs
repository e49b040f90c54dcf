//! `FeatureVectorizer`: its inputs' columns side by side, each input cut or filled with zeros to its stated width.

use super::super::draft::{Draft, whole};
use super::float;
use crate::import::reason::Reason;

/// Columns of one input, at most.
const WIDEST: i64 = 1 << 24;

pub(in crate::import::rewrite) fn feature_vectorizer(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let widths = draft.integers("inputdimensions").unwrap_or_default();
    let inputs: Vec<&str> = (0..draft.node.input.len()).filter_map(|at| draft.input(at)).collect();
    if widths.len() != inputs.len() || inputs.is_empty() {
        return Err(Reason(format!(
            "it has {} inputdimensions for {} inputs",
            widths.len(),
            inputs.len()
        )));
    }
    let mut parts = vec![];
    for (at, (&x, &width)) in inputs.iter().zip(widths).enumerate() {
        if !(1..=WIDEST).contains(&width) {
            return Err(Reason(format!("its inputdimensions hold {width}")));
        }
        let x = float(draft, &format!("x{at}"), x);
        let rows = draft.push(&format!("rows{at}"), "Flatten", &[&x], vec![whole("axis", -1)]);
        let pads = draft.store_whole(&format!("pads{at}"), &[4], vec![0, 0, 0, width]);
        let filled = draft.push(&format!("filled{at}"), "Pad", &[&rows, &pads], vec![]);
        let [start, end, axis] = [("start", 0), ("end", width), ("axis", 1)]
            .map(|(part, value)| draft.store_whole(&format!("{part}{at}"), &[1], vec![value]));
        parts.push(draft.push(
            &format!("part{at}"),
            "Slice",
            &[&filled, &start, &end, &axis],
            vec![],
        ));
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    draft.finish(0, "Concat", &parts, vec![whole("axis", 1)]);
    Ok(())
}

//! Inputs that say sizes, axes or places, and must be constant by now.

use tract_onnx::prelude::InferenceModel;
use tract_onnx::tract_hir::infer::Factoid;

use super::origins::Origins;
use crate::{ImportError, Unsupported};

/// What the inputs behind the first say, by operator; reductions say axes.
const SAID: [(&str, &str); 7] = [
    ("Expand", "shape"),
    ("Reshape", "shape"),
    ("Slice", "starts, ends, axes and steps"),
    ("Split", "extents"),
    ("Squeeze", "axes"),
    ("TopK", "number of elements"),
    ("Unsqueeze", "axes"),
];

/// Refuses, all at once, the nodes of which such an input depends on the model's.
pub(super) fn check(model: &InferenceModel, origins: &Origins<'_>) -> Result<(), ImportError> {
    let mut refused = vec![];
    for node in &model.nodes {
        let op = origins.op(&node.name);
        let said = match SAID.iter().find(|said| said.0 == op) {
            Some(said) => said.1,
            None if op.starts_with("Reduce") => "axes",
            None => continue,
        };
        let is_open =
            |outlet| model.outlet_fact(outlet).is_ok_and(|fact| !fact.value.is_concrete());
        if node.inputs.iter().skip(1).copied().any(is_open) {
            let reason = format!(
                "its {said} must be constants: give the inputs that decide them a value (--fix INPUT=VALUE)"
            );
            refused.push(Unsupported { node: node.name.clone(), op: op.to_owned(), reason });
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(ImportError::Unsupported { operators: refused }) }
}

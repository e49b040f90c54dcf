//! What pictures and pages call a model.

use std::path::Path;

/// The file with its folder, which tells `network.onnx` of one model from that of another.
pub(crate) fn model_name(path: &Path) -> String {
    let full = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let parts: Vec<_> = full.iter().map(|part| part.to_string_lossy()).collect();
    parts[parts.len().saturating_sub(2)..].join("/")
}

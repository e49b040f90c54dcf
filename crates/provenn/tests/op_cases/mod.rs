//! The cases of `models/ops`.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// Every case: its name, its graph's file, and what ONNX Runtime makes of three observations.
pub(crate) fn cases() -> Vec<(String, PathBuf, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/ops");
    let mut all = vec![];
    for family in std::fs::read_dir(folder).unwrap() {
        let family = family.unwrap().path();
        let Ok(expected) = std::fs::read_to_string(family.join("expected.json")) else { continue };
        let expected: serde_json::Map<String, Value> = serde_json::from_str(&expected).unwrap();
        all.extend(expected.into_iter().map(|(name, observations)| {
            let path = family.join(format!("{name}.onnx"));
            (name, path, observations)
        }));
    }
    all.sort_unstable_by(|a, b| a.1.cmp(&b.1));
    all
}

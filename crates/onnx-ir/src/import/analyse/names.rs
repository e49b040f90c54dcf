//! Names that do not depend on chance: the analysis numbers nodes that have the same name, in the order of a hash table.

use std::collections::HashSet;

use tract_onnx::prelude::TypedModel;

/// Takes numbers off all names but those that the model had before; whoever reads it numbers by its order.
pub(super) fn without_numbers(model: &mut TypedModel, before: &HashSet<String>) {
    for node in &mut model.nodes {
        while !before.contains(&node.name)
            && let Some(base) = base(&node.name)
        {
            node.name.truncate(base);
        }
    }
}

/// The length of a name without a point and a number at its end.
fn base(name: &str) -> Option<usize> {
    let (base, number) = name.rsplit_once('.')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    // Two points stand between the ends of a slice.
    (is_number && !base.is_empty() && !base.ends_with('.')).then_some(base.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_stands_behind_one_point() {
        let of = |name| base(name).map(|length| &name[..length]);
        assert_eq!(of("a.1"), Some("a"));
        assert_eq!(of("a.b.12"), Some("a.b"));
        assert_eq!(of("a.1.2"), Some("a.1"));
        for whole in ["a", "a.", "a.b", "a.1b", ".1", "a.0..1", "1"] {
            assert_eq!(of(whole), None, "{whole}");
        }
    }
}

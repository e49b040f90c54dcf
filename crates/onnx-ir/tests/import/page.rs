//! The book's page of operators names those that are supported, and no others.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn the_page_of_operators_is_complete() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/operators.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    let listed: Vec<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    let supported: BTreeSet<&str> =
        provenn_onnx_ir::supported_operators().iter().copied().collect();
    assert_eq!(listed.iter().copied().collect::<BTreeSet<&str>>(), supported);
    assert_eq!(listed.len(), supported.len(), "an operator is listed twice");
}

//! The nodes that walk all trees at once: `[N, T]` places, level by level.

use super::super::super::draft::{Draft, whole};
use super::super::integer;
use super::forest::{Condition, Forest, Test};
use super::levels::{Level, Levels, Row};
use crate::import::reason::Reason;

/// Gives the number of the leaf that each tree comes to for each row of x: `[N, T]` of whole numbers.
pub(super) fn walk(draft: &mut Draft<'_>, x: &str, forest: &Forest) -> Result<String, Reason> {
    let Levels { conditions, levels } = Levels::new(forest)?;
    let Some((first, rest)) = levels.split_first() else { return Err("it has no trees".into()) };
    let truths = truths(draft, x, &conditions, &forest.sets);
    let asked = first.rows.iter().map(|row| word(asked(first, row))).collect();
    let answers = choose(draft, "root", &truths, asked);
    let mut leaves = vec![];
    if first.rows.iter().any(|row| row.leaf != 0) || rest.is_empty() {
        leaves.push(column(draft, "root.leaf", first, |row| row.leaf));
    }
    if rest.is_empty() {
        // Trees of one leaf each: the answers count for nothing but the number of rows.
        let zero = draft.store_whole("zero", &[], vec![0]);
        leaves.push(draft.push("nothing", "Mul", &[&answers, &zero], vec![]));
    }
    let next = column(draft, "root.next", first, |row| row.next);
    let mut place = draft.push("place", "Add", &[&next, &answers], vec![]);
    for (depth, level) in rest.iter().enumerate() {
        let part = |what: &str| format!("level{}.{what}", depth + 1);
        if depth + 1 == rest.len() {
            let table = column(draft, &part("table"), level, |row| row.leaf);
            leaves.push(draft.push(&part("leaf"), "Gather", &[&table, &place], vec![]));
            break;
        }
        let ends = level.rows.iter().any(|row| row.leaf != 0);
        let width = if ends { 3 } else { 2 };
        let fields = level.rows.iter().map(|row| [row.condition, row.next, row.leaf]);
        let fields = fields.flat_map(|fields| fields.into_iter().take(width).map(word)).collect();
        let table = draft.store_whole(&part("table"), &[level.rows.len(), width], fields);
        let row = draft.push(&part("row"), "Gather", &[&table, &place], vec![]);
        let field = |draft: &mut Draft<'_>, what: &str, at: i64| {
            let at = draft.store_whole(&part(&format!("{what}.at")), &[], vec![at]);
            draft.push(&part(what), "Gather", &[&row, &at], vec![whole("axis", 2)])
        };
        let (condition, next) = (field(draft, "condition", 0), field(draft, "next", 1));
        if ends {
            leaves.push(field(draft, "leaf", 2));
        }
        let asked = level.asked.iter().copied().map(word).collect();
        let known = choose(draft, &part("known"), &truths, asked);
        let axis = vec![whole("axis", 1)];
        let answer = draft.push(&part("answer"), "GatherElements", &[&known, &condition], axis);
        place = draft.push(&part("place"), "Add", &[&next, &answer], vec![]);
    }
    let mut leaves = leaves.into_iter();
    let first = leaves.next().ok_or("it has no leaves")?;
    Ok(leaves.enumerate().fold(first, |total, (at, leaf)| {
        draft.push(&format!("leaf{at}"), "Add", &[&total, &leaf], vec![])
    }))
}

/// Which condition a row asks, by its number among all.
fn asked(level: &Level, row: &Row) -> usize {
    level.asked.get(row.condition).copied().unwrap_or(0)
}

fn column(draft: &mut Draft<'_>, part: &str, level: &Level, of: impl Fn(&Row) -> usize) -> String {
    let column: Vec<i64> = level.rows.iter().map(|row| word(of(row))).collect();
    draft.store_whole(part, &[column.len()], column)
}

/// Columns of `[N, D]` by their numbers.
pub(in crate::import::rewrite::ml) fn choose(
    draft: &mut Draft<'_>,
    part: &str,
    x: &str,
    columns: Vec<i64>,
) -> String {
    let columns = draft.store_whole(&format!("{part}.of"), &[columns.len()], columns);
    draft.push(part, "Gather", &[x, &columns], vec![whole("axis", 1)])
}

/// The truth of every condition for every row of x: `[N, D]` of zeros and ones.
fn truths(draft: &mut Draft<'_>, x: &str, conditions: &[Condition], sets: &[Vec<f32>]) -> String {
    let mut parts = vec![];
    // Conditions are in the order of their tests.
    for group in conditions.chunk_by(|a, b| a.test == b.test) {
        let part = format!("test{}", parts.len());
        let Some(&Condition { test, feature, .. }) = group.first() else { continue };
        if let Test::Among(set) = test {
            let members = sets.get(set).map(Vec::as_slice).unwrap_or_default();
            let group: Vec<Condition> =
                members.iter().map(|&constant| Condition { test, feature, constant }).collect();
            let found = compared(draft, &part, ("Equal", x), &group);
            parts.push(draft.reduce(&format!("{part}.any"), "ReduceMax", &found, 1, true));
            continue;
        }
        let op_type = match test {
            Test::AtMost => "LessOrEqual",
            Test::Below => "Less",
            Test::Equal | Test::Among(_) => "Equal",
        };
        parts.push(compared(draft, &part, (op_type, x), group));
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match parts.as_slice() {
        [only] => (*only).to_owned(),
        parts => draft.push("truths", "Concat", parts, vec![whole("axis", 1)]),
    }
}

/// Conditions of one test, as whole numbers.
fn compared(
    draft: &mut Draft<'_>,
    part: &str,
    (op_type, x): (&str, &str),
    conditions: &[Condition],
) -> String {
    let features = conditions.iter().map(|condition| condition.feature).collect();
    let x = choose(draft, &format!("{part}.x"), x, features);
    let constants: Vec<f32> = conditions.iter().map(|condition| condition.constant).collect();
    let constants = draft.store(&format!("{part}.constants"), &[constants.len()], constants);
    let truth = draft.push(&format!("{part}.truth"), op_type, &[&x, &constants], vec![]);
    integer(draft, part, &truth)
}

/// As ONNX stores it; more than an i64 holds is more than any file does.
pub(super) fn word(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

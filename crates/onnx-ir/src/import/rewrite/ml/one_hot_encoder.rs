//! `OneHotEncoder`: a row of a table for each element, named by its place among the sorted categories.

use super::super::draft::Draft;
use super::integer;
use super::rank::{counts, rank};
use crate::import::reason::Reason;
use crate::import::stored::attribute;

/// More would be a table of more than 2^24 numbers.
const MOST: usize = 1 << 12;

pub(in crate::import::rewrite) fn one_hot_encoder(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let strings = attribute(draft.node, "cats_strings");
    if strings.is_some_and(|found| !found.strings.is_empty()) {
        return Err("its categories are strings: encode them before the model".into());
    }
    let given = draft.integers("cats_int64s").unwrap_or_default();
    let mut sorted: Vec<(i64, usize)> = given.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    let (categories, columns): (Vec<i64>, Vec<usize>) = sorted.into_iter().unzip();
    let count = categories.len();
    if count == 0 || categories.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err("its categories are missing, or one is there twice".into());
    }
    if count > MOST {
        return Err(Reason(format!("it has {count} categories; at most {MOST} are supported")));
    }
    let x = draft.input(0).ok_or("its input is missing")?;
    let x = integer(draft, "x", x);
    let categories = draft.store_whole("categories", &[count], categories);
    let hot = |column: usize| (0..count).map(move |at| f32::from(u8::from(at == column)));
    if draft.integer("zeros", 1) != 0 {
        // What is no category has a row of zeros.
        let zeros = || std::iter::repeat_n(0.0, count);
        let mut rows: Vec<f32> = zeros().collect();
        columns.iter().for_each(|&column| rows.extend(hot(column).chain(zeros())));
        let rows = draft.store("rows", &[2 * count + 1, count], rows);
        let place = rank(draft, &x, &categories);
        draft.finish(0, "Gather", &[&rows, &place], vec![]);
        return Ok(());
    }
    // What is no category has no row: k − 1 of k that x is at least, and a place beyond all where it is none.
    let rows = columns.iter().flat_map(|&column| hot(column)).collect();
    let rows = draft.store("rows", &[count, count], rows);
    let [at_least, beyond] = counts(draft, &x, &categories);
    let far = i64::try_from(2 * count).unwrap_or(i64::MAX);
    let mut times = |part: &str, x: &str, factor: i64| {
        let stored = draft.store_whole(&format!("{part}.factor"), &[], vec![factor]);
        draft.push(part, "Mul", &[x, &stored], vec![])
    };
    let (a, b) = (times("own", &at_least, 1 - far), times("gap", &beyond, far));
    let sum = draft.push("sum", "Add", &[&a, &b], vec![]);
    let shift = draft.store_whole("shift", &[], vec![far - 1]);
    let place = draft.push("place", "Add", &[&sum, &shift], vec![]);
    draft.finish(0, "Gather", &[&rows, &place], vec![]);
    Ok(())
}

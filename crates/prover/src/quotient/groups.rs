//! Parts of a sum whose columns are in memory together.

use super::expression::{Arena, Sum};
use super::program::{Forms, Program};
use std::collections::BTreeMap;

/// Sums that add up to one, of at most so many forms each, unless a single product has more.
pub(super) fn groups(arena: &Arena, sum: &Sum, most: usize) -> Vec<Sum> {
    let mut groups = vec![];
    // Halves of halves, the first ones first.
    let mut open = vec![sum.clone()];
    while let Some(sum) = open.pop() {
        match halves(&sum) {
            Some([first, second]) if forms(arena, &sum) > most => open.extend([second, first]),
            Some(_) | None => groups.push(sum),
        }
    }
    groups
}

fn forms(arena: &Arena, sum: &Sum) -> usize {
    let mut forms = Forms::default();
    Program::new(arena, sum, &mut forms);
    forms.forms.len()
}

/// A sum in two, unless it is a single product.
fn halves(sum: &Sum) -> Option<[Sum; 2]> {
    let middle = sum.products.keys().nth(sum.products.len() / 2)?;
    let linear = !Sum { products: BTreeMap::new(), ..sum.clone() }.is_zero();
    if sum.products.len() == 1 && !linear {
        return None;
    }
    let mut first = sum.clone();
    let rest = first.products.split_off(middle);
    Some([first, Sum { products: rest, ..Sum::default() }])
}

//! Groups of parts that are divided together: all of a small circuit, else as many as memory allows.

use super::expression::{Arena, Sum};
use super::numerator::Part;
use super::program::{Forms, Program};
use std::collections::BTreeMap;

/// Groups of at most so many forms each, unless a single product has more. What shares forms is put together.
pub(super) fn groups(arena: &Arena, parts: Vec<Part>, most: usize) -> Vec<Vec<Part>> {
    if forms(arena, &parts) <= most {
        return vec![parts];
    }
    let mut groups: Vec<(Vec<Part>, usize)> = vec![];
    for part in parts {
        // Halves of halves, the first ones first.
        let mut open = vec![part];
        while let Some(part) = open.pop() {
            let alone = forms(arena, std::slice::from_ref(&part));
            let split = if alone <= most { None } else { halves(&part) };
            match split {
                Some([first, second]) => open.extend([second, first]),
                None => place(arena, &mut groups, part, alone, most),
            }
        }
    }
    groups.into_iter().map(|(group, _)| group).collect()
}

/// Adds a part to the group that has most of its forms, if it has any and room for the others.
fn place(
    arena: &Arena,
    groups: &mut Vec<(Vec<Part>, usize)>,
    part: Part,
    alone: usize,
    most: usize,
) {
    let mut best: Option<(usize, usize, usize)> = None;
    for (at, (group, count)) in groups.iter_mut().enumerate() {
        group.push(part.clone());
        let together = forms(arena, group);
        group.pop();
        let shared = (*count + alone).saturating_sub(together);
        if together <= most && best.is_none_or(|(most, ..)| shared > most) {
            best = Some((shared, at, together));
        }
    }
    match best.and_then(|(_, at, together)| Some((groups.get_mut(at)?, together))) {
        Some((group, together)) => {
            group.0.push(part);
            group.1 = together;
        }
        None => groups.push((vec![part], alone)),
    }
}

/// How many forms the parts have together.
pub(super) fn forms(arena: &Arena, parts: &[Part]) -> usize {
    let mut forms = Forms::default();
    for part in parts {
        Program::new(arena, &part.body, &mut forms);
        part.factor.iter().for_each(|factor| drop(Program::new(arena, factor, &mut forms)));
    }
    forms.forms.len()
}

/// A part's body in two, unless it is a single product.
fn halves(part: &Part) -> Option<[Part; 2]> {
    let middle = part.body.products.keys().nth(part.body.products.len() / 2)?;
    let linear = !Sum { products: BTreeMap::new(), ..part.body.clone() }.is_zero();
    if part.body.products.len() == 1 && !linear {
        return None;
    }
    let mut first = part.body.clone();
    let rest = first.products.split_off(middle);
    let second = Sum { products: rest, ..Sum::default() };
    let part = |body| Part { factor: part.factor.clone(), body };
    Some([part(first), part(second)])
}

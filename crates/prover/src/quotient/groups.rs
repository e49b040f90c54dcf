//! Groups of parts that are divided together: all, unless memory is short.

use super::expression::{Arena, Sum};
use super::numerator::Part;
use super::program::{Forms, Program};
use std::collections::BTreeMap;

/// Groups of at most so many forms each, unless a single product has more.
pub(super) fn groups(arena: &Arena, parts: Vec<Part>, most: usize) -> Vec<Vec<Part>> {
    if forms(arena, &parts) <= most {
        return vec![parts];
    }
    let mut groups = vec![];
    for part in parts {
        // Halves of halves, the first ones first.
        let mut open = vec![part];
        while let Some(part) = open.pop() {
            let part = vec![part];
            if forms(arena, &part) <= most {
                groups.push(part);
                continue;
            }
            for part in part {
                match halves(&part) {
                    Some([first, second]) => open.extend([second, first]),
                    None => groups.push(vec![part]),
                }
            }
        }
    }
    groups
}

fn forms(arena: &Arena, parts: &[Part]) -> usize {
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

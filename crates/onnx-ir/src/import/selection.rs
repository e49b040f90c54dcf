//! Products with a constant that has a single 1 in each column: elements in another order.
//!
//! As a product they would be rounded, and what is compared afterwards decided by that.

use super::builder::Builder;
use super::reason::Reason;
use crate::{NodeId, Op, Tensor};

/// `[B,M,K] x [1,K,N]` as columns that are taken; none where it is another product.
pub(super) fn product(
    builder: &mut Builder,
    name: &str,
    [left, right]: [NodeId; 2],
) -> Result<Option<NodeId>, Reason> {
    let Some(constant) = builder.value(right) else { return Ok(None) };
    let &[1, rows, columns] = constant.shape.as_slice() else { return Ok(None) };
    let places: Option<Vec<Option<usize>>> =
        (0..columns).map(|column| place(constant, [rows, columns], column)).collect();
    let (Some(places), None) = (places, builder.value(left)) else { return Ok(None) };
    if places.iter().all(Option::is_none) {
        return Ok(None);
    }
    let mut from = left;
    if places.contains(&None) {
        let mut shape = builder.shape(left);
        if let Some(last) = shape.last_mut() {
            *last = 1;
        }
        let data = vec![0.0; shape.iter().product()];
        let nothing = builder.constant(&format!("{name}.nothing"), Tensor { shape, data });
        from = builder.push(&format!("{name}.all"), Op::Concat { axis: 2 }, &[left, nothing])?;
    }
    let positions = places.into_iter().map(|place| place.unwrap_or(rows)).collect();
    builder.take(name, from, 2, positions).map(Some)
}

/// The row of a column's single 1, if it has any number; none where it has others.
fn place(constant: &Tensor, [rows, columns]: [usize; 2], column: usize) -> Option<Option<usize>> {
    let at = |row: usize| constant.data.get(row * columns + column).copied();
    let mut found = (0..rows).filter(|&row| at(row) != Some(0.0));
    match (found.next(), found.next()) {
        (None, _) => Some(None),
        (Some(row), None) => (at(row) == Some(1.0)).then_some(Some(row)),
        _ => None,
    }
}

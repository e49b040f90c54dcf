//! `TopK`, of all elements.

use super::precision::{count, store};
use crate::Tensor;

/// The positions of the elements along `axis` in order of size; of equal ones the first comes first.
pub(super) fn positions(x: &Tensor, axis: usize, largest: bool) -> Option<Vec<f32>> {
    let (before, rest) = x.shape.split_at_checked(axis)?;
    let (&extent, after) = rest.split_first()?;
    let (outer, inner): (usize, usize) = (before.iter().product(), after.iter().product());
    let mut positions = vec![0.0; x.data.len()];
    for line in 0..outer * inner {
        let (block, at) = (line / inner.max(1), line % inner.max(1));
        let place = |k: usize| (block * extent + k) * inner + at;
        let value = |k: usize| x.data.get(place(k)).copied().unwrap_or(f32::NAN);
        let mut order: Vec<usize> = (0..extent).collect();
        // Stable: equal elements keep their order.
        order.sort_by(|&a, &b| {
            let (a, b) = (value(a), value(b));
            let ascending = a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal);
            if largest { ascending.reverse() } else { ascending }
        });
        for (k, position) in order.into_iter().enumerate() {
            *positions.get_mut(place(k))? = store(count(position));
        }
    }
    Some(positions)
}

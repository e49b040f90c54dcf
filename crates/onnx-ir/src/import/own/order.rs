//! Which keys a query of `Attention` sees by where they stand: none that comes later, is too far away, or is not there.

use super::attention::{Extents, PAST_KEY};
use super::maker::Maker;
use super::site::{Site, signed};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// How many keys of an image are there.
const VALID: usize = 6;

/// As 0 and 1, of four axes; none where a query sees every key.
pub(super) fn seen(
    site: &Site<'_>,
    maker: &mut Maker<'_, '_>,
    extents: &Extents,
) -> Result<Option<NodeId>, Reason> {
    let Extents { batch, rows, columns, given, .. } = *extents;
    let (left, right) = (site.int("left_window_size", -1), site.int("right_window_size", -1));
    let right = if site.int("is_causal", 0) != 0 { 0 } else { right };
    let valid = maker.given(VALID)?;
    let valid = valid.map(|valid| maker.reshape("valid", valid, &[batch, 1, 1, 1])).transpose()?;
    let column = whole(maker, "column", [1, columns], 0)?;
    let mut seen = None;
    if let Some(valid) = valid {
        let there = maker.push("there", Op::Less, &[column, valid])?;
        seen = Some(there);
    }
    if left < 0 && right < 0 {
        return Ok(seen);
    }
    // Where a query stands among the keys.
    let place = match valid.filter(|_| site.input(PAST_KEY).is_none()) {
        Some(valid) => {
            let row = whole(maker, "row", [rows, 1], -signed(rows)?)?;
            maker.push_whole("place", Op::Add, &[valid, row])?
        }
        None => whole(maker, "row", [rows, 1], signed(columns - given)?)?,
    };
    for (size, part, later) in [(left, "left", false), (right, "right", true)] {
        if size < 0 {
            continue;
        }
        let size = constant(maker, &format!("{part}.size"), [1, 1], [size])?;
        let order = if later { [column, place] } else { [place, column] };
        let away = maker.push_whole(&format!("{part}.away"), Op::Sub, &order)?;
        let near = maker.push(part, Op::LessOrEqual, &[away, size])?;
        seen = Some(both(maker, &format!("{part}.seen"), seen, near)?);
    }
    Ok(seen)
}

/// Whether both hold.
pub(super) fn both(
    maker: &mut Maker<'_, '_>,
    part: &str,
    first: Option<NodeId>,
    then: NodeId,
) -> Result<NodeId, Reason> {
    match first {
        Some(first) => maker.push(part, Op::Min, &[first, then]),
        None => Ok(then),
    }
}

/// Whole numbers from `first` on.
fn whole(
    maker: &mut Maker<'_, '_>,
    part: &str,
    shape: [usize; 2],
    first: i64,
) -> Result<NodeId, Reason> {
    let count = signed(shape[0] * shape[1])?;
    constant(maker, part, shape, first..first + count)
}

fn constant(
    maker: &mut Maker<'_, '_>,
    part: &str,
    [rows, columns]: [usize; 2],
    values: impl IntoIterator<Item = i64>,
) -> Result<NodeId, Reason> {
    maker.signed(part, &[1, 1, rows, columns], values)
}

//! `Slice` with steps. The analysis takes every so many of an operator's results for the operator on every so many of
//! its operands, of a softmax over that axis too.

use tract_onnx::pb::{GraphProto, NodeProto};
use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::{Site, axis, signed};
use crate::NodeId;
use crate::import::reason::Reason;
use crate::import::stored::{constant, integers};

/// Whether a node is a `Slice` that may have a step other than 1.
pub(super) fn is_stepped(graph: &GraphProto, node: &NodeProto) -> bool {
    let steps = node.input.get(4).filter(|name| !name.is_empty() && node.op_type == "Slice");
    steps.is_some_and(|name| {
        let known = constant(graph, name).and_then(integers);
        known.is_none_or(|steps| steps.iter().any(|&step| step != 1))
    })
}

/// The positions that stay of each axis that is cut.
fn kept(site: &Site<'_>) -> Result<Vec<(usize, Vec<usize>)>, Reason> {
    let shape = site.shape(0)?;
    let list = |slot: usize, name: &str| {
        site.integers(slot)?.ok_or_else(|| Reason(format!("its {name} are missing")))
    };
    let (starts, ends) = (list(1, "starts")?, list(2, "ends")?);
    let axes = match site.integers(3)? {
        Some(axes) => axes,
        None => (0..).take(starts.len()).collect(),
    };
    let steps = site.integers(4)?.unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err("its starts, ends, axes and steps are not equally many".into());
    }
    let mut kept: Vec<(usize, Vec<usize>)> = vec![];
    for (((start, end), along), step) in starts.into_iter().zip(ends).zip(axes).zip(steps) {
        let along = axis(along, shape.len())?;
        if kept.iter().any(|(known, _)| *known == along) {
            return Err(Reason(format!("it cuts axis {along} twice")));
        }
        let extent = shape.get(along).copied().unwrap_or(0);
        kept.push((along, positions(extent, start, end, step)?));
    }
    Ok(kept)
}

/// Positions from `start` to before `end`, which may count from the end and lie beyond the axis.
fn positions(extent: usize, start: i64, end: i64, step: i64) -> Result<Vec<usize>, Reason> {
    let length = signed(extent)?;
    let from_end = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
    // Backwards, the place before the first one is where an end may lie.
    let (least, most) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let start = from_end(start).clamp(least.max(0), most.max(0));
    let end = from_end(end).clamp(least, most);
    let mut kept = vec![];
    let mut at = start;
    while step != 0 && if step < 0 { at > end } else { at < end } {
        kept.extend(usize::try_from(at).ok().filter(|&at| at < extent));
        at = at.saturating_add(step);
    }
    match (step, kept.is_empty()) {
        (0, _) => Err("a step of 0 leads nowhere".into()),
        (_, true) => Err(Reason(format!("nothing is left of an axis of {extent}"))),
        (_, false) => Ok(kept),
    }
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let mut shape = site.shape(0)?.to_vec();
    for (along, kept) in kept(site)? {
        if let Some(extent) = shape.get_mut(along) {
            *extent = kept.len();
        }
    }
    Ok(vec![(site.kind(0)?, shape)])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let mut x = maker.input(0)?;
    for (along, kept) in kept(site)? {
        x = maker.take(&format!("axis{along}"), x, along, kept)?;
    }
    Ok(vec![x])
}

#[cfg(test)]
mod tests {
    use super::positions;

    fn at(start: i64, end: i64, step: i64) -> Option<Vec<usize>> {
        positions(5, start, end, step).ok()
    }

    #[test]
    fn ends_beyond_an_axis_are_its_ends() {
        assert_eq!(at(0, i64::MAX, 2), Some(vec![0, 2, 4]));
        assert_eq!(at(-9, 9, 3), Some(vec![0, 3]));
        assert_eq!(at(-1, i64::MIN, -2), Some(vec![4, 2, 0]));
        assert_eq!(at(9, -6, -1), Some(vec![4, 3, 2, 1, 0]));
        assert_eq!(at(3, 0, -1), Some(vec![3, 2, 1]));
        assert_eq!(at(-2, -1, i64::MAX), Some(vec![3]));
        assert_eq!((at(0, 5, 0), at(4, 4, 2), at(2, 3, -1)), (None, None, None));
    }
}

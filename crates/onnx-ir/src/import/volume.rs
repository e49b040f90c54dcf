//! Windows of more than two spatial axes, as those of two: what a tap of an earlier axis reads is a channel of its
//! own, and each place of it an image.

use super::builder::Builder;
use super::reason::Reason;
use crate::{NodeId, Op};

/// One axis before the last two.
pub(super) struct Outer {
    /// Places, and taps of each.
    pub(super) places: usize,
    pub(super) taps: usize,
    /// What each tap of each place reads, place by place; none is zero.
    pub(super) sources: Vec<Option<usize>>,
}

/// `[N, C, outer.., H, W]` as `[N·places, C·taps, H, W]`.
pub(super) fn unfold(
    builder: &mut Builder,
    name: &str,
    x: NodeId,
    outer: &[Outer],
) -> Result<NodeId, Reason> {
    if outer.is_empty() {
        return Ok(x);
    }
    let mut x = x;
    let mut split = builder.shape(x).get(..2).ok_or("it has no channels")?.to_vec();
    for (at, axis) in outer.iter().enumerate() {
        let mut shape = builder.shape(x);
        let extent = *shape.get(at + 2).ok_or("it has no such axis")?;
        if axis.sources.iter().any(Option::is_none) {
            let mut after = vec![0; shape.len()];
            after.splice(at + 2..=at + 2, [1]);
            let pad = Op::Pad { before: vec![0; shape.len()], after, value: 0.0 };
            x = builder.push(&format!("{name}.zeros{at}"), pad, &[x])?;
        }
        let positions = axis.sources.iter().map(|source| source.unwrap_or(extent)).collect();
        x = builder.take(&format!("{name}.taps{at}"), x, at + 2, positions)?;
        shape = builder.shape(x);
        split.extend([axis.places, axis.taps]);
        if at + 1 == outer.len() {
            split.extend(shape.get(at + 3..).unwrap_or(&[]));
        }
    }
    let x = builder.reshape(&format!("{name}.split"), x, &split)?;
    let count = outer.len();
    let places = (0..count).map(|axis| 2 + 2 * axis);
    let taps = (0..count).map(|axis| 3 + 2 * axis);
    let perm: Vec<usize> = [0]
        .into_iter()
        .chain(places)
        .chain([1])
        .chain(taps)
        .chain(2 + 2 * count..split.len())
        .collect();
    let x = builder.transpose(&format!("{name}.channels"), x, perm)?;
    let shape = builder.shape(x);
    let (images, rest) = shape.split_at_checked(1 + count).ok_or("it has too few axes")?;
    let (channels, plane) = rest.split_at_checked(1 + count).ok_or("it has too few axes")?;
    let mut shape = vec![images.iter().product(), channels.iter().product()];
    shape.extend(plane);
    builder.reshape(&format!("{name}.images"), x, &shape)
}

/// `[N·places, O, H, W]` as `[N, O, places.., H, W]`.
pub(super) fn fold(
    builder: &mut Builder,
    name: &str,
    y: NodeId,
    outer: &[Outer],
) -> Result<NodeId, Reason> {
    if outer.is_empty() {
        return Ok(y);
    }
    let shape = builder.shape(y);
    let (&[images, channels], plane) =
        shape.split_first_chunk::<2>().ok_or("it has no channels")?;
    let places: Vec<usize> = outer.iter().map(|axis| axis.places).collect();
    let batch = images.checked_div(places.iter().product()).ok_or("it has no places")?;
    let split = [&[batch], places.as_slice(), &[channels], plane].concat();
    let y = builder.reshape(&format!("{name}.places"), y, &split)?;
    let count = outer.len();
    let perm = [0, count + 1].into_iter().chain(1..=count).chain(count + 2..split.len()).collect();
    builder.transpose(&format!("{name}.volume"), y, perm)
}

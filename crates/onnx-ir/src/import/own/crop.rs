//! `CenterCropPad`: axes are cut or padded with zeros to given extents, about their middle.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::{Site, axis, extent};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let mut shape = site.shape(0)?.to_vec();
    let rank = shape.len();
    let wanted = site.integers(1)?.ok_or("its shape is missing")?;
    let axes = match site.ints("axes") {
        Some(axes) => axes.iter().map(|&at| axis(at, rank)).collect::<Result<Vec<_>, _>>()?,
        None => (0..rank).collect(),
    };
    if axes.len() != wanted.len() {
        return Err(Reason(format!("{} extents do not fit {} axes", wanted.len(), axes.len())));
    }
    for (at, wanted) in axes.into_iter().zip(wanted) {
        *shape.get_mut(at).ok_or("it has no such axis")? = extent(wanted)?;
    }
    Ok(vec![(site.kind(0)?, shape)])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let mut x = maker.input(0)?;
    let wanted = shapes(site)?.into_iter().next().map(|(_, shape)| shape).unwrap_or_default();
    let (mut before, mut after) = (vec![], vec![]);
    for (at, wanted) in wanted.into_iter().enumerate() {
        let length = maker.shape(x).get(at).copied().unwrap_or(0);
        let first = length.saturating_sub(wanted) / 2;
        let kept = (first..first + wanted.min(length)).collect();
        x = maker.take(&format!("cut{at}"), x, at, kept)?;
        let missing = wanted.saturating_sub(length);
        before.push(missing / 2);
        after.push(missing - missing / 2);
    }
    Ok(vec![maker.push("pad", Op::Pad { before, after, value: 0.0 }, &[x])?])
}

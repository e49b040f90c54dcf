//! `OneHot`: where an index equals a position, counted from either end; an index beyond is nowhere.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::{Site, axis, extent};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let mut shape = site.shape(0)?.to_vec();
    let depth = site.integers(1)?.and_then(|depth| depth.first().copied());
    let depth = extent(depth.ok_or("its depth is missing")?)?;
    shape.insert(axis(site.int("axis", -1), shape.len() + 1)?, depth);
    Ok(vec![(site.kind(2)?, shape)])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let shape = shapes(site)?.into_iter().next().map(|(_, shape)| shape).unwrap_or_default();
    let along = axis(site.int("axis", -1), shape.len())?;
    let depth = shape.get(along).copied().unwrap_or(0);
    let mut index = maker.input(0)?;
    if site.kind(0)?.is_float() {
        index = maker.push_whole("whole", Op::Trunc, &[index])?;
    }
    let mut one = shape.clone();
    one.splice(along..=along, [1]);
    let index = maker.reshape("index", index, &one)?;
    let mut line = vec![1; shape.len() - along];
    line.splice(0..1, [depth]);
    let positions = maker.wholes("positions", &line, 0..depth)?;
    let depth = maker.wholes("depth", &[], [depth])?;
    let from_end = maker.push_whole("from_end", Op::Sub, &[positions, depth])?;
    let hit = maker.push_whole("hit", Op::Equal, &[index, positions])?;
    let hit_from_end = maker.push_whole("hit_from_end", Op::Equal, &[index, from_end])?;
    let hit = maker.push_whole("either", Op::Add, &[hit, hit_from_end])?;
    let values = maker.input(2)?;
    let off = maker.take("off", values, 0, vec![0])?;
    let on = maker.take("on", values, 0, vec![1])?;
    Ok(vec![maker.push("chosen", Op::Where, &[hit, on, off])?])
}

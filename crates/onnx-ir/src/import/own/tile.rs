//! `Tile`, whose results the analysis does not always multiply with each other.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::{Site, extent};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

fn repeats(site: &Site<'_>) -> Result<Vec<usize>, Reason> {
    let repeats = site.integers(1)?.ok_or("its repeats are missing")?;
    let repeats = repeats.into_iter().map(extent).collect::<Result<Vec<usize>, Reason>>()?;
    match (repeats.len() == site.shape(0)?.len(), repeats.contains(&0)) {
        (false, _) => Err("its repeats are not as many as its axes".into()),
        (true, true) => Err("nothing is left of an axis that is repeated 0 times".into()),
        (true, false) => Ok(repeats),
    }
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let repeats = repeats(site)?;
    let extents = site.shape(0)?.iter().zip(repeats);
    let shape: Option<Vec<usize>> =
        extents.map(|(extent, times)| extent.checked_mul(times)).collect();
    Ok(vec![(site.kind(0)?, shape.ok_or("its result is too large")?)])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let x = maker.input(0)?;
    Ok(vec![maker.push("tile", Op::Tile { repeats: repeats(site)? }, &[x])?])
}

//! `SpaceToDepth` in mode CRD, which the analysis has not.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::{Site, extent};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

fn sizes(site: &Site<'_>) -> Result<[usize; 5], Reason> {
    let &[n, c, h, w] = site.shape(0)? else { return Err("it takes [N,C,H,W]".into()) };
    let block = extent(site.int("blocksize", 0))?;
    match h.min(w).min(block) > 0 && h % block == 0 && w % block == 0 {
        true => Ok([n, c, h, w, block]),
        false => Err("its blocksize does not divide its height and width".into()),
    }
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let [n, c, h, w, block] = sizes(site)?;
    Ok(vec![(site.kind(0)?, vec![n, c * block * block, h / block, w / block])])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let [n, c, h, w, block] = sizes(site)?;
    let by_column = match site.word("mode", "DCR") {
        "DCR" => false,
        "CRD" => true,
        other => return Err(Reason(format!("its mode {other} is unknown"))),
    };
    let x = maker.input(0)?;
    let x = maker.reshape("blocks", x, &[n, c, h / block, block, w / block, block])?;
    // The place within a block before or after the channel.
    let perm = if by_column { vec![0, 1, 3, 5, 2, 4] } else { vec![0, 3, 5, 1, 2, 4] };
    let x = maker.push("order", Op::Transpose { perm }, &[x])?;
    let shape = [n, c * block * block, h / block, w / block];
    Ok(vec![maker.reshape("depth", x, &shape)?])
}

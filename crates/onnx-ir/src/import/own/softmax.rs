//! `Softmax` and `LogSoftmax`, which the analysis takes for functions of each element when it moves strides before them.

use super::maker::Maker;
use super::site::{Site, axis};
use crate::NodeId;
use crate::import::reason::Reason;

/// The version from which on one axis is meant, and before which all axes from one on are.
const ONE_AXIS: i64 = 13;

fn axes(site: &Site<'_>) -> Result<Vec<usize>, Reason> {
    let rank = site.shape(0)?.len();
    if site.opset >= ONE_AXIS {
        return Ok(vec![axis(site.int("axis", -1), rank)?]);
    }
    Ok((axis(site.int("axis", 1), rank)?..rank).collect())
}

pub(super) fn softmax(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let x = maker.input(0)?;
    Ok(vec![maker.softmax(x, &axes(site)?, false)?])
}

pub(super) fn log_softmax(
    site: &Site<'_>,
    maker: &mut Maker<'_, '_>,
) -> Result<Vec<NodeId>, Reason> {
    let x = maker.input(0)?;
    Ok(vec![maker.softmax(x, &axes(site)?, true)?])
}

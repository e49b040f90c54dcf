//! `MatMul` of two vectors: a number.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::Site;
use crate::import::reason::Reason;
use crate::{NodeId, Op};

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    match (site.shape(0)?, site.shape(1)?) {
        ([a], [b]) if a == b => Ok(vec![(site.kind(0)?, vec![])]),
        _ => Err("its vectors are of different lengths".into()),
    }
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let length = site.shape(0)?.first().copied().unwrap_or(0);
    let (a, b) = (maker.input(0)?, maker.input(1)?);
    let row = maker.reshape("row", a, &[1, 1, length])?;
    let column = maker.reshape("column", b, &[1, length, 1])?;
    let product = maker.push("product", Op::MatMul, &[row, column])?;
    Ok(vec![maker.reshape("number", product, &[])?])
}

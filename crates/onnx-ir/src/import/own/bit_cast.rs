//! `BitCast`: the same bits read as another type, of whole numbers.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::Site;
use crate::NodeId;
use crate::import::reason::Reason;
use crate::import::stored::{kind, whole_type};

/// The type that the bits are read as.
fn target(site: &Site<'_>) -> Result<DatumType, Reason> {
    let from = site.kind(0)?;
    let floats = "the bits of floats have no circuit: cast the number itself (Cast)";
    let to = match i32::try_from(site.int("to", 0)).unwrap_or(0) {
        kind::BOOL => DatumType::Bool,
        other => whole_type(other).ok_or(floats)?,
    };
    let whole = |kind: DatumType| kind.is_integer() || kind == DatumType::Bool;
    if !whole(from) {
        return Err(floats.into());
    }
    if from.size_of() != to.size_of() {
        return Err(Reason(format!("{from:?} and {to:?} are of different width")));
    }
    if to == DatumType::Bool && from != to {
        return Err("a byte need not be a truth value: compare it with 0 (Cast to bool)".into());
    }
    Ok(to)
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    Ok(vec![(target(site)?, site.shape(0)?.to_vec())])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let x = maker.input(0)?;
    Ok(vec![maker.wrapped(x, target(site)?)?])
}

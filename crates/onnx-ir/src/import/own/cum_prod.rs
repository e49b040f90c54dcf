//! `CumProd`: products of all elements up to each along an axis, one after another, so that each has a range of its own.

use super::maker::Maker;
use super::site::{Site, axis};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// More factors one after another than this are better refused than laid out.
const MOST_FACTORS: usize = 1 << 12;

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let mut shape = site.shape(0)?.to_vec();
    let along = site.integers(1)?.and_then(|axes| axes.first().copied());
    let along = axis(along.ok_or("its axis must be a constant")?, shape.len())?;
    let (exclusive, reverse) = (site.int("exclusive", 0) != 0, site.int("reverse", 0) != 0);
    let whole = site.kind(0)?.is_integer();
    let count = shape.get(along).copied().unwrap_or(0);
    if count > MOST_FACTORS {
        return Err(Reason(format!(
            "{count} factors one after another are too many: {MOST_FACTORS} are supported"
        )));
    }
    shape.splice(along..=along, [1]);
    let x = maker.input(0)?;
    let push = |maker: &mut Maker<'_, '_>, part: &str, op: Op, inputs: &[NodeId]| match whole {
        true => maker.push_whole(part, op, inputs),
        false => maker.push(part, op, inputs),
    };
    let mut products = vec![];
    let mut so_far = None;
    if exclusive {
        let len = shape.iter().product();
        products.push(match whole {
            true => maker.wholes("ones", &shape, vec![1; len])?,
            false => maker.constant("ones", &shape, vec![1.0; len])?,
        });
    }
    // The last product of all that are exclusive is of no use.
    for taken in 0..count - usize::from(exclusive && count > 0) {
        let at = if reverse { count - 1 - taken } else { taken };
        let here = maker.take("factor", x, along, vec![at])?;
        let product = match so_far {
            Some(before) => push(maker, "product", Op::Mul, &[before, here])?,
            None => here,
        };
        products.push(product);
        so_far = Some(product);
    }
    if reverse {
        products.reverse();
    }
    Ok(vec![push(maker, "products", Op::Concat { axis: along }, &products)?])
}

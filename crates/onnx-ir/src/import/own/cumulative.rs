//! `CumSum` and `Hardmax`: what needs the extent of an axis.

use super::maker::Maker;
use super::site::{Site, axis};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// Sums of all elements up to each along an axis: whole numbers by additions, which are exact; others as one product with
/// a triangle of ones.
pub(super) fn cum_sum(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let shape = site.shape(0)?.to_vec();
    let along = site.integers(1)?.and_then(|axes| axes.first().copied());
    let along = axis(along.ok_or("its axis must be a constant")?, shape.len())?;
    let (exclusive, reverse) = (site.int("exclusive", 0) != 0, site.int("reverse", 0) != 0);
    let x = maker.input(0)?;
    let extent = shape.get(along).copied().unwrap_or(0);
    if extent == 0 {
        return Ok(vec![x]);
    }
    let whole = site.kind(0)?.is_integer();
    // Whether an element counts for a sum.
    let counts = |of: usize, sum: usize| {
        let (of, sum) = if reverse { (sum, of) } else { (of, sum) };
        if exclusive { of < sum } else { of <= sum }
    };
    if whole {
        let mut sums = vec![];
        let mut so_far: Option<NodeId> = None;
        let order: Vec<usize> =
            if reverse { (0..extent).rev().collect() } else { (0..extent).collect() };
        for at in order {
            let here = maker.take("element", x, along, vec![at])?;
            let with = match so_far {
                Some(before) => maker.push_whole("sum", Op::Add, &[before, here])?,
                None => here,
            };
            sums.push(match (exclusive, so_far) {
                (false, _) => with,
                (true, Some(before)) => before,
                (true, None) => {
                    let zero = maker.wholes("zero", &[], [0])?;
                    maker.push_whole("nothing", Op::Mul, &[here, zero])?
                }
            });
            so_far = Some(with);
        }
        if reverse {
            sums.reverse();
        }
        return Ok(vec![maker.push_whole("sums", Op::Concat { axis: along }, &sums)?]);
    }
    let mut order: Vec<usize> = (0..shape.len()).filter(|&axis| axis != along).collect();
    order.push(along);
    let turned = maker.push("turned", Op::Transpose { perm: order.clone() }, &[x])?;
    let turned_shape = maker.shape(turned);
    let lines = shape.iter().product::<usize>() / extent;
    let flat = maker.reshape("lines", turned, &[1, lines, extent])?;
    let places = (0..extent).flat_map(|of| (0..extent).map(move |sum| (of, sum)));
    let triangle = places.map(|(of, sum)| f32::from(u8::from(counts(of, sum)))).collect();
    let triangle = maker.constant("triangle", &[1, extent, extent], triangle)?;
    let sums = maker.push("sums", Op::MatMul, &[flat, triangle])?;
    let sums = maker.reshape("sums.shape", sums, &turned_shape)?;
    let mut back = vec![0; order.len()];
    for (to, &from) in order.iter().enumerate() {
        if let Some(place) = back.get_mut(from) {
            *place = to;
        }
    }
    Ok(vec![maker.push("turned_back", Op::Transpose { perm: back }, &[sums])?])
}

/// 1 where the largest element of a line is, the first of equal ones, and 0 elsewhere; before version 13 a line is all from
/// an axis on.
pub(super) fn hardmax(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    const ALONG_ONE_AXIS: i64 = 13;
    let shape = site.shape(0)?.to_vec();
    let flattens = site.opset < ALONG_ONE_AXIS;
    let at = site.int("axis", if flattens { 1 } else { -1 });
    let first = match flattens && usize::try_from(at).is_ok_and(|at| at == shape.len()) {
        true => shape.len(),
        false => axis(at, shape.len())?,
    };
    let (before, after) = shape.split_at_checked(first).ok_or("its axis does not exist")?;
    let lines = |shape: &[usize]| shape.iter().product::<usize>();
    let flat = match flattens {
        true => [lines(before), lines(after), 1],
        false => [
            lines(before),
            after.first().copied().unwrap_or(1),
            lines(after.get(1..).unwrap_or(&[])),
        ],
    };
    let x = maker.input(0)?;
    let x = maker.reshape("lines", x, &flat)?;
    let order = maker.push_whole("order", Op::TopK { axis: 1, largest: true }, &[x])?;
    let largest = maker.take("largest", order, 1, vec![0])?;
    let positions = maker.wholes("positions", &[flat[1], 1], 0..flat[1])?;
    let hit = maker.push("hit", Op::Equal, &[largest, positions])?;
    Ok(vec![maker.reshape("shape", hit, &shape)?])
}

//! `Pad`: what is cut off first, then what is put around it.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::{Site, axis, extent, signed};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// Per axis: elements before and after; negative ones are cut off.
fn pads(site: &Site<'_>) -> Result<Vec<(i64, i64)>, Reason> {
    let rank = site.shape(0)?.len();
    let given = match site.ints("pads").or_else(|| site.ints("paddings")) {
        Some(given) => given.to_vec(),
        None => site.integers(1)?.ok_or("its pads are missing")?,
    };
    let axes = match site.integers(3)? {
        Some(axes) => axes.into_iter().map(|at| axis(at, rank)).collect::<Result<Vec<_>, _>>()?,
        None => (0..rank).collect(),
    };
    if given.len() != 2 * axes.len() {
        return Err(Reason(format!("{} pads do not fit {} axes", given.len(), axes.len())));
    }
    let (before, after) = given.split_at(axes.len());
    let mut pads = vec![(0, 0); rank];
    for (at, pad) in axes.into_iter().zip(before.iter().copied().zip(after.iter().copied())) {
        *pads.get_mut(at).ok_or("it has no such axis")? = pad;
    }
    Ok(pads)
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let mut shape = site.shape(0)?.to_vec();
    for (length, (before, after)) in shape.iter_mut().zip(pads(site)?) {
        let padded = signed(*length)?.checked_add(before).and_then(|sum| sum.checked_add(after));
        *length = extent(padded.ok_or("its pads are too large")?)?;
    }
    Ok(vec![(site.kind(0)?, shape)])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let pads = pads(site)?;
    let mut x = maker.input(0)?;
    let (mut before, mut after) = (vec![], vec![]);
    for (at, &(first, last)) in pads.iter().enumerate() {
        let length = maker.shape(x).get(at).copied().unwrap_or(0);
        let cut = |pad: i64| usize::try_from(pad.min(0).unsigned_abs()).unwrap_or(usize::MAX);
        let kept = (cut(first)..length.saturating_sub(cut(last))).collect();
        x = maker.take(&format!("cut{at}"), x, at, kept)?;
        before.push(usize::try_from(first.max(0)).unwrap_or(usize::MAX));
        after.push(usize::try_from(last.max(0)).unwrap_or(usize::MAX));
    }
    let mode = site.word("mode", "constant");
    if mode == "constant" {
        let given = site.numbers(2)?;
        let value = match given.as_deref() {
            None | Some([]) => site.float("value", 0.0),
            Some([value, ..]) => *value,
        };
        return Ok(vec![maker.push("pad", Op::Pad { before, after, value }, &[x])?]);
    }
    for (at, (before, after)) in before.into_iter().zip(after).enumerate() {
        let length = maker.shape(x).get(at).copied().unwrap_or(0);
        let places = places(mode, length, before, after)?;
        x = maker.take(&format!("axis{at}"), x, at, places)?;
    }
    Ok(vec![x])
}

/// Where each element of a padded axis comes from.
fn places(mode: &str, length: usize, before: usize, after: usize) -> Result<Vec<usize>, Reason> {
    if before == 0 && after == 0 {
        return Ok((0..length).collect());
    }
    let last = signed(length)? - 1;
    if last < 0 {
        return Err("nothing is left to pad with".into());
    }
    let at = |place: i64| match mode {
        "edge" => Ok(place.clamp(0, last)),
        "wrap" => Ok(place.rem_euclid(last + 1)),
        "reflect" if last == 0 => Ok(0),
        // Back and forth between the ends, which are not repeated.
        "reflect" => Ok(last - (last - place.rem_euclid(2 * last)).abs()),
        _ => Err(Reason(format!("its mode {mode} is unknown"))),
    };
    let range = -signed(before)?..=last + signed(after)?;
    range.map(|place| extent(at(place)?)).collect()
}

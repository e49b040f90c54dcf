//! `TensorScatter`: a run of elements is written along an axis, from a place that each sample of the batch names.

use super::maker::Maker;
use super::site::{Site, axis, same_as_first};
use crate::import::reason::Reason;
use crate::{NodeId, Op};
use tract_onnx::prelude::DatumType;

struct Plan {
    along: usize,
    /// Places of the axis, and elements that are written.
    places: usize,
    written: usize,
    circular: bool,
}

impl Plan {
    /// Places that writing may begin at: beyond them it has no result.
    fn starts(&self) -> usize {
        if self.circular { self.places } else { self.places - self.written + 1 }
    }

    /// Where the element at a place comes from, of what is written and what was there, one after the other.
    fn source(&self, place: usize, start: usize) -> usize {
        let from_start = match self.circular {
            true => Some((place + self.places - start) % self.places),
            false => place.checked_sub(start),
        };
        from_start.filter(|&at| at < self.written).unwrap_or(self.written + place)
    }
}

fn plan(site: &Site<'_>) -> Result<Plan, Reason> {
    let (cache, update) = (site.shape(0)?, site.shape(1)?);
    let along = axis(site.int("axis", -2), cache.len())?;
    if along == 0 {
        return Err("its axis is that of the batch".into());
    }
    let circular = match site.word("mode", "linear") {
        "linear" => false,
        "circular" => true,
        other => return Err(Reason(format!("its mode {other} is unknown"))),
    };
    let fits = cache.len() == update.len()
        && cache.iter().zip(update).enumerate().all(|(at, (c, u))| at == along || c == u);
    let (places, written) = (cache.get(along).copied(), update.get(along).copied());
    let (places, written) =
        places.zip(written).filter(|_| fits).ok_or("its update does not fit")?;
    if written > places || written == 0 {
        return Err(Reason(format!("{written} elements do not fit {places} places")));
    }
    let starts = site.input(2).map(|given| given.shape.as_slice());
    if starts.is_some_and(|shape| shape != cache.get(..1).unwrap_or(&[])) {
        return Err("its write_indices are not one for each sample of the batch".into());
    }
    Ok(Plan { along, places, written, circular })
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    plan(site)?;
    same_as_first(site)
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let plan = plan(site)?;
    let batch = site.shape(0)?.first().copied().unwrap_or(0);
    let (cache, update) = (maker.input(0)?, maker.input(1)?);
    let both = maker.push("both", Op::Concat { axis: plan.along }, &[update, cache])?;
    let known = match site.input(2) {
        None => Some(vec![0; batch]),
        Some(_) => site.integers(2)?,
    };
    let named = match &known {
        Some(_) => None,
        None => Some(named(maker, &plan)?),
    };
    let mut samples = vec![];
    for sample in 0..batch {
        let own = maker.take(&format!("sample{sample}"), both, 0, vec![sample])?;
        let start = known.as_ref().and_then(|known| known.get(sample)).copied();
        let taken = match (start, named) {
            (Some(start), _) => {
                let beyond = || Reason(format!("it writes from place {start} of {}", plan.places));
                let start = usize::try_from(start).ok().filter(|&at| at < plan.starts());
                let start = start.ok_or_else(beyond)?;
                let sources = (0..plan.places).map(|place| plan.source(place, start)).collect();
                maker.take(&format!("written{sample}"), own, plan.along, sources)?
            }
            (None, Some(named)) => {
                let start = maker.take(&format!("start{sample}"), named, 0, vec![sample])?;
                let sources = sources(maker, &plan, start, sample)?;
                let op = Op::Gather { axis: plan.along };
                maker.push(&format!("written{sample}"), op, &[own, sources])?
            }
            (None, None) => return Err("its write_indices are missing".into()),
        };
        samples.push(taken);
    }
    Ok(vec![maker.push("present", Op::Concat { axis: 0 }, &samples)?])
}

/// Where writing begins, looked up among the places where it may: a negative one is none either.
fn named(maker: &mut Maker<'_, '_>, plan: &Plan) -> Result<NodeId, Reason> {
    let starts = maker.input(2)?;
    let zero = maker.wholes("zero", &[], [0])?;
    let none = maker.wholes("none", &[], [plan.starts()])?;
    let negative = maker.push_whole("negative", Op::Less, &[starts, zero])?;
    let starts = maker.push_whole("counted", Op::Where, &[negative, none, starts])?;
    let table = maker.wholes("starts", &[plan.starts()], 0..plan.starts())?;
    maker.push_whole("named", Op::Gather { axis: 0 }, &[table, starts])
}

/// Where every place takes its element from.
fn sources(
    maker: &mut Maker<'_, '_>,
    plan: &Plan,
    start: NodeId,
    sample: usize,
) -> Result<NodeId, Reason> {
    let part = |part: &str| format!("{part}{sample}");
    let Plan { places, written, .. } = *plan;
    let positions = maker.wholes(&part("positions"), &[places], 0..places)?;
    let kept = maker.wholes(&part("kept"), &[places], written..written + places)?;
    let zero = maker.wholes(&part("zero"), &[], [0])?;
    let count = maker.wholes(&part("count"), &[], [written])?;
    let from_start = maker.push_whole(&part("from_start"), Op::Sub, &[positions, start])?;
    let before = maker.push_whole(&part("before"), Op::Less, &[from_start, zero])?;
    let mut own = from_start;
    if plan.circular {
        let around = maker.wholes(&part("around"), &[], [places])?;
        let around = maker.push_whole(&part("wrapped"), Op::Add, &[from_start, around])?;
        own = maker.push_whole(&part("place"), Op::Where, &[before, around, from_start])?;
    }
    let inside = maker.push_whole(&part("inside"), Op::Less, &[own, count])?;
    let source = maker.push_whole(&part("source"), Op::Where, &[inside, own, kept])?;
    match plan.circular {
        true => Ok(source),
        false => maker.push_whole(&part("sources"), Op::Where, &[before, kept, source]),
    }
}

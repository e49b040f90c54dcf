//! `ScatterElements`, `Scatter` and `ScatterND`: data with some elements replaced by updates, or combined with them.
//!
//! Where indices are constant, what is written last is taken; combinations are done in rounds, one for each time that
//! the most written place is written. Computed indices are compared with every position, update by update, in order.

use tract_onnx::prelude::DatumType;

use super::gather_nd::Rows;
use super::maker::Maker;
use super::site::{Site, axis, position};
use crate::import::reason::Reason;
use crate::tensor::strides;
use crate::{NodeId, Op};

/// More comparisons and combinations than this are better refused than laid out.
const MOST: usize = 1 << 22;

/// More updates one after another than this, too.
const MOST_STEPS: usize = 1 << 12;

/// How an update meets what is there.
#[derive(Clone, Copy, PartialEq)]
enum Reduction {
    Replace,
    Add,
    Mul,
    Max,
    Min,
}

fn reduction(site: &Site<'_>) -> Result<Reduction, Reason> {
    match site.word("reduction", "none") {
        "none" => Ok(Reduction::Replace),
        "add" => Ok(Reduction::Add),
        "mul" => Ok(Reduction::Mul),
        "max" => Ok(Reduction::Max),
        "min" => Ok(Reduction::Min),
        other => Err(Reason(format!("its reduction {other} is unknown"))),
    }
}

pub(super) fn elements_shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let (data, indices) = (site.shape(0)?, site.shape(1)?);
    let along = axis(site.int("axis", 0), data.len())?;
    let inside = data.iter().zip(indices).enumerate().all(|(i, (d, n))| i == along || n <= d);
    if data.len() != indices.len() || indices != site.shape(2)? || !inside {
        return Err("its indices and updates do not fit its data".into());
    }
    super::site::same_as_first(site)
}

pub(super) fn elements(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let reduction = reduction(site)?;
    let (shape, written) = (site.shape(0)?.to_vec(), site.shape(1)?.to_vec());
    let along = axis(site.int("axis", 0), shape.len())?;
    let extent = shape.get(along).copied().unwrap_or(0);
    let (data, updates) = (maker.input(0)?, maker.input(2)?);
    let own = strides(&written);
    let steps = strides(&shape);
    if let Some(indices) = site.integers(1)? {
        let place = |(at, &index): (usize, &i64)| {
            let outside = || Reason(format!("the index {index} is outside an axis of {extent}"));
            let index = position(index, extent).ok_or_else(outside)?;
            let axes = own.iter().zip(&written).zip(&steps).enumerate();
            let place = axes.map(|(axis, ((own, extent), step))| {
                step * if axis == along { index } else { at / own % extent }
            });
            Ok(place.sum())
        };
        let places =
            indices.iter().enumerate().map(place).collect::<Result<Vec<usize>, Reason>>()?;
        return known(maker, [data, updates], &places, reduction).map(|id| vec![id]);
    }
    // Lines that some index names an element of; the others stay.
    let lines: Vec<usize> = shape
        .iter()
        .zip(&written)
        .enumerate()
        .map(|(i, (&d, &w))| if i == along { d } else { w })
        .collect();
    let mut block = data;
    for (cut, &extent) in lines.iter().enumerate() {
        block = maker.take(&format!("lines{cut}"), block, cut, (0..extent).collect())?;
    }
    let table = maker.wholes("positions", &[extent], 0..extent)?;
    let indices = maker.input(1)?;
    let indices = maker.push_whole("named", Op::Gather { axis: 0 }, &[table, indices])?;
    let mut line = vec![1; shape.len() - along];
    line.splice(0..1, [extent]);
    let table = maker.reshape("line", table, &line)?;
    let block = computed(maker, [block, indices, updates, table], along, reduction)?;
    if lines == shape {
        return Ok(vec![block]);
    }
    let own = strides(&lines);
    let len: usize = shape.iter().product();
    let source = |at: usize| {
        let axes = steps.iter().zip(&shape).zip(&own).zip(&lines);
        let parts = axes.map(|(((step, extent), own), lines)| {
            let coordinate = at / step % extent;
            (coordinate < *lines).then_some(coordinate * own)
        });
        parts.sum::<Option<usize>>().map_or(at, |inside| len + inside)
    };
    let sources = (0..len).map(source).collect();
    Ok(vec![joined(maker, "whole", [data, block], sources, &shape)?])
}

pub(super) fn nd_shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let (data, indices) = (site.shape(0)?, site.shape(1)?);
    let rows = Rows::new(data, indices, 0).ok_or("its indices do not fit its data")?;
    let updates: usize = site.shape(2)?.iter().product();
    if updates != rows.tuples * rows.row {
        return Err("its updates do not fit its indices".into());
    }
    super::site::same_as_first(site)
}

pub(super) fn nd(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let reduction = reduction(site)?;
    let shape = site.shape(0)?.to_vec();
    let rows = Rows::new(&shape, site.shape(1)?, 0).ok_or("its indices do not fit its data")?;
    let (data, updates) = (maker.input(0)?, maker.input(2)?);
    if let Some(indices) = site.integers(1)? {
        let named = rows.named(&indices)?;
        let places: Vec<usize> =
            named.iter().flat_map(|at| at * rows.row..(at + 1) * rows.row).collect();
        return known(maker, [data, updates], &places, reduction).map(|id| vec![id]);
    }
    let count = rows.count();
    let block = maker.reshape("rows", data, &[count, rows.row])?;
    let updates = maker.reshape("updates", updates, &[rows.tuples, rows.row])?;
    let indices = maker.input(1)?;
    let named = rows.computed(maker, indices)?;
    let named = maker.reshape("named", named, &[rows.tuples, 1])?;
    let table = maker.wholes("positions", &[count, 1], 0..count)?;
    let block = computed(maker, [block, named, updates, table], 0, reduction)?;
    Ok(vec![maker.reshape("all", block, &shape)?])
}

/// Updates, of `[n]`, at places of `[m]` that input 1 names, which is constant or computed.
pub(super) fn along_a_line(
    maker: &mut Maker<'_, '_>,
    [data, updates]: [NodeId; 2],
    known_indices: Option<Vec<i64>>,
) -> Result<NodeId, Reason> {
    let [len, count] = [data, updates].map(|id| maker.shape(id).iter().product());
    if let Some(indices) = known_indices {
        let places = indices.into_iter().map(|at| position(at, len));
        let places: Option<Vec<usize>> = places.collect();
        let places = places.ok_or("an index is outside what it names")?;
        return known(maker, [data, updates], &places, Reduction::Replace);
    }
    let table = maker.wholes("positions", &[len], 0..len)?;
    let indices = maker.input(1)?;
    let indices = maker.reshape("places", indices, &[count])?;
    let named = maker.push_whole("named", Op::Gather { axis: 0 }, &[table, indices])?;
    computed(maker, [data, named, updates, table], 0, Reduction::Replace)
}

/// The sum of data, of `[n]`, and updates at known places.
pub(super) fn added(
    maker: &mut Maker<'_, '_>,
    both: [NodeId; 2],
    places: &[usize],
) -> Result<NodeId, Reason> {
    known(maker, both, places, Reduction::Add)
}

/// Updates at known places of the data in row-major order.
fn known(
    maker: &mut Maker<'_, '_>,
    [data, updates]: [NodeId; 2],
    places: &[usize],
    reduction: Reduction,
) -> Result<NodeId, Reason> {
    let shape = maker.shape(data);
    let len: usize = shape.iter().product();
    let mut rounds: Vec<Vec<(usize, usize)>> = vec![];
    let mut times = vec![0usize; len];
    for (update, &place) in places.iter().enumerate() {
        let times = times.get_mut(place).ok_or("an index is outside its axis")?;
        let round = if reduction == Reduction::Replace { 0 } else { *times };
        *times += 1;
        if rounds.len() <= round {
            rounds.push(vec![]);
        }
        rounds.get_mut(round).into_iter().for_each(|round| round.push((place, update)));
    }
    if rounds.len() > MOST_STEPS || rounds.len().saturating_mul(len) > MOST.max(len) {
        return Err(Reason(format!(
            "{} updates of one place are not supported among {len} elements",
            rounds.len()
        )));
    }
    let mut x = data;
    for (at, round) in rounds.into_iter().enumerate() {
        // What is there after the round: an element of the data, or one of what was written.
        let mut sources: Vec<usize> = (0..len).collect();
        let written = if reduction == Reduction::Replace {
            for (place, update) in round {
                sources.get_mut(place).into_iter().for_each(|source| *source = len + update);
            }
            updates
        } else {
            let (places, chosen): (Vec<usize>, Vec<usize>) = round.into_iter().unzip();
            for (written, &place) in places.iter().enumerate() {
                sources.get_mut(place).into_iter().for_each(|source| *source = len + written);
            }
            let count = [places.len()];
            let there = maker.pick(&format!("there{at}"), x, places, &count)?;
            let update = maker.pick(&format!("update{at}"), updates, chosen, &count)?;
            maker.push(&format!("combined{at}"), combination(reduction), &[there, update])?
        };
        x = joined(maker, &format!("round{at}"), [x, written], sources, &shape)?;
    }
    Ok(x)
}

fn combination(reduction: Reduction) -> Op {
    match reduction {
        Reduction::Replace | Reduction::Add => Op::Add,
        Reduction::Mul => Op::Mul,
        Reduction::Max => Op::Max,
        Reduction::Min => Op::Min,
    }
}

/// Elements of two tensors one after the other, in row-major order.
fn joined(
    maker: &mut Maker<'_, '_>,
    part: &str,
    both: [NodeId; 2],
    sources: Vec<usize>,
    shape: &[usize],
) -> Result<NodeId, Reason> {
    let mut flat = vec![];
    for (at, id) in both.into_iter().enumerate() {
        let len = maker.shape(id).iter().product();
        flat.push(maker.reshape(&format!("{part}.flat{at}"), id, &[len])?);
    }
    let all = maker.push(&format!("{part}.both"), Op::Concat { axis: 0 }, &flat)?;
    maker.pick(part, all, sources, shape)
}

/// Updates along an axis of a block at positions that are computed: `table` has the positions of the axis.
fn computed(
    maker: &mut Maker<'_, '_>,
    [block, indices, updates, table]: [NodeId; 4],
    along: usize,
    reduction: Reduction,
) -> Result<NodeId, Reason> {
    let count = maker.shape(indices).get(along).copied().unwrap_or(0);
    let len: usize = maker.shape(block).iter().product();
    if count > MOST_STEPS || count.saturating_mul(len) > MOST {
        return Err(Reason(format!(
            "{count} updates at computed places of {len} elements are too many: {MOST_STEPS} updates are supported, and {MOST} pairs"
        )));
    }
    let mut block = block;
    for at in 0..count {
        let index = maker.take(&format!("index{at}"), indices, along, vec![at])?;
        let update = maker.take(&format!("update{at}"), updates, along, vec![at])?;
        let here = maker.push_whole(&format!("here{at}"), Op::Equal, &[index, table])?;
        let written = match reduction {
            Reduction::Replace => update,
            Reduction::Add | Reduction::Mul | Reduction::Max | Reduction::Min => {
                maker.push(&format!("combined{at}"), combination(reduction), &[block, update])?
            }
        };
        block = maker.push(&format!("written{at}"), Op::Where, &[here, written, block])?;
    }
    Ok(block)
}

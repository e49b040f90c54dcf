//! `Unique` of a constant: its different elements or slices, where each came first, and how often.

use std::cmp::Ordering;

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::{Site, axis};
use crate::NodeId;
use crate::import::reason::Reason;

/// What is different, each by where it comes first; and which of these each slice is.
struct Found {
    along: Option<usize>,
    first: Vec<usize>,
    inverse: Vec<usize>,
}

fn found(site: &Site<'_>) -> Result<Found, Reason> {
    let shape = site.shape(0)?;
    let values = site.numbers(0)?.ok_or("only the unique elements of a constant are supported")?;
    let along = site.node.attribute.iter().find(|found| found.name == "axis");
    let along = along.map(|found| axis(found.i, shape.len())).transpose()?;
    let slices = match along.and_then(|at| Some((shape.split_at_checked(at)?, shape.get(at)?))) {
        None => values.iter().map(|&value| vec![value]).collect(),
        Some(((outer, rest), &count)) => {
            let inner: usize = rest.iter().skip(1).product();
            let outer: usize = outer.iter().product();
            let slice = |at: usize| {
                let runs = (0..outer).map(move |o| (o * count + at) * inner);
                runs.flat_map(|start| values.get(start..start + inner).unwrap_or(&[]).to_vec())
                    .collect::<Vec<f32>>()
            };
            (0..count).map(slice).collect::<Vec<_>>()
        }
    };
    let compare = |a: &[f32], b: &[f32]| {
        let each = a.iter().zip(b).map(|(a, b)| a.partial_cmp(b).unwrap_or(Ordering::Equal));
        each.fold(Ordering::Equal, Ordering::then)
    };
    let mut order: Vec<(usize, &Vec<f32>)> = slices.iter().enumerate().collect();
    order.sort_by(|a, b| compare(a.1, b.1).then(a.0.cmp(&b.0)));
    // Groups of equal slices, each in the order of the file.
    let mut groups: Vec<Vec<usize>> = vec![];
    let mut last: Option<&Vec<f32>> = None;
    for (at, slice) in order {
        match (last, groups.last_mut()) {
            (Some(last), Some(group)) if compare(last, slice) == Ordering::Equal => group.push(at),
            _ => groups.push(vec![at]),
        }
        last = Some(slice);
    }
    if site.int("sorted", 1) == 0 {
        groups.sort_by_key(|group| group.first().copied());
    }
    let mut inverse = vec![0; slices.len()];
    for (unique, group) in groups.iter().enumerate() {
        for &at in group {
            inverse.get_mut(at).into_iter().for_each(|inverse| *inverse = unique);
        }
    }
    let first = groups.iter().filter_map(|group| group.first().copied()).collect();
    Ok(Found { along, first, inverse })
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let Found { along, first, inverse } = found(site)?;
    let mut shape = site.shape(0)?.to_vec();
    match along.and_then(|at| shape.get_mut(at)) {
        Some(extent) => *extent = first.len(),
        None => shape = vec![first.len()],
    }
    let positions = |count: usize| (DatumType::I64, vec![count]);
    let (count, all) = (first.len(), inverse.len());
    Ok(vec![(site.kind(0)?, shape), positions(count), positions(all), positions(count)])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let Found { along, first, inverse } = found(site)?;
    let (count, all) = (first.len(), inverse.len());
    let x = maker.input(0)?;
    let unique = match along {
        Some(at) => maker.take("unique", x, at, first.clone())?,
        None => maker.pick("unique", x, first.clone(), &[count])?,
    };
    let mut times = vec![0; count];
    for &unique in &inverse {
        times.get_mut(unique).into_iter().for_each(|times| *times += 1);
    }
    let first = maker.wholes("first", &[count], first)?;
    let inverse = maker.wholes("inverse", &[all], inverse)?;
    Ok(vec![unique, first, inverse, maker.wholes("times", &[count], times)?])
}

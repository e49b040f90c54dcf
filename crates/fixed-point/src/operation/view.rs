//! View: elements of earlier tensors, and constants, in any order.

use crate::convert::index;
use crate::interpret_error::InterpretError;
use crate::linear::Operands;
use crate::quant_graph::{Interval, QuantGraph, Source, TensorId};
use crate::sizes::Sizes;
use crate::validate_error::ValidateError;

pub(super) fn check(
    sizes: Sizes<'_>,
    sources: &[TensorId],
    map: &[Source],
) -> Result<(), ValidateError> {
    sizes.equal("map", Some(sizes.len), map.len())?;
    let inside = |source: &Source| match *source {
        Source::Constant(_) => true,
        Source::Element { source, index: at } => {
            sources.get(index(source)).is_some_and(|&t| index(at) < sizes.operand(t))
        }
    };
    match map.iter().all(inside) {
        true => Ok(()),
        false => sizes.malformed("its map reads beyond a source"),
    }
}

pub(super) fn evaluate(
    operands: Operands<'_>,
    sources: &[TensorId],
    map: &[Source],
) -> Result<Vec<i64>, InterpretError> {
    let earlier =
        |t: &TensorId| operands.values.get(t.0).ok_or(InterpretError::NoTensor { index: t.0 });
    let sources = sources.iter().map(earlier).collect::<Result<Vec<_>, _>>()?;
    let element = |source: &Source| match *source {
        Source::Constant(value) => Ok(value),
        Source::Element { source, index: at } => sources
            .get(index(source))
            .and_then(|values| values.get(index(at)))
            .copied()
            .ok_or(InterpretError::NoTensor { index: index(source) }),
    };
    map.iter().map(element).collect()
}

pub(super) fn interval(
    graph: &QuantGraph,
    sources: &[TensorId],
    map: &[Source],
) -> Option<Interval> {
    let mut hull: Option<Interval> = None;
    let mut used = vec![false; sources.len()];
    for source in map {
        let here = match *source {
            Source::Constant(value) => Interval::point(value),
            Source::Element { source, .. } if *used.get(index(source))? => continue,
            Source::Element { source, .. } => {
                *used.get_mut(index(source))? = true;
                graph.tensors.get(sources.get(index(source))?.0)?.interval
            }
        };
        hull = Some(hull.map_or(here, |h| h.hull(here)));
    }
    Some(hull.unwrap_or(Interval::point(0)))
}

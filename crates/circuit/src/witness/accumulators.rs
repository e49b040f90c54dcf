//! Accumulators with bias of every position of an activation block, boundary terms included.

use crate::error::AssignError;
use crate::stand::{StandingBlock, StandingRun};
use provenn_fixed_point::{FullProduct, QuantGraph, QuantOp, accumulate, biased};
use provenn_gadgets::BoundaryValues;

/// What a position of an activation block looks up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// Its tensor's function.
    Function,
    /// The table of what is dropped.
    Boundary,
}

/// One position's accumulator: with bias where it is no boundary.
pub(super) struct Position {
    pub(super) plane: usize,
    pub(super) position: usize,
    pub(super) y: i64,
    pub(super) reads: Reads,
}

/// What an activation block is filled from.
pub(super) struct Accumulators {
    /// Every position in use.
    pub(super) positions: Vec<Position>,
    /// Of a convolution whose boundary terms stand elsewhere.
    pub(super) full: Option<FullProduct>,
}

pub(super) fn accumulators(
    graph: &QuantGraph,
    block: &StandingBlock,
    values: &[Vec<i64>],
) -> Result<Accumulators, AssignError> {
    let tensor = &graph.tensors[block.tensor.0];
    let layout = &block.layout;
    let at = |element: usize, y: i64| {
        let (plane, position) = layout.position(element);
        Position { plane, position, y, reads: Reads::Function }
    };
    let QuantOp::Rescale { bias, .. } = &tensor.op else {
        let what = "activations of what is not rescaled";
        return Err(AssignError::Internal { node: tensor.name.clone(), what });
    };
    let elements = layout.elements();
    let kept = |element: usize, y: i64| {
        let y = biased(&tensor.name, y, bias, element, elements)?;
        Ok(at(element, y))
    };
    let Some(full) = FullProduct::of(graph, block.tensor, values)? else {
        let y = accumulate(graph, block.tensor, values)?;
        let positions = y.into_iter().enumerate().map(|(element, y)| kept(element, y));
        let positions = positions.collect::<Result<_, AssignError>>()?;
        return Ok(Accumulators { positions, full: None });
    };
    let [top, left] = full.kept;
    let mut positions = Vec::with_capacity(elements);
    for element in 0..elements {
        let in_plane = element % (layout.height * layout.width);
        let (i, j) = (in_plane / layout.width, in_plane % layout.width);
        let plane = element / (layout.height * layout.width);
        positions.push(kept(element, coefficient(&full, plane, top + i, left + j))?);
    }
    if layout.turned {
        return Ok(Accumulators { positions, full: Some(full) });
    }
    let mut boundary = vec![vec![true; layout.length]; layout.planes];
    positions.iter().for_each(|p| boundary[p.plane][p.position] = false);
    for (plane, flags) in boundary.iter().enumerate() {
        for (position, _) in flags.iter().enumerate().filter(|(_, boundary)| **boundary) {
            let y = coefficient(&full, plane, position / layout.stride, position % layout.stride);
            positions.push(Position { plane, position, y, reads: Reads::Boundary });
        }
    }
    Ok(Accumulators { positions, full: None })
}

/// A coefficient of the full product; zero beyond its width, where a stride is wider.
fn coefficient(full: &FullProduct, plane: usize, i: usize, j: usize) -> i64 {
    let [_, height, width] = full.shape;
    if j < width { full.coefficients[(plane * height + i) * width + j] } else { 0 }
}

/// A run of boundary terms.
pub(super) fn boundary_values(full: &FullProduct, standing: &StandingRun) -> BoundaryValues {
    let StandingRun { run, bank, row } = *standing;
    let [planes, height, width] = full.shape;
    let plane = |plane: usize| {
        let from = (plane * height + run.i) * width + run.j;
        full.coefficients[from..from + run.length].to_vec()
    };
    BoundaryValues { bank, row, planes: (0..planes).map(plane).collect() }
}

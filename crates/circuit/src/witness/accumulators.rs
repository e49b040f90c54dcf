//! Accumulators with bias of every position of an activation block, boundary terms included.

use crate::error::AssignError;
use crate::stand::{StandingBlock, StandingRun};
use provenn_fixed_point::{FullProduct, Images, QuantGraph, QuantOp, TensorId, accumulate, biased};
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

/// Of every element of a rescaled tensor, in its order; and a convolution's full product.
pub(super) fn accumulators_of(
    graph: &QuantGraph,
    id: TensorId,
    values: &[Vec<i64>],
) -> Result<(Vec<i64>, Option<FullProduct>), AssignError> {
    let tensor = &graph.tensors[id.0];
    let QuantOp::Rescale { bias, .. } = &tensor.op else {
        let what = "activations of what is not rescaled";
        return Err(AssignError::Internal { node: tensor.name.clone(), what });
    };
    let full = FullProduct::of(graph, id, values)?;
    let mut sums = match (&full, Images::of(&tensor.shape)) {
        (Some(full), Some(Images { height, width, .. })) => {
            let [top, left] = full.kept;
            let of_plane = height * width;
            let at = |element: usize| {
                let (plane, at) = (element / of_plane, element % of_plane);
                coefficient(full, plane, top + at / width, left + at % width)
            };
            (0..tensor.len()).map(at).collect()
        }
        (Some(_) | None, _) => accumulate(graph, id, values)?,
    };
    let elements = sums.len();
    for (element, y) in sums.iter_mut().enumerate() {
        *y = biased(&tensor.name, *y, bias, element, elements)?;
    }
    Ok((sums, full))
}

pub(super) fn accumulators(
    graph: &QuantGraph,
    block: &StandingBlock,
    values: &[Vec<i64>],
) -> Result<Accumulators, AssignError> {
    let layout = &block.layout;
    let at = |(element, y): (usize, i64)| {
        let (plane, position) = layout.position(element);
        Position { plane, position, y, reads: Reads::Function }
    };
    let (sums, full) = accumulators_of(graph, block.tensor, values)?;
    let mut positions: Vec<Position> = sums.into_iter().enumerate().map(at).collect();
    let Some(full) = full else {
        return Ok(Accumulators { positions, full: None });
    };
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

//! `AffineGrid`: the places of a grid, moved by matrices that are constant or computed.

use tract_onnx::prelude::{DatumType, Tensor};

use super::fold::tensor;
use super::gather_nd::coordinates;
use super::maker::Maker;
use super::site::{Site, extent};
use crate::evaluate::precision::{count as double, store};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// Batch, and extents of the grid.
fn sizes(site: &Site<'_>) -> Result<(usize, Vec<usize>), Reason> {
    let size = site.integers(1)?.ok_or("its size must be a constant")?;
    let size = size.into_iter().map(extent).collect::<Result<Vec<usize>, Reason>>()?;
    let (&[batch, _], spatial) =
        size.split_first_chunk::<2>().ok_or("its size has too few numbers")?;
    let rank = spatial.len();
    if !matches!(rank, 2 | 3) || size.contains(&0) {
        return Err("its size must be that of images or volumes".into());
    }
    if *site.shape(0)? != [batch, rank, rank + 1] {
        return Err(Reason(format!("its matrices must be {batch} of {rank} by {}", rank + 1)));
    }
    if site.int("align_corners", 0) != 0 && spatial.contains(&1) {
        return Err(
            "corners of an axis of one place cannot be aligned: its two are the same".into()
        );
    }
    Ok((batch, spatial.to_vec()))
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let (batch, mut shape) = sizes(site)?;
    let rank = shape.len();
    shape.insert(0, batch);
    shape.push(rank);
    Ok(vec![(site.kind(0)?, shape)])
}

/// Where each place lies between -1 and 1, the last axis first, and a 1.
fn places(site: &Site<'_>, spatial: &[usize]) -> Vec<f64> {
    let aligned = site.int("align_corners", 0) != 0;
    let along = |at: usize, extent: usize| match aligned {
        true => (2.0 * double(at) - (double(extent) - 1.0)) / (double(extent) - 1.0),
        false => (2.0 * double(at) + 1.0 - double(extent)) / double(extent),
    };
    let place = |at: usize| {
        let place = coordinates(at, spatial).into_iter().zip(spatial).rev();
        let place = place.map(|(at, &extent)| along(at, extent));
        place.chain([1.0]).collect::<Vec<f64>>()
    };
    (0..spatial.iter().product()).flat_map(place).collect()
}

/// Of constant matrices.
pub(super) fn value(site: &Site<'_>) -> Result<Tensor, Reason> {
    let (_, spatial) = sizes(site)?;
    let (kind, shape) = shapes(site)?.into_iter().next().ok_or("it has no result")?;
    let places = places(site, &spatial);
    let matrices = site.value(0).ok_or("its matrices must be constants")?.cast_to::<f64>()?;
    let matrices = matrices.try_as_plain_ram()?.as_slice::<f64>()?.to_vec();
    let width = spatial.len() + 1;
    let mut grid = vec![];
    for matrix in matrices.chunks_exact(width * spatial.len()) {
        for place in places.chunks_exact(width) {
            let row = |row: &[f64]| row.iter().zip(place).map(|(a, b)| a * b).sum::<f64>();
            grid.extend(matrix.chunks_exact(width).map(row));
        }
    }
    Ok(tensor(&shape, &grid)?.cast_to_dt(kind)?.into_owned())
}

/// One product of all places with each matrix.
pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let (_, spatial) = sizes(site)?;
    let shape = shapes(site)?.into_iter().next().map(|(_, shape)| shape).unwrap_or_default();
    let places: Vec<f32> = places(site, &spatial).into_iter().map(store).collect();
    let count = spatial.iter().product();
    let places = maker.constant("places", &[1, count, spatial.len() + 1], places)?;
    let matrices = maker.input(0)?;
    let turned = maker.push("turned", Op::Transpose { perm: vec![0, 2, 1] }, &[matrices])?;
    let grid = maker.push("moved", Op::MatMul, &[places, turned])?;
    Ok(vec![maker.reshape("grid", grid, &shape)?])
}

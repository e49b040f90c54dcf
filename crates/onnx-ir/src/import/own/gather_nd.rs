//! `GatherND`: slices named by tuples of indices. Constant tuples take; of computed ones each index is looked up in
//! a table of where it leads, so that one beyond its axis has no result, and the sum names a row.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::{Site, position};
use crate::import::reason::Reason;
use crate::tensor::{strides, volume};
use crate::{NodeId, Op};

/// Data as rows that tuples name, in each of a batch.
pub(super) struct Rows {
    /// How many of a batch there are.
    pub(super) batch: usize,
    /// The axes that a tuple indexes.
    pub(super) axes: Vec<usize>,
    /// Tuples for each of a batch.
    pub(super) tuples: usize,
    /// Elements of a row.
    pub(super) row: usize,
}

impl Rows {
    /// `None` where the shapes do not fit.
    pub(super) fn new(data: &[usize], indices: &[usize], batch_dims: usize) -> Option<Self> {
        let (&count, rest) = indices.split_last()?;
        let (batch, tuples) = rest.split_at_checked(batch_dims)?;
        let (same, data) = data.split_at_checked(batch_dims)?;
        let (axes, row) = data.split_at_checked(count)?;
        (same == batch).then_some(())?;
        Some(Rows {
            batch: volume(batch)?,
            axes: axes.to_vec(),
            tuples: volume(tuples)?,
            row: volume(row)?,
        })
    }

    /// Rows of each of a batch.
    pub(super) fn count(&self) -> usize {
        self.axes.iter().product()
    }

    /// The row that each constant tuple names, of all.
    pub(super) fn named(&self, indices: &[i64]) -> Result<Vec<usize>, Reason> {
        let steps = strides(&self.axes);
        let row = |(at, tuple): (usize, &[i64])| {
            let mut row = at.checked_div(self.tuples).unwrap_or(0) * self.count();
            for ((&index, &extent), step) in tuple.iter().zip(&self.axes).zip(&steps) {
                let outside =
                    || Reason(format!("the index {index} is outside an axis of {extent}"));
                row += position(index, extent).ok_or_else(outside)? * step;
            }
            Ok(row)
        };
        let all = self.batch * self.tuples;
        match self.axes.len() {
            0 => (0..all).map(|at| row((at, &[]))).collect(),
            count => indices.chunks_exact(count).enumerate().map(row).collect(),
        }
    }

    /// The row that each computed tuple names, of all, as whole numbers of `[batch·tuples]`.
    pub(super) fn computed(
        &self,
        maker: &mut Maker<'_, '_>,
        indices: NodeId,
    ) -> Result<NodeId, Reason> {
        let all = self.batch * self.tuples;
        let tuples = maker.reshape("tuples", indices, &[all, self.axes.len()])?;
        let starts = (0..all).map(|at| at.checked_div(self.tuples).unwrap_or(0) * self.count());
        let mut row = maker.wholes("starts", &[all], starts)?;
        for (at, (&extent, step)) in self.axes.iter().zip(strides(&self.axes)).enumerate() {
            let index = maker.take(&format!("tuple{at}"), tuples, 1, vec![at])?;
            let index = maker.reshape(&format!("index{at}"), index, &[all])?;
            let table = (0..extent).map(|position| position * step);
            let table = maker.wholes(&format!("table{at}"), &[extent], table)?;
            let part = format!("place{at}");
            let place = maker.push_whole(&part, Op::Gather { axis: 0 }, &[table, index])?;
            row = maker.push_whole(&format!("row{at}"), Op::Add, &[row, place])?;
        }
        Ok(row)
    }
}

/// Coordinates of a place in row-major order.
pub(super) fn coordinates(mut place: usize, shape: &[usize]) -> Vec<usize> {
    let mut at = vec![0; shape.len()];
    for (coordinate, &extent) in at.iter_mut().zip(shape).rev() {
        *coordinate = place % extent.max(1);
        place /= extent.max(1);
    }
    at
}

fn rows(site: &Site<'_>) -> Result<(Rows, usize), Reason> {
    let batch_dims = usize::try_from(site.int("batch_dims", 0)).ok();
    let batch_dims = batch_dims.ok_or("its batch_dims are negative")?;
    let rows = Rows::new(site.shape(0)?, site.shape(1)?, batch_dims);
    Ok((rows.ok_or("its indices do not fit its data")?, batch_dims))
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let (rows, batch_dims) = rows(site)?;
    let (data, indices) = (site.shape(0)?, site.shape(1)?);
    let tuples = indices.split_last().map_or(&[][..], |(_, rest)| rest);
    let row = data.get(batch_dims + rows.axes.len()..).unwrap_or(&[]);
    Ok(vec![(site.kind(0)?, [tuples, row].concat())])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let (rows, _) = rows(site)?;
    let shape = shapes(site)?.into_iter().next().map(|(_, shape)| shape).unwrap_or_default();
    let data = maker.input(0)?;
    let data = maker.reshape("rows", data, &[rows.batch * rows.count(), rows.row])?;
    let taken = match site.integers(1)? {
        Some(indices) => maker.take("taken", data, 0, rows.named(&indices)?)?,
        None => {
            let indices = maker.input(1)?;
            let named = rows.computed(maker, indices)?;
            maker.push("taken", Op::Gather { axis: 0 }, &[data, named])?
        }
    };
    Ok(vec![maker.reshape("slices", taken, &shape)?])
}

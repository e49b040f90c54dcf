//! `Compress`, `ReverseSequence`, `Trilu`: elements chosen by constants.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::{Site, axis};
use crate::NodeId;
use crate::import::reason::Reason;
use crate::tensor::strides;

/// The positions that a `Compress` keeps, of an axis or of all elements in a row.
fn kept(site: &Site<'_>) -> Result<(Option<usize>, Vec<usize>), Reason> {
    let shape = site.shape(0)?;
    let along = site.node.attribute.iter().find(|found| found.name == "axis");
    let along = along.map(|found| axis(found.i, shape.len())).transpose()?;
    let length = match along {
        Some(at) => shape.get(at).copied().unwrap_or(0),
        None => shape.iter().product(),
    };
    let condition = site.integers(1)?.ok_or("its condition is missing")?;
    let kept = condition.iter().enumerate().filter(|(_, keep)| **keep != 0).map(|(at, _)| at);
    let kept: Vec<usize> = kept.collect();
    match kept.last().filter(|&&last| last >= length) {
        Some(last) => Err(Reason(format!("its condition names position {last} of {length}"))),
        None => Ok((along, kept)),
    }
}

pub(super) fn compress_shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let (along, kept) = kept(site)?;
    let mut shape = site.shape(0)?.to_vec();
    match along.and_then(|at| shape.get_mut(at)) {
        Some(length) => *length = kept.len(),
        None => shape = vec![kept.len()],
    }
    Ok(vec![(site.kind(0)?, shape)])
}

pub(super) fn compress(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let (along, kept) = kept(site)?;
    let x = maker.input(0)?;
    Ok(vec![match along {
        Some(at) => maker.take("kept", x, at, kept)?,
        None => {
            let shape = [kept.len()];
            maker.pick("kept", x, kept, &shape)?
        }
    }])
}

/// The first elements of each sequence in reverse, as many as its length says.
pub(super) fn reverse_sequence(
    site: &Site<'_>,
    maker: &mut Maker<'_, '_>,
) -> Result<Vec<NodeId>, Reason> {
    let shape = site.shape(0)?.to_vec();
    let batch = axis(site.int("batch_axis", 1), shape.len())?;
    let time = axis(site.int("time_axis", 0), shape.len())?;
    let lengths = site.integers(1)?.ok_or("its sequence_lens are missing")?;
    let (count, longest) = (shape.get(batch).copied(), shape.get(time).copied().unwrap_or(0));
    let lengths: Option<Vec<usize>> =
        lengths.into_iter().map(|length| usize::try_from(length).ok()).collect();
    let lengths = lengths.filter(|lengths| {
        batch != time && count == Some(lengths.len()) && lengths.iter().all(|&l| l <= longest)
    });
    let lengths = lengths.ok_or("its sequence_lens do not fit its axes")?;
    let steps = strides(&shape);
    let (of_batch, of_time) = (
        steps.get(batch).copied().unwrap_or(1).max(1),
        steps.get(time).copied().unwrap_or(1).max(1),
    );
    let place = |at: usize| {
        let now = at / of_time % longest.max(1);
        let sequence = at / of_batch % lengths.len().max(1);
        let length = lengths.get(sequence).copied().unwrap_or(0);
        if now < length { at - now * of_time + (length - 1 - now) * of_time } else { at }
    };
    let places = (0..shape.iter().product()).map(place).collect();
    let x = maker.input(0)?;
    Ok(vec![maker.pick("reversed", x, places, &shape)?])
}

/// One triangle of every matrix, zeros elsewhere.
pub(super) fn trilu(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let shape = site.shape(0)?.to_vec();
    let [.., rows, columns] = *shape.as_slice() else {
        return Err("it takes matrices, of two axes at least".into());
    };
    let diagonal = site.integers(1)?.and_then(|k| k.first().copied()).unwrap_or(0);
    let upper = site.int("upper", 1) != 0;
    let keep = |at: usize| {
        let (row, column) = (at / columns % rows, at % columns);
        let right = i128::try_from(column).ok()? - i128::try_from(row).ok()?;
        let inside =
            if upper { right >= i128::from(diagonal) } else { right <= i128::from(diagonal) };
        inside.then_some(at)
    };
    let places: Vec<Option<usize>> = (0..shape.iter().product()).map(keep).collect();
    let x = maker.input(0)?;
    Ok(vec![maker.pick_or("kept", x, &places, 0.0, &shape)?])
}

//! `Det`: determinants by expansion, row by row.
//!
//! A minor of the first rows, for a choice of as many columns, is the sum over these columns of an element of its last row
//! times the minor without that row and column, with alternating signs.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::Site;
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// Larger matrices lose more to cancellation than they are worth.
const MOST_ROWS: usize = 4;

/// Batch, as extents, and rows.
fn sizes(site: &Site<'_>) -> Result<(Vec<usize>, usize), Reason> {
    let (&[rows, columns], batch) = site
        .shape(0)?
        .split_last_chunk::<2>()
        .map(|(batch, last)| (last, batch))
        .ok_or("it takes matrices")?;
    match (rows == columns, rows) {
        (false, _) => Err("its matrices are not square".into()),
        (true, 1..=MOST_ROWS) => Ok((batch.to_vec(), rows)),
        (true, _) => Err(Reason(format!(
            "matrices of {rows} rows are not supported, only of 1 to {MOST_ROWS}"
        ))),
    }
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    Ok(vec![(site.kind(0)?, sizes(site)?.0)])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let (shape, rows) = sizes(site)?;
    let batch: usize = shape.iter().product();
    let x = maker.input(0)?;
    let x = maker.reshape("elements", x, &[batch, rows * rows])?;
    // Choices of columns, as bits, in the order of their minors.
    let mut chosen: Vec<usize> = (0..rows).map(|column| 1 << column).collect();
    let mut minors = maker.take("first", x, 1, (0..rows).collect())?;
    for row in 1..rows {
        let next: Vec<usize> =
            (0..1usize << rows).filter(|set| set.count_ones() as usize == row + 1).collect();
        let (mut elements, mut smaller, mut signs) = (vec![], vec![], vec![]);
        for set in &next {
            let columns = (0..rows).filter(|column| set & (1 << column) != 0);
            for (place, column) in columns.enumerate() {
                let rest = set & !(1 << column);
                elements.push(row * rows + column);
                smaller.extend(chosen.iter().position(|&found| found == rest));
                signs.push(if (row + place) % 2 == 0 { 1.0 } else { -1.0 });
            }
        }
        let elements = maker.take(&format!("row{row}"), x, 1, elements)?;
        let smaller = maker.take(&format!("minors{row}"), minors, 1, smaller)?;
        let products = maker.push(&format!("products{row}"), Op::Mul, &[elements, smaller])?;
        let signs = maker.constant(&format!("signs{row}"), &[1, signs.len()], signs)?;
        let signed = maker.push(&format!("signed{row}"), Op::Mul, &[products, signs])?;
        let terms = [batch, next.len(), row + 1];
        let signed = maker.reshape(&format!("terms{row}"), signed, &terms)?;
        let sums = maker.push(&format!("sums{row}"), Op::ReduceSum { axes: vec![2] }, &[signed])?;
        minors = maker.reshape(&format!("of{row}"), sums, &[batch, next.len()])?;
        chosen = next;
    }
    Ok(vec![maker.reshape("determinant", minors, &shape)?])
}

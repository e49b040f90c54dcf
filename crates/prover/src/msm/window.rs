//! Windows: points into buckets by digit, buckets weighted by their number.

use super::digits::Scalar;
use super::groups::sum_groups;
use halo2_proofs::halo2curves::bn256::{G1, G1Affine};
use halo2_proofs::halo2curves::group::Group;
use std::ops::Range;

/// Σ digit·P over each of some windows.
pub(super) fn sums<S: Scalar>(
    scalars: &[S],
    bases: &[G1Affine],
    windows: Range<u32>,
    width: u32,
) -> Vec<G1> {
    let buckets = 1_usize << (width - 1);
    let mut lengths = vec![0_u32; windows.len() * buckets];
    for (window, lengths) in windows.clone().zip(lengths.chunks_mut(buckets)) {
        for scalar in scalars {
            let (digit, _) = scalar.digit(window, width);
            if digit != 0 {
                lengths[digit as usize - 1] += 1;
            }
        }
    }
    let mut total = 0;
    let mut places: Vec<usize> = lengths
        .iter()
        .map(|length| {
            let place = total;
            total += *length as usize;
            place
        })
        .collect();
    let mut points = vec![G1Affine::default(); total];
    for (window, places) in windows.clone().zip(places.chunks_mut(buckets)) {
        for (scalar, base) in scalars.iter().zip(bases) {
            let (digit, below) = scalar.digit(window, width);
            if digit != 0 {
                let place = &mut places[digit as usize - 1];
                points[*place] = if below { -*base } else { *base };
                *place += 1;
            }
        }
    }
    sum_groups(&mut points, lengths);
    weighted(&points, buckets)
}

/// Σ (i + 1)·B_i for every window's buckets. With i + 1 = a·2^h + b it is
/// 2^h·Σ a·(Σ_b B) + Σ b·(Σ_a B): plain sums in affine coordinates, and weighted ones of
/// square-root length.
fn weighted(all: &[G1Affine], buckets: usize) -> Vec<G1> {
    let numbers = buckets + 1;
    let half = numbers.ilog2().div_ceil(2);
    let (columns, rows) = (1_usize << half, (buckets >> half) + 1);
    let groups = rows + columns - 2;
    let mut points = Vec::with_capacity(2 * all.len());
    let mut lengths = vec![];
    for buckets in all.chunks(buckets) {
        let bucket = |number: usize| number.checked_sub(1).and_then(|i| buckets.get(i)).copied();
        let mut group = |numbers: &mut dyn Iterator<Item = usize>| {
            let before = points.len();
            points.extend(numbers.filter_map(bucket));
            lengths.push(u32::try_from(points.len() - before).unwrap_or(u32::MAX));
        };
        for row in 1..rows {
            group(&mut (row * columns..(row + 1) * columns));
        }
        for column in 1..columns {
            group(&mut (0..rows).map(|row| row * columns + column));
        }
    }
    sum_groups(&mut points, lengths);
    let sums = points.chunks(groups.max(1)).map(|sums| {
        let (rows, columns) = sums.split_at(rows - 1);
        (0..half).fold(running(rows), |sum, _| sum.double()) + running(columns)
    });
    sums.collect()
}

/// Σ (i + 1)·P_i by sums of sums.
fn running(points: &[G1Affine]) -> G1 {
    let (mut sum, mut total) = (G1::identity(), G1::identity());
    for point in points.iter().rev() {
        sum += point;
        total += sum;
    }
    total
}

//! One window: points into buckets by digit, buckets weighted by their number.

use super::digits::Scalar;
use super::groups::sum_groups;
use halo2_proofs::halo2curves::bn256::{G1, G1Affine};
use halo2_proofs::halo2curves::group::Group;

/// Σ digit·P over one window.
pub(super) fn sum<S: Scalar>(scalars: &[S], bases: &[G1Affine], window: u32, width: u32) -> G1 {
    let mut lengths = vec![0_u32; 1 << (width - 1)];
    for scalar in scalars {
        let (digit, _) = scalar.digit(window, width);
        if digit != 0 {
            lengths[digit as usize - 1] += 1;
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
    for (scalar, base) in scalars.iter().zip(bases) {
        let (digit, below) = scalar.digit(window, width);
        if digit != 0 {
            let place = &mut places[digit as usize - 1];
            points[*place] = if below { -*base } else { *base };
            *place += 1;
        }
    }
    sum_groups(&mut points, lengths);
    weighted(&points)
}

/// Σ (i + 1)·B_i. With i + 1 = a·2^h + b it is 2^h·Σ a·(Σ_b B) + Σ b·(Σ_a B): plain sums in affine
/// coordinates, and weighted ones of square-root length.
fn weighted(buckets: &[G1Affine]) -> G1 {
    let numbers = buckets.len() + 1;
    let half = numbers.ilog2().div_ceil(2);
    let (columns, rows) = (1_usize << half, ((numbers - 1) >> half) + 1);
    let bucket = |number: usize| number.checked_sub(1).and_then(|i| buckets.get(i)).copied();
    let mut points = Vec::with_capacity(2 * buckets.len());
    let mut lengths = Vec::with_capacity(columns + rows);
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
    sum_groups(&mut points, lengths);
    let (row_sums, column_sums) = points.split_at(rows - 1);
    (0..half).fold(running(row_sums), |sum, _| sum.double()) + running(column_sums)
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

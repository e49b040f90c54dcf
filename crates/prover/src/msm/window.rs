//! Windows: points into buckets by digit, buckets weighted by their number.

use super::digits::Scalar;
use super::groups::sum_groups;
use halo2_proofs::halo2curves::bn256::G1Affine;
use std::ops::Range;

/// For each of some windows, Σ digit·P in `width` parts: the window's sum is that of part t times 2^t.
pub(super) fn sums<S: Scalar>(
    scalars: &[S],
    bases: &[G1Affine],
    windows: Range<u32>,
    width: u32,
) -> Vec<G1Affine> {
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
    bits(points, buckets)
}

/// Buckets from which on rows and columns are summed before bits.
const SQUARE: usize = 1 << 6;

/// By window and bit t the sum of all buckets whose number has that bit, so that the window's sum is
/// `Σ_t 2^t·S_t`. All but these sums' own weights is done in affine coordinates.
///
/// Many buckets, numbered a·2^h + b, are summed over a and over b first: bits of a are then those of
/// the sums over b.
fn bits(all: Vec<G1Affine>, buckets: usize) -> Vec<G1Affine> {
    if buckets < SQUARE {
        return regroup(&all, buckets, buckets.ilog2() + 1, |bucket, bit| {
            (bucket + 1) >> bit & 1 == 1
        });
    }
    let half = buckets.ilog2().div_ceil(2);
    let (columns, rows) = (1_usize << half, (buckets >> half) + 1);
    let mut points = Vec::with_capacity(2 * all.len());
    let mut lengths = vec![];
    for buckets in all.chunks(buckets) {
        let bucket = |number: usize| number.checked_sub(1).and_then(|i| buckets.get(i)).copied();
        let mut group = |numbers: &mut dyn Iterator<Item = usize>| {
            let before = points.len();
            points.extend(numbers.filter_map(bucket));
            lengths.push(u32::try_from(points.len() - before).unwrap_or(u32::MAX));
        };
        for column in 1..columns {
            group(&mut (0..rows).map(|row| row * columns + column));
        }
        for row in 1..rows {
            group(&mut (row * columns..(row + 1) * columns));
        }
    }
    sum_groups(&mut points, lengths);
    regroup(&points, columns + rows - 2, buckets.ilog2() + 1, |sum, bit| {
        match (sum + 1).checked_sub(columns) {
            None => bit < half && (sum + 1) >> bit & 1 == 1,
            Some(row) => bit >= half && (row + 1) >> (bit - half) & 1 == 1,
        }
    })
}

/// For every window of so many points the sums, bit by bit, of those that belong to a bit.
fn regroup(
    all: &[G1Affine],
    window: usize,
    bits: u32,
    belongs: impl Fn(usize, u32) -> bool,
) -> Vec<G1Affine> {
    let (mut points, mut lengths) = (vec![], vec![]);
    for window in all.chunks(window) {
        for bit in 0..bits {
            let before = points.len();
            let members = window.iter().enumerate().filter(|(i, _)| belongs(*i, bit));
            points.extend(members.map(|(_, point)| *point));
            lengths.push(u32::try_from(points.len() - before).unwrap_or(u32::MAX));
        }
    }
    sum_groups(&mut points, lengths);
    points
}

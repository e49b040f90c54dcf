//! Windows: points into buckets by digit, buckets into sums by the bits of their numbers.

use super::digits::Scalar;
use halo2_proofs::halo2curves::bn256::{Fq, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use provenn_simd::groups::sum_groups;
use provenn_simd::points::Term;
use std::cell::RefCell;
use std::ops::Range;

/// For each of some windows Σ digit·P in `width` parts: the window's sum is `Σ_t 2^t` times part t.
pub(super) fn sums<S: Scalar>(
    scalars: &[S],
    bases: &[G1Affine],
    windows: Range<u32>,
    width: u32,
) -> Vec<G1Affine> {
    let buckets = 1_usize << (width - 1);
    let mut lengths = vec![0_u32; windows.len() * buckets];
    ROOM.with_borrow_mut(|Room { digits, terms }| {
        digits.clear();
        for (window, lengths) in windows.clone().zip(lengths.chunks_mut(buckets)) {
            digits.extend(scalars.iter().map(|scalar| {
                let (digit, below) = scalar.digit(window, width);
                if let Some(bucket) = (digit as usize).checked_sub(1) {
                    lengths[bucket] += 1;
                }
                digit << 1 | u32::from(below)
            }));
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
        terms.clear();
        terms.resize(total, Term::default());
        let digits = digits.chunks(scalars.len().max(1));
        for (digits, places) in digits.zip(places.chunks_mut(buckets)) {
            for (i, digit) in digits.iter().enumerate() {
                if let Some(bucket) = (digit >> 1).checked_sub(1) {
                    let place = &mut places[bucket as usize];
                    terms[*place] = Term::new(i, digit & 1 == 1);
                    *place += 1;
                }
            }
        }
        bits(&sum_groups(bases, terms, lengths), buckets)
    })
}

thread_local! {
    /// As for sums, fresh pages would take longer than what is done in them.
    static ROOM: RefCell<Room> = RefCell::default();
}

/// Room for the terms of some windows, reused.
#[derive(Debug, Default)]
struct Room {
    /// By window and scalar: a digit's magnitude, and in the lowest bit whether it is subtracted.
    digits: Vec<u32>,
    terms: Vec<Term>,
}

/// Buckets from which on rows and columns are summed before bits.
pub(super) const SQUARE: usize = 1 << 6;

/// By window and bit t the sum of all buckets whose number has that bit. All additions are affine.
///
/// Many buckets, numbered a·2^h + b, are summed over a and over b first: low bits are then those of
/// the sums over a, high ones those of the sums over b.
fn bits(all: &[G1Affine], buckets: usize) -> Vec<G1Affine> {
    let width = buckets.ilog2() + 1;
    if buckets < SQUARE {
        return regroup(all, buckets, width, |bit| {
            (1..=buckets).filter(move |number| number >> bit & 1 == 1)
        });
    }
    let half = buckets.ilog2().div_ceil(2);
    let (columns, rows) = (1_usize << half, (buckets >> half) + 1);
    let count = columns + rows - 2;
    let sums = regroup(all, buckets, u32::try_from(count).unwrap_or(u32::MAX), |sum| {
        // Columns first, then rows, each from 1 on.
        let sum = sum as usize + 1;
        let (first, step, members) = match sum.checked_sub(columns) {
            None => (sum, columns, rows),
            Some(row) => ((row + 1) * columns, 1, columns),
        };
        (0..members).map(move |i| first + i * step).filter(|number| (1..=buckets).contains(number))
    });
    regroup(&sums, count, width, |bit| {
        let (range, bit) =
            if bit < half { (1..columns, bit) } else { (columns..count + 1, bit - half) };
        let before = range.start - 1;
        range.filter(move |number| (number - before) >> bit & 1 == 1)
    })
}

/// For every window of so many points `count` sums, of the points that these numbers, from 1 on,
/// name.
fn regroup<I: Iterator<Item = usize>>(
    all: &[G1Affine],
    window: usize,
    count: u32,
    members: impl Fn(u32) -> I,
) -> Vec<G1Affine> {
    let (mut terms, mut lengths) = (vec![], vec![]);
    for start in (0..all.len()).step_by(window) {
        for sum in 0..count {
            let before = terms.len();
            let places = members(sum).map(|number| start + number - 1);
            // The identity alone has y = 0.
            terms.extend(places.filter(|i| all[*i].y != Fq::ZERO).map(|i| Term::new(i, false)));
            lengths.push(u32::try_from(terms.len() - before).unwrap_or(u32::MAX));
        }
    }
    sum_groups(all, &terms, lengths)
}

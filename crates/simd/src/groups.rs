//! Sums of groups of points, as trees of affine additions that share inversions.

use crate::points::{BATCH, PairSums, Term};
use halo2_proofs::halo2curves::bn256::{Fq, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use std::cell::RefCell;

const IDENTITY: G1Affine = G1Affine { x: Fq::ZERO, y: Fq::ZERO };

/// The sums of consecutive groups of terms, so many in each.
///
/// # Panics
/// If there are fewer terms than that, or a term is of no point.
#[must_use]
pub fn sum_groups(points: &[G1Affine], terms: &[Term], mut lengths: Vec<u32>) -> Vec<G1Affine> {
    ROOM.with_borrow_mut(|Room { batch, sums, next }| {
        batch.level(points, |at| terms[at], &mut lengths, sums);
        while lengths.iter().any(|length| *length > 1) {
            batch.level(sums, |at| Term::new(at, false), &mut lengths, next);
            std::mem::swap(sums, next);
        }
        spread(sums, &lengths)
    })
}

thread_local! {
    /// A thread sums often: fresh pages would take longer than what is done in them.
    static ROOM: RefCell<Room> = RefCell::default();
}

/// Room for sums, reused.
#[derive(Debug, Default)]
struct Room {
    batch: Batch,
    sums: Vec<G1Affine>,
    next: Vec<G1Affine>,
}

/// Buffers of one batch, reused.
#[derive(Debug, Default)]
struct Batch {
    pairs: Vec<[Term; 2]>,
    places: Vec<usize>,
    adder: PairSums,
}

impl Batch {
    /// Adds neighbours within groups; what has none stays as it is.
    fn level(
        &mut self,
        points: &[G1Affine],
        term: impl Fn(usize) -> Term,
        lengths: &mut [u32],
        out: &mut Vec<G1Affine>,
    ) {
        let total: u32 = lengths.iter().map(|length| length.div_ceil(2)).sum();
        out.resize(total as usize, IDENTITY);
        let (mut read, mut write) = (0, 0);
        for length in lengths {
            let end = read + *length as usize;
            while read + 1 < end {
                self.pairs.push([term(read), term(read + 1)]);
                self.places.push(write);
                (read, write) = (read + 2, write + 1);
                if self.pairs.len() == BATCH {
                    self.flush(points, out);
                }
            }
            if read < end {
                out[write] = term(read).of(points);
                (read, write) = (read + 1, write + 1);
            }
            *length = length.div_ceil(2);
        }
        self.flush(points, out);
    }

    /// Does the additions and empties the batch.
    fn flush(&mut self, points: &[G1Affine], out: &mut [G1Affine]) {
        self.adder.add(points, &self.pairs, out, &self.places);
        self.pairs.clear();
        self.places.clear();
    }
}

/// The sums in order, the identity where groups are empty.
fn spread(sums: &[G1Affine], lengths: &[u32]) -> Vec<G1Affine> {
    let mut sums = sums.iter().copied();
    let of = |length: &u32| if *length == 0 { None } else { sums.next() };
    lengths.iter().map(of).map(|sum| sum.unwrap_or(IDENTITY)).collect()
}

//! Sums of groups of points, as trees of affine additions that share inversions.

use crate::points::{BATCH, PairSums, Term};
use halo2_proofs::halo2curves::bn256::{Fq, G1Affine};
use halo2_proofs::halo2curves::ff::Field;

const IDENTITY: G1Affine = G1Affine { x: Fq::ZERO, y: Fq::ZERO };

/// The sums of consecutive groups of terms, so many in each.
///
/// # Panics
/// If there are fewer terms than that, or a term is of no point.
#[must_use]
pub fn sum_groups(points: &[G1Affine], terms: &[Term], mut lengths: Vec<u32>) -> Vec<G1Affine> {
    let mut batch = Batch::default();
    let (mut sums, mut next) = (vec![], vec![]);
    batch.level(points, |at| terms[at], &mut lengths, &mut sums);
    while lengths.iter().any(|length| *length > 1) {
        batch.level(&sums, |at| Term::new(at, false), &mut lengths, &mut next);
        std::mem::swap(&mut sums, &mut next);
    }
    spread(&mut sums, &lengths);
    sums
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

/// Puts the identity where groups are empty.
fn spread(points: &mut Vec<G1Affine>, lengths: &[u32]) {
    let mut from = points.len();
    points.resize(lengths.len(), IDENTITY);
    for (to, length) in lengths.iter().enumerate().rev() {
        points[to] = match length {
            0 => IDENTITY,
            _ => {
                from -= 1;
                points[from]
            }
        };
    }
}

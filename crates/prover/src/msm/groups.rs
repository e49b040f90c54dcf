//! Sums of groups of points, as trees of affine additions that share inversions.

use halo2_proofs::halo2curves::bn256::{Fq, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use provenn_simd::points::{BATCH, PairSums};

const IDENTITY: G1Affine = G1Affine { x: Fq::ZERO, y: Fq::ZERO };

/// Sums consecutive groups of points; afterwards `points` holds one point per group.
pub(super) fn sum_groups(points: &mut Vec<G1Affine>, mut lengths: Vec<u32>) {
    let mut batch = Batch::default();
    while lengths.iter().any(|length| *length > 1) {
        let (mut read, mut write) = (0, 0);
        for length in &mut lengths {
            let end = read + *length as usize;
            while read < end {
                let pair = read + 1 < end;
                batch.moves.push(Move { read, write, pair });
                read += 1 + usize::from(pair);
                write += 1;
                if batch.moves.len() == BATCH {
                    batch.flush(points);
                }
            }
            *length = length.div_ceil(2);
        }
        batch.flush(points);
        points.truncate(write);
    }
    spread(points, &lengths);
}

/// A pair of neighbours to add, or a point without one, and where the sum goes.
#[derive(Clone, Copy, Debug)]
struct Move {
    read: usize,
    write: usize,
    pair: bool,
}

/// Buffers of one batch, reused.
#[derive(Debug, Default)]
struct Batch {
    moves: Vec<Move>,
    first: Vec<usize>,
    pairs: PairSums,
    sums: Vec<G1Affine>,
}

impl Batch {
    /// Does the additions and empties the batch.
    fn flush(&mut self, points: &mut [G1Affine]) {
        self.first.clear();
        self.first.extend(self.moves.iter().filter(|step| step.pair).map(|step| step.read));
        self.sums.clear();
        self.pairs.add(points, &self.first, &mut self.sums);
        // In order: a place is not above what it is read from, and free by then.
        let mut sums = self.sums.iter();
        for Move { read, write, pair } in self.moves.drain(..) {
            let sum = if pair { sums.next() } else { None };
            points[write] = sum.copied().unwrap_or(points[read]);
        }
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

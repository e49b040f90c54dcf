//! Sums of groups of points, as trees of affine additions that share inversions.
//!
//! Additions are done a batch at a time, step by step: within a step they do not wait for each
//! other, and products for the shared inversion run in several chains, so that a processor
//! overlaps multiplications.

use halo2_proofs::halo2curves::bn256::{Fq, G1Affine};
use halo2_proofs::halo2curves::ff::Field;

/// Additions per inversion: an inversion costs about as much as fifteen additions.
const BATCH: usize = 1 << 9;
/// Products that run beside each other.
const CHAINS: usize = 4;

const IDENTITY: G1Affine = G1Affine { x: Fq::ZERO, y: Fq::ZERO };

/// No points but the identity have y = 0: the group's order is odd.
fn is_identity(point: &G1Affine) -> bool {
    point.y == Fq::ZERO
}

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
    /// By pair: numerator and denominator of the slope, later the slope.
    numerators: Vec<Fq>,
    denominators: Vec<Fq>,
    /// Product of the denominators before it in its chain.
    before: Vec<Fq>,
    sums: Vec<G1Affine>,
    /// Sums that need no slope, by pair.
    special: Vec<(usize, G1Affine)>,
}

impl Batch {
    /// Does the additions and empties the batch.
    fn flush(&mut self, points: &mut [G1Affine]) {
        self.slopes(points);
        self.invert();
        self.sums.clear();
        let pairs = self.moves.iter().filter(|step| step.pair).map(|step| step.read);
        for (read, slope) in pairs.zip(&self.numerators) {
            let (a, b) = (&points[read], &points[read + 1]);
            let x = slope.square() - a.x - b.x;
            self.sums.push(G1Affine { x, y: *slope * (a.x - x) - a.y });
        }
        for (pair, sum) in self.special.drain(..) {
            self.sums[pair] = sum;
        }
        // In order: a place is not above what it is read from, and free by then.
        let mut sums = self.sums.iter();
        for Move { read, write, pair } in self.moves.drain(..) {
            let sum = if pair { sums.next() } else { None };
            points[write] = sum.copied().unwrap_or(points[read]);
        }
    }

    /// Numerators and denominators, these never zero.
    fn slopes(&mut self, points: &[G1Affine]) {
        self.numerators.clear();
        self.denominators.clear();
        for step in self.moves.iter().filter(|step| step.pair) {
            let (a, b) = (&points[step.read], &points[step.read + 1]);
            let (numerator, denominator) = if is_identity(a) || is_identity(b) {
                let sum = if is_identity(a) { *b } else { *a };
                self.special.push((self.numerators.len(), sum));
                (Fq::ZERO, Fq::ONE)
            } else if a.x != b.x {
                (b.y - a.y, b.x - a.x)
            } else if a.y == b.y {
                let square = a.x.square();
                (square.double() + square, a.y.double())
            } else {
                self.special.push((self.numerators.len(), IDENTITY));
                (Fq::ZERO, Fq::ONE)
            };
            self.numerators.push(numerator);
            self.denominators.push(denominator);
        }
    }

    /// Turns numerators into slopes, by one inversion.
    fn invert(&mut self) {
        self.before.clear();
        let mut products = [Fq::ONE; CHAINS];
        for chunk in self.denominators.chunks(CHAINS) {
            for (product, denominator) in products.iter_mut().zip(chunk) {
                self.before.push(*product);
                *product *= denominator;
            }
        }
        let mut inverses = inverses(products);
        let chunks = self.numerators.chunks_mut(CHAINS).zip(self.denominators.chunks(CHAINS));
        for ((numerators, denominators), before) in chunks.zip(self.before.chunks(CHAINS)).rev() {
            let of_chunk = numerators.iter_mut().zip(denominators).zip(before);
            for (((numerator, denominator), before), inverse) in of_chunk.zip(&mut inverses) {
                *numerator *= *inverse * before;
                *inverse *= denominator;
            }
        }
    }
}

/// Inverses of numbers that are not zero.
fn inverses(products: [Fq; CHAINS]) -> [Fq; CHAINS] {
    let mut before = [Fq::ONE; CHAINS];
    let mut product = Fq::ONE;
    for (before, factor) in before.iter_mut().zip(products) {
        *before = product;
        product *= factor;
    }
    let mut inverse = product.invert().unwrap_or(Fq::ZERO);
    let mut out = [Fq::ZERO; CHAINS];
    for ((out, before), factor) in out.iter_mut().zip(before).zip(products).rev() {
        *out = inverse * before;
        inverse *= factor;
    }
    out
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

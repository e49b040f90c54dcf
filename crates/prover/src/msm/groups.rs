//! Sums of groups of points, as trees of affine additions that share inversions.

use halo2_proofs::halo2curves::bn256::{Fq, G1Affine};
use halo2_proofs::halo2curves::ff::Field;

/// Additions per inversion: an inversion costs about as much as fifteen additions.
const BATCH: usize = 1 << 10;

/// No points but the identity have y = 0: the group's order is odd.
fn is_identity(point: &G1Affine) -> bool {
    point.y == Fq::ZERO
}

/// What is known of one addition before its inverse is.
#[derive(Clone, Copy)]
struct Pending {
    read: usize,
    write: usize,
    pair: bool,
    /// Product of the denominators before this one.
    before: Fq,
    denominator: Fq,
}

/// Sums consecutive groups of points; afterwards `points` holds one point per group.
pub(super) fn sum_groups(points: &mut Vec<G1Affine>, mut lengths: Vec<u32>) {
    let mut pending = Vec::with_capacity(BATCH);
    while lengths.iter().any(|length| *length > 1) {
        let (mut read, mut write, mut product) = (0, 0, Fq::ONE);
        for length in &mut lengths {
            let end = read + *length as usize;
            while read < end {
                let pair = read + 1 < end;
                let denominator = if pair { denominator(points, read) } else { Fq::ONE };
                pending.push(Pending { read, write, pair, before: product, denominator });
                product *= denominator;
                read += 1 + usize::from(pair);
                write += 1;
                if pending.len() == BATCH {
                    flush(points, &mut pending, &mut product);
                }
            }
            *length = length.div_ceil(2);
        }
        flush(points, &mut pending, &mut product);
        points.truncate(write);
    }
    spread(points, &lengths);
}

/// The slope's denominator of `points[at] + points[at + 1]`; 1 where no slope is needed.
fn denominator(points: &[G1Affine], at: usize) -> Fq {
    let (a, b) = (&points[at], &points[at + 1]);
    if is_identity(a) || is_identity(b) {
        Fq::ONE
    } else if a.x != b.x {
        b.x - a.x
    } else if a.y == b.y {
        a.y.double()
    } else {
        Fq::ONE
    }
}

/// Completes the pending additions.
fn flush(points: &mut [G1Affine], pending: &mut Vec<Pending>, product: &mut Fq) {
    // Denominators are not zero.
    let mut inverse = product.invert().unwrap_or(Fq::ZERO);
    for addition in pending.iter_mut().rev() {
        if addition.pair {
            let (a, b) = (points[addition.read], points[addition.read + 1]);
            let inverted = inverse * addition.before;
            inverse *= addition.denominator;
            points[addition.read] = add(&a, &b, &inverted);
        }
    }
    // Results move down only after all operands were read; a place below is free by then.
    for addition in pending.drain(..) {
        points[addition.write] = points[addition.read];
    }
    *product = Fq::ONE;
}

/// a + b, given the inverse of the slope's denominator.
fn add(a: &G1Affine, b: &G1Affine, inverse: &Fq) -> G1Affine {
    let slope = if is_identity(a) {
        return *b;
    } else if is_identity(b) {
        return *a;
    } else if a.x != b.x {
        (b.y - a.y) * inverse
    } else if a.y == b.y {
        let square = a.x.square();
        (square.double() + square) * inverse
    } else {
        return G1Affine { x: Fq::ZERO, y: Fq::ZERO };
    };
    let x = slope.square() - a.x - b.x;
    G1Affine { x, y: slope * (a.x - x) - a.y }
}

/// Puts the identity where groups are empty.
fn spread(points: &mut Vec<G1Affine>, lengths: &[u32]) {
    let mut from = points.len();
    points.resize(lengths.len(), G1Affine::default());
    for (to, length) in lengths.iter().enumerate().rev() {
        points[to] = match length {
            0 => G1Affine::default(),
            _ => {
                from -= 1;
                points[from]
            }
        };
    }
}

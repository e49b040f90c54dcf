//! Affine sums of many pairs of points, which share inversions.

use crate::ifma::{Buffers, Ifma};
use halo2_proofs::halo2curves::bn256::{Fq, G1, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::halo2curves::group::Curve;

/// Pairs per inversion, which costs as much as a hundred additions.
pub const BATCH: usize = 1 << 10;
/// Products that run beside each other.
const CHAINS: usize = 4;

/// Adds pairs of points; buffers are reused from call to call.
#[derive(Debug, Default)]
pub struct PairSums {
    buffers: Buffers,
    alone: Alone,
}

impl PairSums {
    /// Appends `points[i] + points[i + 1]` to the sums for every i in `first`, with one inversion.
    ///
    /// # Panics
    /// If there is no such point.
    pub fn add(&mut self, points: &[G1Affine], first: &[usize], sums: &mut Vec<G1Affine>) {
        if first.is_empty() {
            return;
        }
        match Ifma::detect() {
            Some(ifma) => ifma.add_pairs(&mut self.buffers, points, first, sums),
            None => self.alone.add_pairs(points, first, sums),
        }
    }
}

/// No points but the identity have y = 0: the group's order is odd.
fn is_identity(point: &G1Affine) -> bool {
    point.y == Fq::ZERO
}

/// The sum of two points one of which is the identity, or that have the same x.
pub(crate) fn sum_without_slope(a: &G1Affine, b: &G1Affine) -> G1Affine {
    if is_identity(a) {
        *b
    } else if is_identity(b) {
        *a
    } else if a.y == b.y {
        (G1::from(*a) + b).to_affine()
    } else {
        G1Affine { x: Fq::ZERO, y: Fq::ZERO }
    }
}

/// One at a time, step by step: within a step multiplications do not wait for each other.
#[derive(Debug, Default)]
struct Alone {
    /// By pair: numerator and denominator of the slope, later the slope.
    numerators: Vec<Fq>,
    denominators: Vec<Fq>,
    /// Product of the denominators before it in its chain.
    before: Vec<Fq>,
}

impl Alone {
    fn add_pairs(&mut self, points: &[G1Affine], first: &[usize], sums: &mut Vec<G1Affine>) {
        self.numerators.clear();
        self.denominators.clear();
        for i in first {
            let (a, b) = (&points[*i], &points[i + 1]);
            let apart = is_identity(a) || is_identity(b) || a.x == b.x;
            self.numerators.push(b.y - a.y);
            self.denominators.push(if apart { Fq::ONE } else { b.x - a.x });
        }
        self.invert();
        for (i, slope) in first.iter().zip(&self.numerators) {
            let (a, b) = (&points[*i], &points[i + 1]);
            let apart = is_identity(a) || is_identity(b) || a.x == b.x;
            sums.push(if apart {
                sum_without_slope(a, b)
            } else {
                let x = slope.square() - a.x - b.x;
                G1Affine { x, y: *slope * (a.x - x) - a.y }
            });
        }
    }

    /// Turns numerators into slopes.
    fn invert(&mut self) {
        self.before.clear();
        let mut products = [Fq::ONE; CHAINS];
        for chunk in self.denominators.chunks(CHAINS) {
            for (product, denominator) in products.iter_mut().zip(chunk) {
                self.before.push(*product);
                *product *= denominator;
            }
        }
        invert(&mut products);
        let chunks = self.numerators.chunks_mut(CHAINS).zip(self.denominators.chunks(CHAINS));
        for ((numerators, denominators), before) in chunks.zip(self.before.chunks(CHAINS)).rev() {
            let of_chunk = numerators.iter_mut().zip(denominators).zip(before);
            for (((numerator, denominator), before), inverse) in of_chunk.zip(&mut products) {
                *numerator *= *inverse * before;
                *inverse *= denominator;
            }
        }
    }
}

/// Inverts numbers that are not zero, by one inversion.
pub(crate) fn invert<const N: usize>(values: &mut [Fq; N]) {
    let mut before = [Fq::ONE; N];
    let mut product = Fq::ONE;
    for (before, value) in before.iter_mut().zip(values.iter()) {
        *before = product;
        product *= value;
    }
    let mut inverse = product.invert().unwrap_or(Fq::ZERO);
    for (value, before) in values.iter_mut().zip(before).rev() {
        let inverted = inverse * before;
        inverse *= *value;
        *value = inverted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::group::Group;
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;

    proptest! {
        #[test]
        fn sums_are_those_of_the_curve(seed: u64, choices in prop::collection::vec(0..8_u8, 2..120)) {
            let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(seed);
            let p = G1::random(&mut rng).to_affine();
            let identity = G1Affine::default();
            let points: Vec<G1Affine> = choices
                .iter()
                .map(|choice| match choice {
                    0 => p,
                    1 => -p,
                    2 => identity,
                    _ => G1::random(&mut rng).to_affine(),
                })
                .collect();
            let first: Vec<usize> = (0..points.len() - 1).collect();
            let expected: Vec<G1Affine> =
                first.iter().map(|i| (points[*i] + points[i + 1]).to_affine()).collect();
            let mut sums = vec![p];
            let mut pairs = PairSums::default();
            pairs.add(&points, &first, &mut sums);
            prop_assert_eq!(&sums[1..], &expected);
            sums.clear();
            pairs.add(&points, &first[..1], &mut sums);
            prop_assert_eq!(&sums[..], &expected[..1]);
            sums.clear();
            pairs.alone.add_pairs(&points, &first, &mut sums);
            prop_assert_eq!(sums, expected);
        }
    }
}

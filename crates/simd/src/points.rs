//! Affine sums of many pairs of points, which share inversions.

use crate::ifma::{Buffers, Ifma};
pub use crate::term::Term;
use crate::term::{invert, is_identity, sum_without_slope};
use halo2_proofs::halo2curves::bn256::{Fq, G1Affine};
use halo2_proofs::halo2curves::ff::Field;

/// Pairs per inversion, which costs as much as a hundred additions.
pub const BATCH: usize = 1 << 10;
/// Products that run beside each other.
const CHAINS: usize = 4;

/// Adds pairs of points. Buffers are reused from call to call.
#[derive(Debug, Default)]
pub struct PairSums {
    buffers: Buffers,
    alone: Alone,
}

impl PairSums {
    /// Writes the sum of every pair to its place, with one inversion.
    ///
    /// # Panics
    /// If there are not as many places as pairs, or a point or a place is beyond the end.
    pub fn add(
        &mut self,
        points: &[G1Affine],
        pairs: &[[Term; 2]],
        out: &mut [G1Affine],
        places: &[usize],
    ) {
        assert_eq!(places.len(), pairs.len(), "a place for every sum");
        match Ifma::detect() {
            _ if pairs.is_empty() => {}
            Some(ifma) => ifma.add_pairs(&mut self.buffers, points, pairs, out, places),
            None => self.alone.add_pairs(points, pairs, out, places),
        }
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
    fn add_pairs(
        &mut self,
        points: &[G1Affine],
        pairs: &[[Term; 2]],
        out: &mut [G1Affine],
        places: &[usize],
    ) {
        self.numerators.clear();
        self.denominators.clear();
        for pair in pairs {
            let [a, b] = pair.map(|term| term.of(points));
            self.numerators.push(b.y - a.y);
            self.denominators.push(if apart(&a, &b) { Fq::ONE } else { b.x - a.x });
        }
        self.invert();
        for ((place, pair), slope) in places.iter().zip(pairs).zip(&self.numerators) {
            let [a, b] = pair.map(|term| term.of(points));
            out[*place] = if apart(&a, &b) {
                sum_without_slope(&a, &b)
            } else {
                let x = slope.square() - a.x - b.x;
                G1Affine { x, y: *slope * (a.x - x) - a.y }
            };
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

/// Whether two points have no slope.
fn apart(a: &G1Affine, b: &G1Affine) -> bool {
    is_identity(a) || is_identity(b) || a.x == b.x
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::bn256::G1;
    use halo2_proofs::halo2curves::group::{Curve, Group};
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;

    proptest! {
        #[test]
        fn sums_are_those_of_the_curve(
            seed: u64,
            choices in prop::collection::vec((0..8_u8, any::<bool>()), 2..120),
        ) {
            let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(seed);
            let p = G1::random(&mut rng).to_affine();
            let point = |(choice, _): &(u8, bool)| match choice {
                0 => p,
                1 => -p,
                2 => G1Affine::default(),
                _ => G1::random(&mut rng).to_affine(),
            };
            let points: Vec<G1Affine> = choices.iter().map(point).collect();
            let term = |i: usize| Term::new(i, choices[i].1);
            let count = points.len() - 1;
            let pairs: Vec<[Term; 2]> = (0..count).map(|i| [term(i), term(i + 1)]).collect();
            let sum = |[a, b]: &[Term; 2]| (a.of(&points) + b.of(&points)).to_affine();
            let places: Vec<usize> = (0..count).rev().collect();
            let mut expected: Vec<G1Affine> = pairs.iter().rev().map(sum).collect();
            expected.push(p);
            let mut sums = PairSums::default();
            let mut out = vec![p; count + 1];
            sums.add(&points, &pairs, &mut out, &places);
            prop_assert_eq!(&out, &expected);
            let mut out = vec![p; count + 1];
            sums.alone.add_pairs(&points, &pairs, &mut out, &places);
            prop_assert_eq!(&out, &expected);
            // Fewer than before.
            sums.add(&points, &pairs[..1], &mut out, &[count]);
            prop_assert_eq!(out[count], sum(&pairs[0]));
        }
    }
}

//! Bases that many full-width sums share, with a few multiples of each: scalars fall into parts of
//! few bits over more points, which share the buckets of fewer windows.
//!
//! A scalar is u + v·ζ; u and v are cut into parts of 64, 32 or 16 bits. Part j of u stands
//! at 2^(j·bits)·P, that of v at ζ times that point.

use super::endomorphism::{split, turned};
use super::{best_width, count, wide, window_cost, windows};
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use halo2_proofs::halo2curves::ff::PrimeField;
use halo2_proofs::halo2curves::group::{Curve, Group};
use rayon::prelude::*;

/// Bits of a half.
const HALF: u32 = 128;
/// Bases that one task doubles.
const CHUNK: usize = 1 << 6;

/// Bases and multiples.
#[derive(Clone, Debug)]
pub struct ExpandedBases<'a> {
    bases: &'a [G1Affine],
    /// Bits of a part; 0 if sums take the bases as they are.
    bits: u32,
    /// By part, by half, by base.
    points: Vec<G1Affine>,
}

impl<'a> ExpandedBases<'a> {
    /// Makes multiples as far as so many sums repay them.
    #[must_use]
    pub fn new(bases: &'a [G1Affine], sums: usize) -> Self {
        let n = bases.len();
        let additions = |bits: u32, terms: usize| {
            let width = best_width(bits, terms);
            count(bits, width) as usize * window_cost(width, terms)
        };
        let cost = |bits: u32| {
            let parts = HALF / bits;
            let doublings = ((parts - 1) * bits) as usize * n;
            // Measured: additions over so many points are slower by a fourth, and a doubling takes
            // as long as an addition and a half.
            sums * additions(bits, 2 * parts as usize * n) * 5 / 4 + doublings * 3 / 2
        };
        let plain = sums * additions(Fr::NUM_BITS, n);
        let best = [64, 32, 16].into_iter().min_by_key(|bits| cost(*bits)).unwrap_or(64);
        if cost(best) >= plain {
            return ExpandedBases { bases, bits: 0, points: vec![] };
        }
        ExpandedBases { bases, bits: best, points: multiples(bases, best) }
    }

    /// Σ s_i·P_i over the first bases.
    #[must_use]
    pub fn sum(&self, scalars: &[Fr]) -> G1 {
        let parts = if self.bits == 0 { None } else { self.parts(scalars) };
        parts.map_or_else(|| wide(scalars, self.bases), |parts| windows(&parts, &self.points))
    }

    /// The parts of all scalars in the order of the points, each from -2^(bits - 1) on.
    fn parts(&self, scalars: &[Fr]) -> Option<Vec<i64>> {
        let n = self.bases.len();
        let mut parts = vec![0; self.points.len()];
        for (i, scalar) in scalars.iter().enumerate() {
            let (u, v) = split(scalar)?;
            for (half, mut rest) in [u, v].into_iter().enumerate() {
                let mut place = half * n + i;
                while rest != 0 {
                    let shift = i128::BITS - self.bits;
                    let part = rest << shift >> shift;
                    *parts.get_mut(place)? = i64::try_from(part).ok()?;
                    rest = (rest - part) >> self.bits;
                    place += 2 * n;
                }
            }
        }
        Some(parts)
    }
}

/// 2^(j·bits)·P and ζ times it, for every part j of a half.
fn multiples(bases: &[G1Affine], bits: u32) -> Vec<G1Affine> {
    let mut current = bases.to_vec();
    let mut points = vec![];
    for part in 0..HALF / bits {
        if part > 0 {
            current.par_chunks_mut(CHUNK).for_each(|chunk| {
                let doubled =
                    |point: &G1Affine| (0..bits).fold(G1::from(*point), |p, _| p.double());
                let doubled: Vec<G1> = chunk.iter().map(doubled).collect();
                G1::batch_normalize(&doubled, chunk);
            });
        }
        points.extend_from_slice(&current);
        points.par_extend(current.par_iter().map(turned));
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::ff::Field;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn sums_agree_at_every_width_of_parts() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(9);
        let bases: Vec<G1Affine> = (0..40).map(|_| G1::random(&mut rng).to_affine()).collect();
        let mut scalars = vec![Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(1 << 63), -Fr::from(1 << 31)];
        scalars.extend((0..30).map(|_| Fr::random(&mut rng)));
        for length in [0, 1, 5, 35] {
            let scalars = &scalars[..length];
            let naive: G1 = scalars.iter().zip(&bases).map(|(s, base)| *base * s).sum();
            for bits in [16, 32, 64] {
                let points = multiples(&bases, bits);
                let expanded = ExpandedBases { bases: &bases, bits, points };
                assert!(expanded.parts(scalars).is_some());
                assert_eq!(expanded.sum(scalars), naive, "{bits} bits");
            }
            for sums in [0, 1, 1000] {
                assert_eq!(ExpandedBases::new(&bases, sums).sum(scalars), naive);
            }
        }
        assert_eq!(ExpandedBases::new(&bases, 0).bits, 0);
        assert!(ExpandedBases::new(&bases, 1000).bits > 0);
    }
}

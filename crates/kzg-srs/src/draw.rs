//! Drawing an SRS from a secret, by multiples of the generator from a table of windows.

use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::halo2curves::group::{Curve, Group};
use provenn_simd::groups::sum_groups;
use provenn_simd::points::Term;
use rayon::prelude::*;

/// Scalars per task.
const CHUNK: usize = 1 << 10;

/// 1, s, s², …, s^(n-1).
pub(crate) fn powers(s: Fr, n: usize) -> Vec<Fr> {
    std::iter::successors(Some(Fr::ONE), |power| Some(*power * s)).take(n).collect()
}

/// L_j(s) for the domain of 2^k points: ω^j·(s^n - 1) / (n·(s - ω^j)). `None` if s lies on the domain.
pub(crate) fn lagrange(s: Fr, k: u32) -> Option<Vec<Fr>> {
    let mut omega = Fr::ROOT_OF_UNITY;
    for _ in k..Fr::S {
        omega = omega.square();
    }
    let n = 1_u64 << k;
    let scale = (s.pow_vartime([n]) - Fr::ONE) * Option::<Fr>::from(Fr::from(n).invert())?;
    let roots = powers(omega, 1 << k);
    // Batch inversion: one inverse of the product of all differences.
    let mut product = Fr::ONE;
    let before: Vec<Fr> = roots
        .iter()
        .map(|root| {
            let here = product;
            product *= s - root;
            here
        })
        .collect();
    let mut inverse = Option::<Fr>::from(product.invert())?;
    let mut values = vec![Fr::ZERO; roots.len()];
    for ((value, root), before) in values.iter_mut().zip(&roots).zip(before).rev() {
        *value = scale * root * inverse * before;
        inverse *= s - root;
    }
    Some(values)
}

/// Each scalar times the generator.
pub(crate) fn multiples(scalars: &[Fr]) -> Vec<G1Affine> {
    let table = Table::new(window_bits(scalars.len()));
    scalars.par_chunks(CHUNK).flat_map_iter(|scalars| table.multiples(scalars)).collect()
}

/// Wider windows cost a larger table, 256/w · 2^w additions against 256/w of each scalar, and one that is no longer
/// near.
fn window_bits(scalars: usize) -> u32 {
    scalars.max(1).ilog2().saturating_sub(3).clamp(4, 13)
}

/// digit·2^(w·i)·G for every window i and digit below 2^w, window after window.
struct Table {
    bits: u32,
    points: Vec<G1Affine>,
}

impl Table {
    fn new(bits: u32) -> Self {
        let powers: Vec<G1> = std::iter::successors(Some(G1::generator()), |p| Some(p.double()))
            .take(256_usize.next_multiple_of(bits as usize))
            .collect();
        let mut affine = vec![G1Affine::default(); powers.len()];
        G1::batch_normalize(&powers, &mut affine);
        let windows = affine.par_chunks(bits as usize).flat_map_iter(Self::window);
        Table { bits, points: windows.collect() }
    }

    /// All sums of some of these points, by the bits of which.
    fn window(powers: &[G1Affine]) -> Vec<G1Affine> {
        let mut sums = vec![G1Affine::default()];
        for power in powers {
            let known = sums.len();
            sums.push(*power);
            let terms: Vec<Term> =
                (0..known).flat_map(|digit| [digit, known].map(|i| Term::new(i, false))).collect();
            let more = sum_groups(&sums, &terms, vec![2; known]);
            sums.truncate(known);
            sums.extend(more);
        }
        sums
    }

    fn multiples(&self, scalars: &[Fr]) -> Vec<G1Affine> {
        let (mut terms, mut lengths) = (vec![], vec![]);
        for scalar in scalars {
            let (bytes, before) = (scalar.to_repr(), terms.len());
            let windows = (0..256).step_by(self.bits as usize).enumerate();
            for (window, start) in windows {
                let digit = digit(&bytes, start, self.bits);
                if digit != 0 {
                    terms.push(Term::new((window << self.bits) + digit, false));
                }
            }
            lengths.push(u32::try_from(terms.len() - before).unwrap_or(u32::MAX));
        }
        sum_groups(&self.points, &terms, lengths)
    }
}

/// Bits `start..start + bits` of a little-endian number.
fn digit(bytes: &[u8; 32], start: usize, bits: u32) -> usize {
    let from = start / 8;
    let word = (0..4)
        .rev()
        .fold(0_usize, |word, i| (word << 8) | bytes.get(from + i).copied().map_or(0, usize::from));
    (word >> (start % 8)) & ((1 << bits) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples_agree_with_scalar_multiplication() {
        let mut rng: rand_chacha::ChaCha20Rng = rand_core::SeedableRng::seed_from_u64(1);
        let mut scalars: Vec<Fr> = (0..300).map(|_| Fr::random(&mut rng)).collect();
        scalars.extend([Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(16), Fr::from(255)]);
        for bits in [4, 5, 8, 11] {
            let table = Table::new(bits);
            for (point, scalar) in table.multiples(&scalars).into_iter().zip(&scalars).skip(280) {
                assert_eq!(G1::from(point), G1::generator() * scalar);
            }
        }
        let points = multiples(&scalars);
        assert_eq!(points[7], (G1::generator() * scalars[7]).to_affine());
    }

    #[test]
    fn a_secret_on_the_domain_is_refused() {
        assert!(lagrange(Fr::ONE, 3).is_none());
        assert!(lagrange(Fr::from(5), 3).is_some());
    }
}

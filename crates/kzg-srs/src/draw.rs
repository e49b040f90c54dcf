//! Drawing an SRS from a secret, by multiples of the generator from a table of windows.

use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::halo2curves::group::{Curve, Group};
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
    let mut points = vec![G1Affine::default(); scalars.len()];
    points.par_chunks_mut(CHUNK).zip(scalars.par_chunks(CHUNK)).for_each(|(points, scalars)| {
        let sums: Vec<G1> = scalars.iter().map(|scalar| table.multiple(scalar)).collect();
        G1::batch_normalize(&sums, points);
    });
    points
}

/// Wider windows cost a larger table: 256/w · 2^w entries against 256/w additions per scalar.
fn window_bits(scalars: usize) -> u32 {
    scalars.max(1).ilog2().saturating_sub(4).clamp(4, 14)
}

/// digit·2^(w·i)·G for every window i and digit 1 to 2^w - 1.
struct Table {
    bits: u32,
    windows: Vec<Vec<G1Affine>>,
}

impl Table {
    fn new(bits: u32) -> Self {
        let count = 256_u32.div_ceil(bits);
        let bases = std::iter::successors(Some(G1::generator()), |base| {
            Some((0..bits).fold(*base, |point, _| point.double()))
        });
        let bases: Vec<G1> = bases.take(count as usize).collect();
        let windows = bases
            .into_par_iter()
            .map(|base| {
                let digits = (1_usize << bits) - 1;
                let sums: Vec<G1> = std::iter::successors(Some(base), |sum| Some(sum + base))
                    .take(digits)
                    .collect();
                let mut window = vec![G1Affine::default(); digits];
                G1::batch_normalize(&sums, &mut window);
                window
            })
            .collect();
        Table { bits, windows }
    }

    fn multiple(&self, scalar: &Fr) -> G1 {
        let bytes = scalar.to_repr();
        let mut sum = G1::identity();
        for (window, start) in self.windows.iter().zip((0..).step_by(self.bits as usize)) {
            let digit = digit(&bytes, start, self.bits);
            if let Some(point) = digit.checked_sub(1).and_then(|at| window.get(at)) {
                sum += point;
            }
        }
        sum
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
            for scalar in &scalars[280..] {
                assert_eq!(table.multiple(scalar), G1::generator() * scalar);
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

//! Commitments of key columns, by what is special about them.
//!
//! *Fixed columns* hold small signed integers: their windows end where the integers do, and a
//! negative integer is a subtraction (halo2 would meet p - x, a number of full width).
//!
//! *Permuted columns* mostly map each cell to itself. The identity on column j is the polynomial
//! δ^j·X, whose commitment is δ^j times the first power of the secret; only the cells that are
//! copied add to it.

use crate::public::to_signed;
use halo2_proofs::arithmetic::best_multiexp;
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use halo2_proofs::halo2curves::group::{Curve, Group};

/// Commits to the values of a column in the Lagrange basis.
pub(crate) fn column(values: &[Fr], lagrange: &[G1Affine]) -> G1Affine {
    let terms: Option<Vec<(i64, &G1Affine)>> = values
        .iter()
        .zip(lagrange)
        .filter(|(value, _)| **value != Fr::zero())
        .map(|(value, base)| Some((to_signed(*value)?, base)))
        .collect();
    match terms {
        Some(terms) => small(&terms).to_affine(),
        None => best_multiexp(values, lagrange).to_affine(),
    }
}

/// Commits to the identity on column j plus (row, difference) terms.
pub(crate) fn permuted(
    delta_j: Fr,
    differences: &[(usize, Fr)],
    secret: &G1Affine,
    lagrange: &[G1Affine],
) -> G1Affine {
    let terms = differences.iter().filter_map(|(row, d)| Some((*d, *lagrange.get(*row)?)));
    let (scalars, bases): (Vec<Fr>, Vec<G1Affine>) = terms.unzip();
    let sum = if scalars.is_empty() { G1::identity() } else { best_multiexp(&scalars, &bases) };
    (sum + *secret * delta_j).to_affine()
}

/// Σ x·P by buckets, windows as wide as the terms are many.
fn small(terms: &[(i64, &G1Affine)]) -> G1 {
    let widest = terms.iter().map(|(x, _)| x.unsigned_abs()).max().unwrap_or(0);
    let bits = u64::BITS - widest.leading_zeros();
    let width = terms.len().max(1).ilog2().saturating_sub(2).clamp(2, 12);
    let mask = (1_u64 << width) - 1;
    let mut total = G1::identity();
    for window in (0..bits.div_ceil(width)).rev() {
        for _ in 0..width {
            total = total.double();
        }
        let digit = |x: i64| usize::try_from((x.unsigned_abs() >> (window * width)) & mask);
        let most = terms.iter().filter_map(|(x, _)| digit(*x).ok()).max().unwrap_or(0);
        let mut buckets = vec![G1::identity(); most];
        for (x, base) in terms {
            let bucket = digit(*x).ok().and_then(|digit| buckets.get_mut(digit.checked_sub(1)?));
            if let Some(bucket) = bucket {
                if *x < 0 { *bucket -= *base } else { *bucket += *base }
            }
        }
        let mut running = G1::identity();
        for bucket in buckets.iter().rev() {
            running += bucket;
            total += running;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::ff::Field;
    use provenn_gadgets::from_signed;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn commitments_agree_with_multi_exponentiation() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
        let bases: Vec<G1Affine> =
            (0..200).map(|_| (G1::generator() * Fr::random(&mut rng)).to_affine()).collect();
        let extremes = [0, 1, -1, i64::MAX, i64::MIN, 255, 256, -65_536];
        let columns: Vec<Vec<i64>> = vec![
            vec![0; 200],
            vec![1; 200],
            vec![-3],
            (0..200).map(|i| i - 100).collect(),
            (0..200).map(|i| (i - 100) << 20).collect(),
            extremes.to_vec(),
        ];
        for integers in columns {
            let mut values: Vec<Fr> = integers.into_iter().map(from_signed).collect();
            values.resize(200, Fr::zero());
            assert_eq!(column(&values, &bases), best_multiexp(&values, &bases).to_affine());
        }
        let wide: Vec<Fr> = (0..200).map(|_| Fr::random(&mut rng)).collect();
        assert_eq!(column(&wide, &bases), best_multiexp(&wide, &bases).to_affine());
    }
}

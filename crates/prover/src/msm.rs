//! Multi-scalar multiplication Σ s_i·P_i.
//!
//! Buckets of signed windows (Pippenger, "On the evaluation of powers and monomials", 1980), with
//! three things done for our columns: windows end where the widest scalar does, so that b-bit
//! integers cost b bits; a negative integer subtracts its base; and buckets are summed in affine
//! coordinates as trees whose additions share inversions.
//!
//! Scalars are not treated in constant time, as nowhere in halo2.

mod digits;
mod fixed;
mod window;

pub use fixed::FixedBases;

use crate::field::limbs;
use digits::Scalar;
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use halo2_proofs::halo2curves::group::Group;
use provenn_simd::groups::sum_groups;
use provenn_simd::points::Term;
use rayon::prelude::*;

/// Terms that windows are put together for.
const TOGETHER: usize = 1 << 12;
/// Widest window, in bits: buckets take 64 bytes each.
const WIDEST: u32 = 14;

/// Σ s_i·P_i for signed integers.
///
/// # Panics
/// If there are fewer bases than scalars.
#[must_use]
pub fn small(scalars: &[i64], bases: &[G1Affine]) -> G1 {
    assert!(scalars.len() <= bases.len(), "a base for every scalar");
    windows(scalars, bases)
}

/// Σ s_i·P_i for field elements.
///
/// # Panics
/// If there are fewer bases than scalars.
#[must_use]
pub fn wide(scalars: &[Fr], bases: &[G1Affine]) -> G1 {
    assert!(scalars.len() <= bases.len(), "a base for every scalar");
    let scalars: Vec<_> = scalars.iter().map(limbs).collect();
    windows(&scalars, bases)
}

/// For each key below `count` the sum of the points that have it, but for `skipped`, whose points are not added.
///
/// # Panics
/// If a key is beyond `count`, or there are fewer points than keys.
#[must_use]
pub fn by_key(keys: &[u16], count: usize, skipped: u16, points: &[G1Affine]) -> Vec<G1Affine> {
    assert!(keys.len() <= points.len(), "a point for every key");
    let of = |key: &u16| (*key != skipped).then_some(usize::from(*key));
    let mut lengths = vec![0_u32; count];
    keys.iter().filter_map(of).for_each(|key| lengths[key] += 1);
    let mut total = 0;
    let mut places: Vec<usize> = (lengths.iter())
        .map(|length| {
            let place = total;
            total += *length as usize;
            place
        })
        .collect();
    let mut terms = vec![Term::default(); total];
    for (i, key) in keys.iter().enumerate() {
        if let Some(key) = of(key) {
            terms[places[key]] = Term::new(i, false);
            places[key] += 1;
        }
    }
    sum_groups(points, &terms, lengths)
}

fn windows<S: Scalar>(scalars: &[S], bases: &[G1Affine]) -> G1 {
    let bits = scalars.iter().map(Scalar::bit_length).max().unwrap_or(0);
    let terms = scalars.iter().filter(|scalar| scalar.bit_length() > 0).count();
    if terms == 0 {
        return G1::identity();
    }
    let width = best_width(bits, terms);
    // Windows with few terms share inversions.
    let all = count(bits, width);
    let together = u32::try_from(TOGETHER.div_ceil(terms)).unwrap_or(all).min(all);
    let starts: Vec<u32> = (0..all).step_by(together as usize).collect();
    let parts: Vec<G1Affine> = starts
        .into_par_iter()
        .flat_map_iter(|from| window::sums(scalars, bases, from..all.min(from + together), width))
        .collect();
    parts.into_iter().rev().fold(G1::identity(), |total, part| total.double() + part)
}

/// Windows that signed digits of so many bits take.
fn count(bits: u32, width: u32) -> u32 {
    (bits + 1).div_ceil(width)
}

/// The width with the fewest additions.
fn best_width(bits: u32, terms: usize) -> u32 {
    let cost = |width: u32| count(bits, width) as usize * window_cost(width, terms);
    (2..=WIDEST).min_by_key(|width| cost(*width)).unwrap_or(2)
}

/// Additions in one window: terms into buckets, buckets by bits or by rows, columns and their bits,
/// and its share of inversions.
fn window_cost(width: u32, terms: usize) -> usize {
    let buckets = 1_usize << (width - 1);
    let filled = buckets.min(terms);
    let ends = if buckets < window::SQUARE {
        filled * width as usize / 2
    } else {
        2 * filled + width as usize * (1 << (width / 2)) / 2
    };
    terms + ends + 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::from_signed;
    use halo2_proofs::halo2curves::ff::Field;
    use halo2_proofs::halo2curves::group::Curve;
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;
    use std::sync::LazyLock;

    static BASES: LazyLock<Vec<G1Affine>> = LazyLock::new(|| {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
        let points: Vec<G1> = (0..1 << 10).map(|_| G1::random(&mut rng)).collect();
        let mut bases = vec![G1Affine::default(); points.len()];
        G1::batch_normalize(&points, &mut bases);
        bases
    });

    fn naive(scalars: &[Fr], bases: &[G1Affine]) -> G1Affine {
        scalars.iter().zip(bases).map(|(s, base)| *base * s).sum::<G1>().to_affine()
    }

    fn check(integers: &[i64], bases: &[G1Affine]) {
        let scalars: Vec<Fr> = integers.iter().map(|x| from_signed(*x)).collect();
        let expected = naive(&scalars, bases);
        assert_eq!(small(integers, bases).to_affine(), expected);
        assert_eq!(wide(&scalars, bases).to_affine(), expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(80))]
        #[test]
        fn integers_of_every_width_and_sign(
            (bits, integers) in (1..=62_u32, 0..300_usize).prop_flat_map(|(bits, length)| {
                let bound = 1_i64 << bits;
                (Just(bits), prop::collection::vec(-bound..=bound, length))
            })
        ) {
            let negative: Vec<i64> = integers.iter().map(|x| -x.abs()).collect();
            let edge = vec![-(1_i64 << bits), (1 << bits) - 1, 0, 1, -1];
            for integers in [&integers, &negative, &edge] {
                check(integers, &BASES);
            }
        }

        #[test]
        fn field_elements(seed: u64, length in 0..200_usize) {
            let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(seed);
            let scalars: Vec<Fr> = (0..length).map(|_| Fr::random(&mut rng)).collect();
            prop_assert_eq!(wide(&scalars, &BASES).to_affine(), naive(&scalars, &BASES));
        }
    }

    #[test]
    fn odd_sizes_up_to_1024() {
        let value = |i: i64| (i * 7919) % 513 - 256;
        for length in [0, 1, 2, 3, 5, 31, 33, 127, 255, 511, 1023, 1024] {
            let integers: Vec<i64> = (0_i64..).take(length).map(value).collect();
            check(&integers, &BASES);
        }
    }

    #[test]
    fn extremes_repeats_opposites_and_the_identity() {
        let extremes = [i64::MIN, i64::MAX, i64::MIN + 1, 0, -1, 1];
        check(&extremes, &BASES);
        check(&[1; 100], &BASES);
        check(&[-5; 77], &BASES);
        // The same base in one bucket, its negative, and the identity.
        let p = BASES[0];
        let bases = [p, p, -p, p, G1Affine::default(), -p, p, p];
        check(&[1; 8], &bases);
        check(&[3, 3, 3, 3, 3, 3, -3, -3], &bases);
        check(&[1, -1, 1, -1, 7, 1, 1, 1], &bases);
        check(&[1, 1, 1], &[p, -p, G1Affine::default()]);
        let full = [Fr::ZERO, -Fr::ONE, Fr::ONE, -Fr::from(2), Fr::ZERO - Fr::from(1 << 40)];
        assert_eq!(wide(&full, &BASES).to_affine(), naive(&full, &BASES));
    }
}

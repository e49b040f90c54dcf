//! Scalars in halves: (x, y) to (ζ·x, y) multiplies a point by ζ, a cube root of unity, so that
//! k = u + v·ζ with u and v of half the width (Gallant, Lambert, Vanstone, "Faster point
//! multiplication on elliptic curves with efficient endomorphisms", 2001, section 4).
//!
//! Whatever v is, u = k - v·ζ makes the sum right; rounding only decides how small they are.

use crate::field::{Limbs, limbs};
use halo2_proofs::halo2curves::bn256::{Fq, Fr, G1Affine};
use halo2_proofs::halo2curves::ff::{PrimeField, WithSmallOrderMulGroup};

/// ζ times a point.
pub(super) fn turned(point: &G1Affine) -> G1Affine {
    G1Affine { x: point.x * Fq::ZETA, y: point.y }
}

/// Short vectors (a, b) with a + b·ζ = 0: their second entries are `SHORT` and `LONG` up to sign,
/// and these quotients times k/2^256 are k's coordinates in them.
const SHORT: u128 = 0x89d3_2568_94d2_13e3;
const LONG: u128 = 0x6f4d_8248_eeb8_59fd_0be4_e154_1221_250b;
const SHORT_QUOTIENT: [u64; 3] = [0x5398_fd03_00ff_6565, 0x4cce_f014_a773_d2d2, 2];
const LONG_QUOTIENT: [u64; 3] = [0xd91d_232e_c7e0_b3d7, 2, 0];

/// (u, v) with k = u + v·ζ, both less than 2^127 in magnitude; `None` if they were not.
pub(super) fn split(k: &Fr) -> Option<(i128, i128)> {
    let digits = limbs(k);
    let first = Fr::from_u128(coordinate(&digits, SHORT_QUOTIENT)) * Fr::from_u128(SHORT);
    let second = Fr::from_u128(coordinate(&digits, LONG_QUOTIENT)) * Fr::from_u128(LONG);
    let v = first - second;
    let u = k - v * Fr::ZETA;
    Some((signed(&u)?, signed(&v)?))
}

/// The high half of a product of 256 and 192 bits, which is short.
fn coordinate(k: &Limbs, quotient: [u64; 3]) -> u128 {
    let mut product = [0_u64; 7];
    for (i, digit) in k.iter().enumerate() {
        let mut carry = 0;
        for (j, q) in quotient.iter().enumerate() {
            let sum = u128::from(*digit) * u128::from(*q) + u128::from(product[i + j]) + carry;
            product[i + j] = low(sum);
            carry = sum >> 64;
        }
        product[i + quotient.len()] = low(carry);
    }
    u128::from(product[4]) | u128::from(product[5]) << 64
}

fn low(x: u128) -> u64 {
    u64::try_from(x & u128::from(u64::MAX)).unwrap_or(0)
}

fn signed(x: &Fr) -> Option<i128> {
    let magnitude = |x: &Fr| match limbs(x) {
        [low, high, 0, 0] => i128::try_from(u128::from(low) | u128::from(high) << 64).ok(),
        _ => None,
    };
    magnitude(x).or_else(|| magnitude(&-x).map(|magnitude| -magnitude))
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::bn256::G1;
    use halo2_proofs::halo2curves::ff::Field;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn halves_make_up_the_scalar() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(8);
        let edges = [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::ZETA, -Fr::ZETA, Fr::from_u128(u128::MAX)];
        let powers = (0..254).map(|i| Fr::from(2).pow_vartime([i]));
        let around = powers.flat_map(|p| [p, -p, p - Fr::ONE]);
        let random = std::iter::repeat_with(|| Fr::random(&mut rng)).take(5000);
        for k in edges.into_iter().chain(around).chain(random) {
            let (u, v) = split(&k).unwrap();
            let field = |x: i128| {
                let magnitude = Fr::from_u128(x.unsigned_abs());
                if x < 0 { -magnitude } else { magnitude }
            };
            assert_eq!(field(u) + field(v) * Fr::ZETA, k);
        }
        let point = G1Affine::generator();
        assert_eq!(G1::from(turned(&point)), point * Fr::ZETA);
    }
}

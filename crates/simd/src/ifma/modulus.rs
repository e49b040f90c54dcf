//! The two fields' moduli in 52-bit limbs.

use halo2_proofs::halo2curves::bn256::{Fq, Fr};
use halo2_proofs::halo2curves::ff::PrimeField;

/// The low 52 bits.
pub(super) const MASK: u64 = (1 << 52) - 1;

/// A field of 254 bits whose elements are four limbs of 64 bits, x·2^256 modulo p.
pub(crate) trait Modulus: PrimeField {
    /// p.
    const MODULUS_LIMBS: [u64; 4];
    /// p in limbs of 52 bits.
    const P: [u64; 5] = split(Self::MODULUS_LIMBS);
    /// -1/p modulo 2^52.
    const NEGATIVE_INVERSE: u64 = negative_inverse(Self::MODULUS_LIMBS[0]);
    /// 2^97/(p/2^208 + 1), rounded down: the top limb of x times this, over 2^97, is x/p rounded
    /// down or one less.
    const QUOTIENT: u64 = quotient(Self::P[4]);
}

impl Modulus for Fr {
    const MODULUS_LIMBS: [u64; 4] = [
        0x43e1_f593_f000_0001,
        0x2833_e848_79b9_7091,
        0xb850_45b6_8181_585d,
        0x3064_4e72_e131_a029,
    ];
}

impl Modulus for Fq {
    const MODULUS_LIMBS: [u64; 4] = [
        0x3c20_8c16_d87c_fd47,
        0x9781_6a91_6871_ca8d,
        0xb850_45b6_8181_585d,
        0x3064_4e72_e131_a029,
    ];
}

const fn split(a: [u64; 4]) -> [u64; 5] {
    [
        a[0] & MASK,
        (a[0] >> 52 | a[1] << 12) & MASK,
        (a[1] >> 40 | a[2] << 24) & MASK,
        (a[2] >> 28 | a[3] << 36) & MASK,
        a[3] >> 16,
    ]
}

/// By Newton's iteration, from the one bit that is right for every odd number.
const fn negative_inverse(p: u64) -> u64 {
    let mut inverse = 1_u64;
    let mut step = 0;
    while step < 6 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(p.wrapping_mul(inverse)));
        step += 1;
    }
    inverse.wrapping_neg() & MASK
}

#[allow(clippy::cast_possible_truncation, reason = "p/2^208 has 46 bits: the quotient has 52")]
const fn quotient(top: u64) -> u64 {
    ((1_u128 << 97) / (top as u128 + 1)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<M: Modulus>() {
        let hex: String =
            M::MODULUS_LIMBS.iter().rev().map(|limb| format!("{limb:016x}")).collect();
        assert_eq!(format!("0x{hex}"), M::MODULUS);
        assert_eq!(M::P[0].wrapping_mul(M::NEGATIVE_INVERSE).wrapping_add(1) & MASK, 0);
        assert!(M::QUOTIENT <= MASK);
        assert_eq!(M::NUM_BITS, 254);
    }

    #[test]
    fn constants_are_those_of_the_fields() {
        check::<Fr>();
        check::<Fq>();
    }
}

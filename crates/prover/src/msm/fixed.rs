//! A few bases that many sums share: multiples of every base by every digit of every window are
//! tabled once, so that a sum is additions alone. Serves the blinding rows.

use super::digits::Scalar;
use crate::field::limbs;
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use halo2_proofs::halo2curves::ff::PrimeField;
use halo2_proofs::halo2curves::group::{Curve, Group};

/// Bits per window: 8 multiples in 64 windows, 32 KiB per base.
const WIDTH: u32 = 4;

/// The tables of some bases.
#[derive(Clone, Debug)]
pub struct FixedBases {
    /// By base, window and digit.
    multiples: Vec<G1Affine>,
    windows: u32,
}

impl FixedBases {
    /// Tables the bases.
    #[must_use]
    pub fn new(bases: &[G1Affine]) -> Self {
        let windows = (Fr::NUM_BITS + 1).div_ceil(WIDTH);
        let mut multiples = vec![];
        for base in bases {
            let mut power = G1::from(*base);
            for _ in 0..windows {
                let step = power;
                for _ in 1..1 << (WIDTH - 1) {
                    multiples.push(power);
                    power += step;
                }
                multiples.push(power);
                power = power.double();
            }
        }
        let mut affine = vec![G1Affine::default(); multiples.len()];
        G1::batch_normalize(&multiples, &mut affine);
        FixedBases { multiples: affine, windows }
    }

    /// Σ s_i·P_i over the last bases, as many as there are scalars.
    #[must_use]
    pub fn sum(&self, scalars: &[Fr]) -> G1 {
        let digits = 1 << (WIDTH - 1);
        let mut total = G1::identity();
        let size = digits * self.windows as usize;
        let skipped = (self.multiples.len() / size).saturating_sub(scalars.len());
        let tables = self.multiples.chunks(size).skip(skipped);
        for (scalar, table) in scalars.iter().map(limbs).zip(tables) {
            for (window, multiples) in (0..).zip(table.chunks(digits)) {
                let (digit, below) = scalar.digit(window, WIDTH);
                if let Some(multiple) = (digit as usize).checked_sub(1).map(|i| multiples[i]) {
                    if below { total -= multiple } else { total += multiple }
                }
            }
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::ff::Field;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn agrees_with_multiplication() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(4);
        let bases: Vec<G1Affine> = (0..6).map(|_| G1::random(&mut rng).to_affine()).collect();
        let table = FixedBases::new(&bases);
        for count in 0..=6 {
            let mut scalars: Vec<Fr> = (0..count).map(|_| Fr::random(&mut rng)).collect();
            if let Some(first) = scalars.first_mut() {
                *first = -Fr::ONE;
            }
            let expected: G1 =
                scalars.iter().zip(&bases[6 - count..]).map(|(s, base)| *base * s).sum();
            assert_eq!(table.sum(&scalars), expected);
        }
        assert_eq!(table.sum(&[Fr::ZERO, Fr::ONE]), G1::from(bases[5]));
    }
}

//! Sums and transforms against arkworks.

use crate::provers::bases;
use ark_bn254::{Fq as ArkFq, Fr as ArkFr, G1Affine as ArkAffine, G1Projective as ArkG1};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{BigInteger, PrimeField as _};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::halo2curves::group::Curve;
use proptest::prelude::*;
use provenn_prover::fft::Fft;
use provenn_prover::msm;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

fn scalar(x: &Fr) -> ArkFr {
    ArkFr::from_le_bytes_mod_order(&x.to_repr())
}

fn point(p: &G1Affine) -> ArkAffine {
    let coordinate = |repr: [u8; 32]| ArkFq::from_le_bytes_mod_order(&repr);
    ArkAffine::new(coordinate(p.x.to_repr()), coordinate(p.y.to_repr()))
}

fn agrees(ours: G1, theirs: ArkG1) -> bool {
    let (ours, theirs) = (ours.to_affine(), theirs.into_affine());
    if theirs.is_zero() {
        return ours == G1Affine::default();
    }
    point(&ours) == theirs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn sums_of_integers_of_every_width_and_sign(
        (bits, integers) in (0..=63_u32, 1..=128_usize).prop_flat_map(|(bits, length)| {
            let bound = i64::MAX >> (63 - bits);
            (Just(bits), prop::collection::vec(-bound - 1..=bound, length))
        })
    ) {
        let bases = bases(7, false);
        let bases = &bases.lagrange()[..integers.len()];
        let scalars: Vec<ArkFr> = integers.iter().map(|x| ArkFr::from(*x)).collect();
        let points: Vec<ArkAffine> = bases.iter().map(point).collect();
        let theirs = ArkG1::msm(&points, &scalars).unwrap();
        prop_assert!(agrees(msm::small(&integers, bases), theirs), "{bits} bits");
    }

    #[test]
    fn sums_of_field_elements(seed: u64, length in 1..=128_usize) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let bases = bases(7, false);
        let bases = &bases.lagrange()[..length];
        let scalars: Vec<Fr> = (0..length).map(|_| Fr::random(&mut rng)).collect();
        let points: Vec<ArkAffine> = bases.iter().map(point).collect();
        let theirs = ArkG1::msm(&points, &scalars.iter().map(scalar).collect::<Vec<_>>()).unwrap();
        prop_assert!(agrees(msm::wide(&scalars, bases), theirs));
    }

    #[test]
    fn transforms(seed: u64, k in 0..=12_u32) {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let fft = Fft::new(k).unwrap();
        let coefficients: Vec<Fr> = (0..fft.n()).map(|_| Fr::random(&mut rng)).collect();
        let domain = Radix2EvaluationDomain::<ArkFr>::new(fft.n()).unwrap();
        // The same root of unity, or the values would come in another order.
        let turned = domain.group_gen == scalar(&fft.omega());
        let theirs = domain.fft(&coefficients.iter().map(scalar).collect::<Vec<_>>());
        let mut ours = coefficients.clone();
        fft.reverse_bits(&mut ours);
        fft.to_values(&mut ours);
        let ours: Vec<ArkFr> = ours.iter().map(scalar).collect();
        if turned {
            prop_assert_eq!(&ours, &theirs);
        }
        let sorted = |values: &[ArkFr]| {
            let mut all: Vec<_> = values.iter().map(|v| v.into_bigint().to_bytes_le()).collect();
            all.sort();
            all
        };
        prop_assert_eq!(sorted(&ours), sorted(&theirs));
    }
}

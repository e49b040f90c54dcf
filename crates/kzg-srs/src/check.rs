//! Whether the points of an SRS are the powers of one secret, in both bases.
//!
//! With random coefficients c_i of 128 bits and the values e_j that their polynomial has on the domain,
//! Σ e_j L_j = Σ c_i g_i ties the Lagrange basis to the powers (what is wrong in the L_j is a sum of the c_i with
//! factors that are not all zero, the transform being a bijection), and
//! e(Σ_{i<n-1} c_i g_{i+1}, g₂) = e(Σ_{i<n-1} c_i g_i, s·g₂) ties each power to the next.
//! A wrong point passes with probability at most 2^-128 in each.

use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1, G1Affine, G2Affine};
use halo2_proofs::halo2curves::ff::PrimeField;
use halo2_proofs::halo2curves::group::Curve;
use halo2_proofs::halo2curves::pairing::Engine;
use provenn_prover::fft::Fft;
use provenn_prover::msm;
use provenn_verifier::points::generators;
use rand_core::RngCore;

/// Checks 2^k powers, or one more, against each other and `s_g2`, and as many Lagrange points against them.
pub(crate) fn consistent(
    k: u32,
    powers: &[G1Affine],
    lagrange: &[G1Affine],
    g2s: [&G2Affine; 2],
    mut rng: impl RngCore,
) -> Result<(), &'static str> {
    let (coefficients, sum) = of_one_secret(k, powers, g2s, &mut rng)?;
    let Some(fft) = Fft::new(k).filter(|fft| fft.n() == lagrange.len()) else {
        return Err("its k is out of range");
    };
    let mut values = coefficients;
    fft.reverse_bits(&mut values);
    fft.to_values(&mut values);
    if msm::wide(&values, lagrange) != sum {
        return Err("its lagrange points do not match its powers");
    }
    Ok(())
}

/// Checks 2^k powers, or one more, against each other and the generator of the second group and s·g₂; gives the random
/// coefficients and the sum of the powers by them.
pub(crate) fn of_one_secret(
    k: u32,
    powers: &[G1Affine],
    [g2, s_g2]: [&G2Affine; 2],
    mut rng: impl RngCore,
) -> Result<(Vec<Fr>, G1), &'static str> {
    let (Some(first), Some(all)) = (powers.first(), powers.get(..1 << k)) else {
        return Err("it has too few points");
    };
    generators(first, g2)?;
    let mut random = vec![[0; 16]; all.len()];
    rng.fill_bytes(random.as_flattened_mut());
    let coefficients: Vec<Fr> =
        random.into_iter().map(|bytes| Fr::from_u128(u128::from_le_bytes(bytes))).collect();
    let sum = msm::wide(&coefficients, all);
    // All powers that have a next one.
    let next = powers.get(1..).unwrap_or_default();
    let shifted: G1 = msm::wide(coefficients.get(..next.len()).unwrap_or_default(), next);
    let without_next = coefficients.iter().zip(all).skip(next.len());
    let low = without_next.fold(sum, |sum, (c, power)| sum - *power * c);
    if Bn256::pairing(&shifted.to_affine(), g2) != Bn256::pairing(&low.to_affine(), s_g2) {
        return Err("its points are not the powers of one secret");
    }
    Ok((coefficients, sum))
}

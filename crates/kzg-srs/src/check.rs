//! Whether the points of an SRS are the powers of one secret, in both bases.
//!
//! With random values e_j on the domain and their coefficients c_i (a bijection, so the c_i are
//! uniform too): Σ e_j L_j = Σ c_i g_i ties the Lagrange basis to the powers, and
//! e(Σ_{i<n-1} c_i g_{i+1}, g₂) = e(Σ_{i<n-1} c_i g_i, s·g₂) ties each power to the next.
//! A wrong point passes with probability about 2^-254.

use halo2_proofs::arithmetic::best_multiexp;
use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1, G1Affine, G2Affine};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::halo2curves::group::Curve;
use halo2_proofs::halo2curves::pairing::Engine;
use halo2_proofs::poly::EvaluationDomain;
use provenn_verifier::points::generators;
use rand_core::RngCore;

/// Checks 2^k Lagrange points and as many powers, or one more, against each other and `s_g2`.
pub(crate) fn consistent(
    k: u32,
    powers: &[G1Affine],
    lagrange: &[G1Affine],
    g2: &G2Affine,
    s_g2: &G2Affine,
    mut rng: impl RngCore,
) -> Result<(), &'static str> {
    let (Some(first), Some(all)) = (powers.first(), powers.get(..lagrange.len())) else {
        return Err("it has no points");
    };
    generators(first, g2)?;
    let domain = EvaluationDomain::<Fr>::new(2, k);
    let values: Vec<Fr> = lagrange.iter().map(|_| Fr::random(&mut rng)).collect();
    let coefficients = domain.lagrange_to_coeff(domain.lagrange_from_vec(values.clone()));
    if best_multiexp::<G1Affine>(&values, lagrange) != best_multiexp(&coefficients, all) {
        return Err("its lagrange points do not match its powers");
    }
    // All powers that have a next one.
    let next = powers.get(1..).unwrap_or_default();
    let coefficients = coefficients.get(..next.len()).unwrap_or_default();
    let low: G1 = best_multiexp(coefficients, powers.get(..next.len()).unwrap_or_default());
    let shifted: G1 = best_multiexp(coefficients, next);
    if Bn256::pairing(&shifted.to_affine(), g2) != Bn256::pairing(&low.to_affine(), s_g2) {
        return Err("its points are not the powers of one secret");
    }
    Ok(())
}

//! From parameters to halo2's constraint system and evaluation domain.

use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::{PrimeField, WithSmallOrderMulGroup};
use halo2_proofs::plonk::{Circuit, ConstraintSystem};
use halo2_proofs::poly::EvaluationDomain;
use provenn_gadgets::{CircuitParams, GadgetSet, Layout, ParamsError, ProvennCircuit};
use std::collections::HashMap;
use thiserror::Error;

/// The degree that every parameters are configured for.
pub const DEGREE: usize = provenn_gadgets::params::MAX_DEGREE;

/// Most commitments that a verifier combines. From 8104 points on, halo2's multi-exponentiation
/// takes a path that assumes no point to be the identity (else it panics or sums wrongly), but
/// commitments to zero columns are the identity.
pub(crate) const MAX_COMMITMENTS: usize = 8000;

/// Why parameters has no usable constraint system.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum ConstraintsError {
    #[error(transparent)]
    CircuitParams(#[from] ParamsError),
    #[error("the environment variable MAX_DEGREE is {value:?}, which halo2 cannot read; unset it")]
    Environment { value: String },
    #[error(
        "the constraint system has degree {got}, {DEGREE} is expected; unset MAX_DEGREE, or lower the degree of the gadget set's constraints"
    )]
    Degree { got: usize },
    #[error(
        "the constraint system has {got} {what}, {expected} expected; this is a bug, report it"
    )]
    Columns { what: &'static str, expected: usize, got: usize },
    #[error(
        "the circuit takes {got} commitments, at most {MAX_COMMITMENTS} can be verified; compile it with a larger k"
    )]
    Commitments { got: usize },
    #[error("rows 2^{k} at degree {DEGREE} exceed the field's roots of unity")]
    Domain { k: u32 },
}

/// Commitments that a verifying key of these parameters has with these gadgets: fixed columns, permuted columns.
/// Cheap, so that foreign parameters can be held against a file's size before anything is configured.
///
/// # Errors
/// [`ConstraintsError`] if the parameters are outside its limits.
pub fn commitments<G: GadgetSet>(
    params: &CircuitParams,
) -> Result<(usize, usize), ConstraintsError> {
    params.validate()?;
    let layout = Layout::<G>::number(params);
    let permuted = layout.equality_columns().len();
    let products = permuted.div_ceil(DEGREE - 2);
    let opening = DEGREE - 1 + 4; // quotient, random polynomial, two opening points, generator
    let got = layout.fixed + layout.first + layout.second + permuted + products + opening;
    if got > MAX_COMMITMENTS {
        return Err(ConstraintsError::Commitments { got });
    }
    Ok((layout.fixed, permuted))
}

/// Configures parameters with these gadgets and checks what the rest of this crate relies on.
///
/// # Errors
/// [`ConstraintsError`] naming what does not hold.
pub fn constraint_system<G: GadgetSet>(
    params: &CircuitParams,
) -> Result<ConstraintSystem<Fr>, ConstraintsError> {
    let (fixed, permuted) = commitments::<G>(params)?;
    // Halo2 reads it on every use of the degree, and panics on anything but a number.
    if let Some(value) = std::env::var_os("MAX_DEGREE")
        && value.to_str().is_none_or(|text| text.parse::<usize>().is_err())
    {
        return Err(ConstraintsError::Environment { value: value.to_string_lossy().into() });
    }
    let mut cs = ConstraintSystem::default();
    ProvennCircuit::<G>::configure_with_params(&mut cs, params.clone());
    let gates = cs.gates().iter().flat_map(|gate| gate.polynomials()).map(|poly| poly.degree());
    // A gate above halo2's (lowerable) maximum is a silent fault: its quotient does not fit.
    let got = gates.max().unwrap_or(0).max(cs.degree());
    if got != DEGREE || cs.degree() != DEGREE {
        return Err(ConstraintsError::Degree { got });
    }
    let counts = [
        ("fixed columns", fixed, cs.num_fixed_columns()),
        ("permuted columns", permuted, cs.permutation().get_columns().len()),
        ("instance columns", params.instance_columns(), cs.num_instance_columns()),
        ("selectors", 0, cs.num_selectors()),
    ];
    for (what, expected, got) in counts {
        if expected != got {
            return Err(ConstraintsError::Columns { what, expected, got });
        }
    }
    Ok(cs)
}

/// The domain without the tables for Fourier transforms, which verifying does not need: a foreign
/// key of k = 26 must not make a verifier allocate gigabytes.
///
/// # Errors
/// [`ConstraintsError::Domain`] if the field has no roots of unity for it.
pub fn verifier_domain(k: u32) -> Result<EvaluationDomain<Fr>, ConstraintsError> {
    let quotient_poly_degree = (DEGREE - 1) as u64;
    let extended_k = k + quotient_poly_degree.next_power_of_two().ilog2();
    let error = || ConstraintsError::Domain { k };
    if extended_k > Fr::S {
        return Err(error());
    }
    let root = |bits: u32| (bits..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square());
    let inverse = |x: Fr| Option::<Fr>::from(x.invert()).ok_or_else(error);
    let (omega, extended_omega) = (root(k), root(extended_k));
    let n = 1_u64 << k;
    Ok(EvaluationDomain {
        n,
        k,
        extended_k,
        omega,
        omega_inv: inverse(omega)?,
        extended_omega,
        extended_omega_inv: inverse(extended_omega)?,
        g_coset: Fr::ZETA,
        g_coset_inv: Fr::ZETA.square(),
        quotient_poly_degree,
        ifft_divisor: inverse(Fr::from(n))?,
        extended_ifft_divisor: inverse(Fr::from(1 << extended_k))?,
        t_evaluations: vec![],
        barycentric_weight: inverse(Fr::from(n))?,
        fft_data: HashMap::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verifiers_domain_is_halo2s() {
        for k in [4, 7, 11] {
            let (ours, theirs) = (verifier_domain(k).unwrap(), EvaluationDomain::new(5, k));
            assert_eq!(format!("{:?}", ours.pinned()), format!("{:?}", theirs.pinned()));
            assert_eq!(ours.omega_inv, theirs.omega_inv);
            assert_eq!(ours.barycentric_weight, theirs.barycentric_weight);
            assert_eq!(ours.quotient_poly_degree, theirs.quotient_poly_degree);
            assert_eq!(ours.ifft_divisor, theirs.ifft_divisor);
            assert_eq!(ours.extended_ifft_divisor, theirs.extended_ifft_divisor);
            assert_eq!(ours.extended_omega_inv, theirs.extended_omega_inv);
        }
        assert!(verifier_domain(26).is_ok());
        assert!(verifier_domain(27).is_err());
    }
}

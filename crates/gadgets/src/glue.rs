//! Glue: arithmetic on single field elements, to join digests into one identity.
//!
//! # Statement
//! `z = c0 + c1·c + c2·a·b + s·σ + r·ρ + t·τ` with fixed coefficients, t with borders only.
//!
//! # Constraints
//! * `glue` (degree 4): `active·(z − c0 − c1·c − c2·a·b − s·σ − r·ρ − t·τ) = 0`
//!
//! # Soundness
//! z is a function of a, b, c; those are copies (or multiplied by zero).
//!
//! # Completeness
//! Always satisfiable.
//!
//! # Cost
//! Four second-phase cells per operation. Operations are per layer, channel or kernel tap, never per activation.

use crate::columns::{Challenges, Columns, Query};
use crate::field::from_signed;
use crate::layout::GlueColumns;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::ConstraintSystem;

/// Creates the constraint of one bank.
pub(crate) fn configure(
    meta: &mut ConstraintSystem<Fr>,
    columns: &Columns,
    active: usize,
    glue: &GlueColumns,
) {
    meta.create_gate("glue", |meta| {
        let mut query = Query { meta, columns };
        let challenges = query.challenges();
        let active = query.fixed(active);
        let [c0, c1, c2, s, r] = glue.coefficient.map(|column| query.fixed(column));
        let [a, b, c, z] = glue.value.map(|column| query.second(column));
        let mut value = c0 + c1 * c + c2 * a * b + s * challenges.sigma + r * challenges.rho;
        if let Some(tau) = glue.tau {
            value = value + query.fixed(tau) * challenges.tau;
        }
        vec![("glue", active * (z - value))]
    });
}

/// Computes z from a, b, c.
pub(crate) fn value(
    glue: &GlueColumns,
    row: usize,
    [a, b, c]: [Fr; 3],
    challenges: &Challenges<Fr>,
    fixed: &impl Fn(usize, usize) -> i64,
) -> Fr {
    let coefficient = |column| from_signed(fixed(column, row));
    let [c0, c1, c2, s, r] = glue.coefficient.map(coefficient);
    let t = glue.tau.map_or(Fr::zero(), coefficient);
    let Challenges { sigma, rho, tau, .. } = challenges;
    c0 + c1 * c + c2 * a * b + s * sigma + r * rho + t * tau
}

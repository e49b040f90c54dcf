//! Linear identity engine: fixed weights evaluated at a challenge, times the input, summed.
//!
//! # Statement
//! For fixed W and inputs x_k: `z = Σ_k x_k·u_k` with `u_k = Σ_n ω^n·W_nk`, where ω is σ or ρ. Equated with
//! a digest `Σ_n ω^n·y_n` this is Freivalds' check of `y = W·x` (Freivalds 1977) with a random vector of
//! powers: no cell per product.
//!
//! # Constraints
//! * `engine/column` (degree 3): `u = Σ_j ω^j·W_j + step·ω^M·u'`
//! * `engine/sum` (degree 4): `z = first·x·u + sum·z'`
//!
//! # Layout
//! W column by column: ⌈N/M⌉ rows per k, `step` set on all but the last, `first` on the first; x_k is a copy
//! beside `first`; z runs upwards over the rows of one layer, and its total stands on the first.
//!
//! # Soundness
//! x and y are committed before ω (x may also be a digest, a polynomial in the *other* challenge), so the
//! identity is polynomial in the challenges and holds at a random point only if y = W·x, except with
//! probability (degree)/p.
//!
//! # Completeness
//! The columns are determined by W and x.
//!
//! # Cost
//! N·K fixed cells; per row two second-phase cells and one for x.

use crate::columns::{Challenges, Columns, Query, horner};
use crate::field::from_signed;
use crate::layout::EngineColumns;
use crate::shape::Shape;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::ConstraintSystem;

/// Creates the constraints of one engine.
pub(crate) fn configure(
    meta: &mut ConstraintSystem<Fr>,
    columns: &Columns,
    active: usize,
    engine: &EngineColumns,
) {
    meta.create_gate("engine", |meta| {
        let mut q = Query { meta, columns };
        let Challenges { sigma, rho, .. } = q.challenges();
        let omega = if engine.rho { rho } else { sigma };
        let active = q.fixed(active);
        let weights: Vec<_> = engine.weight.iter().map(|&c| q.fixed(c)).collect();
        let tail = q.fixed(engine.step) * q.second_next(engine.u);
        let column = horner(&omega, weights.into_iter(), Some(tail));
        let (x, u, z) = (q.second(engine.x), q.second(engine.u), q.second(engine.z));
        let sum =
            q.fixed(engine.first) * x * u.clone() + q.fixed(engine.sum) * q.second_next(engine.z);
        vec![("engine/column", active.clone() * (u - column)), ("engine/sum", active * (z - sum))]
    });
}

/// Computes the u column.
pub(crate) fn columns_at_challenge(
    engine: &EngineColumns,
    shape: &Shape,
    challenges: &Challenges<Fr>,
    fixed: &impl Fn(usize, usize) -> i64,
) -> Vec<Fr> {
    let omega = if engine.rho { challenges.rho } else { challenges.sigma };
    let rows = shape.active_rows();
    let mut u = vec![Fr::zero(); rows + 1];
    for row in (0..rows).rev() {
        let mut acc = if fixed(engine.step, row) != 0 { u[row + 1] } else { Fr::zero() };
        for &weight in engine.weight.iter().rev() {
            acc *= omega;
            let weight = fixed(weight, row);
            if weight != 0 {
                acc += from_signed(weight);
            }
        }
        u[row] = acc;
    }
    u
}

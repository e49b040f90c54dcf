//! Border bank: the coefficients of a convolution's full product that the layer drops, combined over
//! channels.
//!
//! # Statement
//! A run of cells `g_0, g_1, …` has the digest `D = Σ_i σ^i·g_i`.
//!
//! # Constraints
//! * `border/digest` (degree 3): `D = g + step·σ·D'`
//!
//! # Soundness
//! The layer demands `Σ_c K_c(ρ)·X_c = Y(ρ) + G` of polynomials in σ and τ. X and Y are committed before ρ;
//! g afterwards, and before σ and τ, which halo2's phases enforce. So G is one polynomial, which stands at
//! dropped exponents alone, and the identity says of every kept exponent that `Σ_o ρ^o·(full_o − y_o) = 0`,
//! except with probability (exponents)/p over σ and τ. As ρ was drawn after y_o, full_o = y_o for all
//! channels, except with probability (kept exponents)·(channels)/p.
//!
//! # Completeness
//! g is the dropped coefficients' sum over channels by powers of ρ.
//!
//! # Cost
//! Per dropped position of a layer one second-phase cell and one third-phase cell, whatever the number
//! of channels.

use crate::assignment::Dropped;
use crate::columns::{Challenges, Columns, Query};
use crate::combination::{Coefficient, Combination};
use crate::gadget_set::GadgetSet;
use crate::layout::{BorderColumns, Layout};
use crate::shape::Shape;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::ConstraintSystem;

/// Creates the constraint of one bank.
pub(crate) fn configure(
    meta: &mut ConstraintSystem<Fr>,
    columns: &Columns,
    active: usize,
    bank: &BorderColumns,
) {
    meta.create_gate("border", |meta| {
        let mut q = Query { meta, columns };
        let Challenges { sigma, .. } = q.challenges();
        let (active, step) = (q.fixed(active), q.fixed(bank.step));
        let (digest, next) = (q.second(bank.digest), q.second_next(bank.digest));
        let sum = q.second(bank.value) + step * sigma * next;
        vec![("border/digest", active * (digest - sum))]
    });
}

/// The value columns: dropped coefficients by powers of ρ.
pub(crate) fn values<G: GadgetSet>(
    layout: &Layout<G>,
    shape: &Shape,
    dropped: &[Dropped],
    rho: Fr,
) -> Vec<(usize, Vec<Fr>)> {
    let rows = shape.active_rows() + 1;
    let mut columns: Vec<(usize, Vec<Fr>)> =
        layout.border.iter().map(|bank| (bank.value, vec![Fr::zero(); rows])).collect();
    for Dropped { bank, row, planes } in dropped {
        let Some((_, column)) = columns.get_mut(*bank) else { continue };
        let powers = Coefficient::powers(rho, Fr::one(), planes.len());
        let points = planes.iter().map(Vec::len).max().unwrap_or(0);
        for (at, value) in column.iter_mut().skip(*row).take(points).enumerate() {
            let mut sum = Combination::default();
            for (power, plane) in powers.iter().zip(planes) {
                sum.add(power, plane.get(at).copied().unwrap_or(0));
            }
            *value = sum.value();
        }
    }
    columns
}

/// The digest column of a bank's values.
pub(crate) fn digest(
    bank: &BorderColumns,
    values: &[Fr],
    sigma: Fr,
    fixed: &impl Fn(usize, usize) -> i64,
) -> Vec<Fr> {
    let mut column = values.to_vec();
    for row in (0..values.len().saturating_sub(1)).rev() {
        if fixed(bank.step, row) != 0 {
            column[row] = values[row] + sigma * column[row + 1];
        }
    }
    column
}

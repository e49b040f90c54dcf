//! Plain bank: cells without a range of their own, read by digests.
//!
//! # Statement
//! Four digests of the same cells p, each a polynomial evaluated at a challenge: of p in σ, of p in ρ,
//! of c·p in σ for fixed coefficients c, and of p·p* in σ for the cells p* of the partner bank.
//!
//! # Constraints
//! * `plain/digest` (degree 3): `D = Σ_j σ^j·p_j + step·σ^L·D'`
//! * `plain/digest_rho` (degree 3): the same in ρ
//! * `plain/digest_scaled` (degree 3): `D = Σ_j σ^j·c_j·p_j + step·σ^L·D'`
//! * `plain/digest_product` (degree 3): `D = Σ_j σ^j·p_j·p*_j + step·σ^L·D'`
//!
//! With borders all have a further term `turn·τ·D'`, as in an activation bank.
//!
//! # Soundness
//! Cells are committed before the challenges; a digest that another identity fixes determines every
//! cell except with probability (cells)/p (Schwartz–Zippel). A cell that no identity and no copy reads
//! must not be read by anyone: the planner lays only such cells out as zero and unused.
//!
//! # Completeness
//! Digests exist for any cells.
//!
//! # Cost
//! One small cell per element; one digest column per bank for each digest in use.

use crate::columns::{Challenges, Columns, Query, horner};
use crate::combination::{Coefficient, Combination};
use crate::layout::PlainColumns;
use crate::second_phase::weight_of_next;
use crate::shape::Shape;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::plonk::{ConstraintSystem, Expression};

/// Creates the constraints of one bank; `partner` is the bank it is multiplied with.
pub(crate) fn configure(
    meta: &mut ConstraintSystem<Fr>,
    columns: &Columns,
    active: usize,
    bank: &PlainColumns,
    partner: Option<&PlainColumns>,
) {
    meta.create_gate("plain", |meta| {
        let mut q = Query { meta, columns };
        let Challenges { sigma, rho, tau, .. } = q.challenges();
        let active = q.fixed(active);
        let step = q.fixed(bank.step);
        let turn = bank.turn.map(|column| q.fixed(column) * tau);
        let cells: Vec<Expression<Fr>> = bank.cell.iter().map(|&c| q.first(c)).collect();
        let mut constraints = vec![];
        let mut digest = |q: &mut Query<'_, '_>,
                          name,
                          column,
                          point: &Expression<Fr>,
                          terms: Vec<Expression<Fr>>| {
            let (value, next) = (q.second(column), q.second_next(column));
            let mut sum = horner(point, terms.into_iter(), Some(step.clone() * next.clone()));
            if let Some(turn) = &turn {
                sum = sum + turn.clone() * next;
            }
            constraints.push((name, active.clone() * (value - sum)));
        };
        digest(&mut q, "plain/digest", bank.digest, &sigma, cells.clone());
        if let Some(column) = bank.digest_rho {
            digest(&mut q, "plain/digest_rho", column, &rho, cells.clone());
        }
        if let Some(column) = bank.digest_scaled {
            let terms =
                bank.coefficient.iter().zip(&cells).map(|(&c, p)| q.fixed(c) * p.clone()).collect();
            digest(&mut q, "plain/digest_scaled", column, &sigma, terms);
        }
        if let (Some(column), Some(partner)) = (bank.digest_product, partner) {
            let terms =
                partner.cell.iter().zip(&cells).map(|(&c, p)| q.first(c) * p.clone()).collect();
            digest(&mut q, "plain/digest_product", column, &sigma, terms);
        }
        constraints
    });
}

/// Computes one digest column: Σ_j point^j·term(lane, row), chained where `step` or `turn` is set.
fn digest(
    bank: &PlainColumns,
    shape: &Shape,
    [point, tau]: [Fr; 2],
    fixed: &impl Fn(usize, usize) -> i64,
    term: impl Fn(usize, usize) -> i128,
) -> Vec<Fr> {
    let powers = Coefficient::powers(point, Fr::one(), shape.lanes);
    let beyond = point.pow([shape.lanes as u64]);
    let rows = shape.active_rows();
    let mut column = vec![Fr::zero(); rows + 1];
    for row in (0..rows).rev() {
        let mut sum = Combination::default();
        for (lane, power) in powers.iter().enumerate() {
            sum.add(power, term(lane, row));
        }
        let next = weight_of_next(row, bank.step, bank.turn, [beyond, tau], fixed);
        column[row] = sum.value() + next * column[row + 1];
    }
    column
}

/// The digest columns of a bank with their column numbers.
pub(crate) fn digests(
    bank: &PlainColumns,
    partner: Option<&PlainColumns>,
    shape: &Shape,
    challenges: &Challenges<Fr>,
    fixed: &impl Fn(usize, usize) -> i64,
    first: &impl Fn(usize, usize) -> i64,
) -> Vec<(usize, Vec<Fr>)> {
    let tau = challenges.tau;
    let (sigma, rho) = ([challenges.sigma, tau], [challenges.rho, tau]);
    let cell = |lane: usize, row| i128::from(first(bank.cell[lane], row));
    let mut columns = vec![(bank.digest, digest(bank, shape, sigma, fixed, cell))];
    if let Some(column) = bank.digest_rho {
        columns.push((column, digest(bank, shape, rho, fixed, cell)));
    }
    if let Some(column) = bank.digest_scaled {
        let term =
            |lane: usize, row| cell(lane, row) * i128::from(fixed(bank.coefficient[lane], row));
        columns.push((column, digest(bank, shape, sigma, fixed, term)));
    }
    if let (Some(column), Some(partner)) = (bank.digest_product, partner) {
        let term = |lane: usize, row| cell(lane, row) * i128::from(first(partner.cell[lane], row));
        columns.push((column, digest(bank, shape, sigma, fixed, term)));
    }
    columns
}

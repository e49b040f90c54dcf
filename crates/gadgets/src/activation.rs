//! Activation bank: rescaling, saturation and a function, fused.
//!
//! # Statement
//! In each lane of each active row, `y = q·2^S + r − o` for integers with `0 ≤ r < 2^S`,
//! `q = (h + first)·2^t + l`, `0 ≤ l < 2^t`, and the output `a = slope(h)·l + base(h)` by the function table
//! that the fixed tag names; `first`, the table's smallest key, is folded into o so that h ≥ 0. `y` is no cell: it enters only through the digest below, which another
//! identity equates with the linear layer's value.
//!
//! # Constraints
//! * `activation/digest_y` (degree 3): `D_y = Σ_j σ^j·y_j + step·σ^L·D_y'`
//! * `activation/digest_a` (degree 3): `D_a = Σ_j σ^j·a_j + step·σ^L·D_a'`
//! * the lookups of [`crate::logup`]: every limb of r, l, and the tuple (h, slope, base, tag).
//!
//! where `'` is the next row, and L the number of lanes. With borders both have a further term
//! `turn·τ·D'`: image rows are powers of τ, times the powers of σ that lead to their last row of lanes.
//!
//! # Soundness
//! All cells are committed before σ and ρ. If the digest of y equals the digest of the linear form,
//! then by Schwartz–Zippel (DeMillo–Lipton 1978; Zippel 1979; Schwartz 1980) y equals it in every
//! position except with probability (cells)/p. The lookups bound h, l, r; their recomposition is
//! below p by interval analysis, so (h, l, r) is *the* base-2^t decomposition of y + o, and the
//! function table, which has one row per h, leaves one output.
//!
//! # Completeness
//! Holds whenever `⌊(y+o)/2^S⌋` lies in the table's interval, which quantisation proves beforehand.
//!
//! # Cost
//! 4 + (limbs of r) small cells and 2 + (limbs of r) lookups per activation; two digest columns per bank.

use crate::columns::{Challenges, Columns, Query, horner};
use crate::combination::{Coefficient, Combination};
use crate::layout::ActivationColumns;
use crate::second_phase::weight_of_next;
use crate::shape::Shape;
use halo2_proofs::arithmetic::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{ConstraintSystem, Expression};

/// Powers of two that recompose y from its limbs.
pub(crate) struct Weights {
    pub(crate) high: Fr,
    pub(crate) low: Fr,
    pub(crate) remainder: Vec<Fr>,
}

impl Weights {
    pub(crate) fn new(shape: &Shape) -> Self {
        let two = |e: u32| Fr::from(2).pow([u64::from(e), 0, 0, 0]);
        let limbs = shape.remainder_limbs();
        let starts = limbs.iter().scan(0, |at, width| {
            let start = *at;
            *at += width;
            Some(two(start))
        });
        Weights {
            high: two(shape.shift + shape.low_bits),
            low: two(shape.shift),
            remainder: starts.collect(),
        }
    }
}

/// Creates the constraints of one bank.
pub(crate) fn configure(
    meta: &mut ConstraintSystem<Fr>,
    columns: &Columns,
    active: usize,
    bank: &ActivationColumns,
    shape: &Shape,
) {
    let weights = Weights::new(shape);
    meta.create_gate("activation", |meta| {
        let mut q = Query { meta, columns };
        let Challenges { sigma, tau, .. } = q.challenges();
        let active = q.fixed(active);

        let next = q.second_next(bank.digest_y);
        let step = q.fixed(bank.step);
        let turn = bank.turn.map(|column| q.fixed(column) * tau);
        let lanes = |q: &mut Query<'_, '_>, columns: &[usize]| -> Vec<Expression<Fr>> {
            columns.iter().map(|&c| q.first(c)).collect()
        };
        let high = horner(&sigma, lanes(&mut q, &bank.high).into_iter(), None);
        let low = horner(&sigma, lanes(&mut q, &bank.low).into_iter(), None);
        let offsets: Vec<_> = bank.offset.iter().map(|&c| q.fixed(c)).collect();
        let offset = horner(&sigma, offsets.into_iter(), Some(-(step.clone() * next.clone())));
        let mut y = high * weights.high + low * weights.low - offset;
        for (limb, weight) in bank.remainder.iter().zip(&weights.remainder) {
            y = y + horner(&sigma, lanes(&mut q, limb).into_iter(), None) * *weight;
        }
        if let Some(turn) = &turn {
            y = y + turn.clone() * next;
        }
        let digest_y = q.second(bank.digest_y);

        let next = q.second_next(bank.digest_a);
        let outputs: Vec<_> = (0..bank.low.len())
            .map(|j| q.first(bank.slope[j]) * q.first(bank.low[j]) + q.first(bank.base[j]))
            .collect();
        let mut a = horner(&sigma, outputs.into_iter(), Some(step * next.clone()));
        if let Some(turn) = turn {
            a = a + turn * next;
        }
        let digest_a = q.second(bank.digest_a);

        vec![
            ("activation/digest_y", active.clone() * (digest_y - y)),
            ("activation/digest_a", active * (digest_a - a)),
        ]
    });
}

/// Computes the two digest columns from the committed integers.
pub(crate) fn digests(
    bank: &ActivationColumns,
    shape: &Shape,
    challenges: &Challenges<Fr>,
    fixed: &impl Fn(usize, usize) -> i64,
    first: &impl Fn(usize, usize) -> i64,
) -> (Vec<Fr>, Vec<Fr>) {
    let weights = Weights::new(shape);
    let powers = |scale| Coefficient::powers(challenges.sigma, scale, shape.lanes);
    let (one, high, low) = (powers(Fr::one()), powers(weights.high), powers(weights.low));
    let remainder: Vec<_> = weights.remainder.iter().map(|weight| powers(*weight)).collect();
    let beyond = challenges.sigma.pow([shape.lanes as u64]);
    let rows = shape.active_rows();
    let (mut ys, mut outputs) = (vec![Fr::zero(); rows + 1], vec![Fr::zero(); rows + 1]);
    for row in (0..rows).rev() {
        let (mut sum_y, mut sum_a) = (Combination::default(), Combination::default());
        for j in 0..shape.lanes {
            let (h, l) = (first(bank.high[j], row), first(bank.low[j], row));
            sum_y.add(&high[j], h);
            sum_y.add(&low[j], l);
            sum_y.add(&one[j], -i128::from(fixed(bank.offset[j], row)));
            for (limb, weight) in bank.remainder.iter().zip(&remainder) {
                sum_y.add(&weight[j], first(limb[j], row));
            }
            let (slope, base) = (first(bank.slope[j], row), first(bank.base[j], row));
            sum_a.add(&one[j], i128::from(slope) * i128::from(l));
            sum_a.add(&one[j], base);
        }
        let next = weight_of_next(row, bank.step, bank.turn, [beyond, challenges.tau], fixed);
        ys[row] = sum_y.value() + next * ys[row + 1];
        outputs[row] = sum_a.value() + next * outputs[row + 1];
    }
    (ys, outputs)
}

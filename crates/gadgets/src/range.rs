//! Range bank: values that are not negative and not too large, and nothing else.
//!
//! # Statement
//! A value is n limbs, one below the other: `y = Σ_{i<n} limb_i·2^(w·i)` with `0 ≤ limb_i < 2^w`, so that `0 ≤ y < 2^(w·n)`.
//! n is what the fixed columns say and may differ from value to value. `y` is no cell: it enters only through the fingerprint
//! below, which another identity equates with what is to be shown in range. A range that begins elsewhere is one of
//! differences; whoever reads the fingerprint adds what is constant.
//!
//! # Constraints
//! * `range/fingerprint` (degree 3): `D = weight·Σ_j σ^j·limb_j + (within + step·σ^L)·D'`
//! * on the bus: every limb.
//!
//! # Layout
//! L values stand side by side, their limbs on n rows, of which the i-th has `weight` 2^(w·i). `within` is 1 on all of these but the
//! last; there `step` is 1 if other values follow.
//! L is the bank's own, not the circuit's: a fingerprint is a polynomial of positions, whatever row they stand on. Image rows
//! that are powers of τ are whole rows of lanes, and have no place here.
//!
//! # Soundness
//! Limbs are committed before σ. If the fingerprint equals another one, y equals what that one is of in every position,
//! except with probability (cells)/p (Schwartz–Zippel). n·w is far below the bits of p, so that y is the integer that its
//! limbs say. A lane that holds no value may hold any limbs: gaps have to be bound by the other side of the identity.
//!
//! # Completeness
//! Holds whenever `0 ≤ y < 2^(w·n)`.
//!
//! # Cost
//! A small cell and a lookup per limb; one fingerprint and three fixed columns per bank.

use crate::bus::{BusTerm, Value};
use crate::column::{Column, Numbers, set};
use crate::columns::{Query, horner};
use crate::combination::{Coefficient, Combination};
use crate::families::{Lane, Range};
use crate::gadget::{Constraint, Fingerprinted, Gadget, Known, Role};
use crate::params::RangeBanks;
use halo2_proofs::arithmetic::Field;
use halo2_proofs::halo2curves::bn256::Fr;

/// One bank.
#[derive(Clone, Debug)]
pub struct RangeBank {
    /// w.
    pub width: u32,
    /// Fixed: what limbs weigh.
    pub weight: usize,
    /// Fixed: the next row holds other values of the same segment.
    pub step: usize,
    /// Fixed: the next row holds the next limbs of the same values.
    pub within: usize,
    /// First phase, per lane.
    pub limb: Vec<usize>,
    /// Second phase: fingerprint of y.
    pub fingerprint: usize,
}

impl Gadget for RangeBank {
    fn name(&self) -> &'static str {
        "range"
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::fixed("weight", &[self.weight]),
            Role::fixed("step", &[self.step]),
            Role::fixed("within", &[self.within]),
            Role::first("limbs", &self.limb),
            Role::second("fingerprint", &[self.fingerprint]),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let sigma = q.challenges().sigma;
        let (step, within) = (q.fixed(self.step), q.fixed(self.within));
        let next = q.second_next(self.fingerprint);
        let weight = q.fixed(self.weight);
        let limbs: Vec<_> =
            self.limb.iter().map(|&column| weight.clone() * q.first(column)).collect();
        let value = horner(&sigma, limbs.into_iter(), Some(step * next.clone())) + within * next;
        let value = q.second(self.fingerprint) - value;
        vec![Constraint::defining("range/fingerprint", self.fingerprint, value)]
    }

    fn terms(&self, terms: &mut Vec<BusTerm>) {
        let tag = Value::Constant(i64::from(self.width));
        let limbs = self.limb.iter();
        terms.extend(limbs.map(|&column| BusTerm::lookup(&[Value::First(column)], tag)));
    }

    fn copied(&self) -> Vec<Column> {
        vec![Column::Second(self.fingerprint)]
    }

    fn opened_next(&self) -> Vec<usize> {
        vec![self.fingerprint]
    }

    fn values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        let Known { rows, fixed, first, challenges, .. } = *known;
        let lanes = self.limb.len();
        let powers = Coefficient::powers(challenges.sigma, Fr::one(), lanes);
        let beyond = challenges.sigma.pow([lanes as u64]);
        let mut column = vec![Fr::zero(); rows + 1];
        for row in (0..rows).rev() {
            let mut sum = Combination::default();
            let weight = i128::from(fixed.at(self.weight, row));
            for (&limb, power) in self.limb.iter().zip(&powers) {
                sum.add(power, weight * i128::from(first.at(limb, row)));
            }
            column[row] = sum.value();
            for (flag, factor) in [(self.step, beyond), (self.within, Fr::one())] {
                if fixed.at(flag, row) != 0 {
                    let next = factor * column[row + 1];
                    column[row] += next;
                }
            }
        }
        vec![(self.fingerprint, column)]
    }

    fn fingerprinted(&self) -> Option<Fingerprinted> {
        Some(Fingerprinted {
            fingerprints: vec![self.fingerprint],
            goes_on: vec![self.step, self.within],
            cells: self.limb.clone(),
        })
    }
}

impl Range for RangeBank {
    fn allocate(numbers: &mut Numbers, banks: &RangeBanks) -> Self {
        let Numbers { fixed, first, second, .. } = numbers;
        RangeBank {
            width: banks.width,
            weight: fixed.one(),
            step: fixed.one(),
            within: fixed.one(),
            limb: first.many(banks.lanes),
            fingerprint: second.one(),
        }
    }

    fn lay(&self, rows: std::ops::Range<usize>, goes_on: bool, fixed: &mut [Vec<i64>]) {
        let last = rows.end.saturating_sub(1);
        for (row, start) in rows.zip((0..).step_by(self.width as usize)) {
            set(fixed, self.weight, row, 1 << start);
            match row == last {
                false => set(fixed, self.within, row, 1),
                true => set(fixed, self.step, row, i64::from(goes_on)),
            }
        }
    }

    fn fill(&self, Lane { lane, row }: Lane, limbs: usize, value: i64, first: &mut [Vec<i64>]) {
        let mut rest = value;
        for row in row..row + limbs {
            set(first, self.limb[lane], row, rest & ((1 << self.width) - 1));
            rest >>= self.width;
        }
    }

    fn fingerprint(&self) -> usize {
        self.fingerprint
    }
}

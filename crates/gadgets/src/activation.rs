//! Activation bank: rescaling, saturation and a function, fused.
//!
//! # Statement
//! In each lane of each active row, `y = q·2^S + r − o` for integers with `0 ≤ r < 2^S`,
//! `q = (h + first)·2^t + l`, `0 ≤ l < 2^t`, and the output `a = slope(h)·l + base(h)` by the function table
//! that the fixed tag names; `first`, the table's smallest key, is folded into o so that h ≥ 0. `y` is no cell: it enters only through the fingerprint below, which another
//! identity equates with the linear layer's value.
//!
//! # Constraints
//! * `activation/fingerprint_y` (degree 3): `D_y = Σ_j σ^j·y_j + step·σ^L·D_y'`
//! * `activation/fingerprint_a` (degree 3): `D_a = Σ_j σ^j·a_j + step·σ^L·D_a'`
//! * on the bus: every limb of r, l, and the tuple (h, slope, base, tag).
//!
//! S and t are the bank's format. With S = 0 there is no r: y is a table's argument as it is, for sums that are whole
//! multiples of what a rescale would drop.
//!
//! `'` is the next row, and L the number of lanes. With boundary terms both have a further term
//! `turn·τ·D'`: image rows are powers of τ, times the powers of σ that lead to their last row of lanes.
//!
//! # Soundness
//! All cells are committed before σ and ρ. If the fingerprint of y equals the fingerprint of the linear form,
//! then by Schwartz–Zippel (DeMillo–Lipton 1978; Zippel 1979; Schwartz 1980) y equals it in every
//! position except with probability (cells)/p. The lookups bound h, l, r; their recomposition is
//! below p by interval analysis, so (h, l, r) is *the* base-2^t decomposition of y + o, and the
//! function table, which has one row per h, leaves one output.
//!
//! # Completeness
//! Holds whenever `⌊(y+o)/2^S⌋` lies in the table's interval, which quantisation proves beforehand.
//!
//! # Cost
//! 4 + (limbs of r) small cells and 2 + (limbs of r) lookups per activation; two fingerprint columns per bank.

use crate::bus::{BusTerm, Value};
use crate::chain::{Chain, Link};
use crate::column::{Column, Numbers, set};
use crate::columns::{Challenges, Query, horner};
use crate::combination::{Coefficient, Combination};
use crate::families::{Activation, Decomposition, Lane};
use crate::gadget::{Constraint, Fingerprinted, Gadget, Known, Role};
use crate::params::ActivationBanks;
use halo2_proofs::arithmetic::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::Expression;

/// One bank; each `Vec` has one entry per lane.
#[derive(Clone, Debug)]
pub struct ActivationBank {
    /// S.
    pub shift: u32,
    /// t.
    pub low_bits: u32,
    /// Widths of the limbs of r.
    pub widths: Vec<u32>,
    /// Fixed: which function table.
    pub tag: Vec<usize>,
    /// Fixed: o, subtracted from the recomposed accumulator (half and bias).
    pub offset: Vec<usize>,
    /// Fixed: which rows go on.
    pub chain: Chain,
    /// First phase, per limb then per lane: r.
    pub remainder: Vec<Vec<usize>>,
    /// First phase: l.
    pub low: Vec<usize>,
    /// First phase: h.
    pub high: Vec<usize>,
    /// First phase: slope.
    pub slope: Vec<usize>,
    /// First phase: base.
    pub base: Vec<usize>,
    /// Second phase: fingerprint of the accumulator y.
    pub fingerprint_y: usize,
    /// Second phase: fingerprint of the output a.
    pub fingerprint_a: usize,
}

/// Powers of two that recompose y from its limbs.
struct Weights {
    high: Fr,
    low: Fr,
    remainder: Vec<Fr>,
}

impl ActivationBank {
    fn weights(&self) -> Weights {
        let two = |e: u32| Fr::from(2).pow([u64::from(e), 0, 0, 0]);
        let starts = self.widths.iter().scan(0, |at, width| {
            let start = *at;
            *at += width;
            Some(two(start))
        });
        Weights {
            high: two(self.shift + self.low_bits),
            low: two(self.shift),
            remainder: starts.collect(),
        }
    }

    /// y's fingerprint, from this row's cells and the next row's.
    fn accumulators(&self, q: &mut Query<'_, '_>, Link { step, turn }: &Link) -> Expression<Fr> {
        let sigma = q.challenges().sigma;
        let weights = self.weights();
        let next = q.second_next(self.fingerprint_y);
        let lanes = |q: &mut Query<'_, '_>, columns: &[usize]| -> Vec<Expression<Fr>> {
            columns.iter().map(|&c| q.first(c)).collect()
        };
        let high = horner(&sigma, lanes(q, &self.high).into_iter(), None);
        let low = horner(&sigma, lanes(q, &self.low).into_iter(), None);
        let offsets: Vec<_> = self.offset.iter().map(|&c| q.fixed(c)).collect();
        let offset = horner(&sigma, offsets.into_iter(), Some(-(step.clone() * next.clone())));
        let mut y = high * weights.high + low * weights.low - offset;
        for (limb, weight) in self.remainder.iter().zip(&weights.remainder) {
            y = y + horner(&sigma, lanes(q, limb).into_iter(), None) * *weight;
        }
        if let Some(turn) = turn {
            y = y + turn.clone() * next;
        }
        y
    }

    /// a's fingerprint, from this row's cells and the next row's.
    fn outputs(&self, q: &mut Query<'_, '_>, Link { step, turn }: &Link) -> Expression<Fr> {
        let sigma = q.challenges().sigma;
        let next = q.second_next(self.fingerprint_a);
        let outputs: Vec<_> = (0..self.low.len())
            .map(|j| q.first(self.slope[j]) * q.first(self.low[j]) + q.first(self.base[j]))
            .collect();
        let mut a = horner(&sigma, outputs.into_iter(), Some(step.clone() * next.clone()));
        if let Some(turn) = turn {
            a = a + turn.clone() * next;
        }
        a
    }
}

impl Gadget for ActivationBank {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn roles(&self) -> Vec<Role> {
        let turn = self.chain.turn;
        vec![
            Role::fixed("tag", &self.tag),
            Role::fixed("offset", &self.offset),
            Role::fixed("step", &[self.chain.step]),
            Role::fixed("turn", turn.as_slice()),
            Role::first("remainder", &self.remainder.concat()),
            Role::first("low", &self.low),
            Role::first("high", &self.high),
            Role::first("slope", &self.slope),
            Role::first("base", &self.base),
            Role::second("fingerprint of sums", &[self.fingerprint_y]),
            Role::second("fingerprint of values", &[self.fingerprint_a]),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let link = self.chain.query(q);
        let y = self.accumulators(q, &link);
        let y = q.second(self.fingerprint_y) - y;
        let a = self.outputs(q, &link);
        let a = q.second(self.fingerprint_a) - a;
        vec![
            Constraint::defining("activation/fingerprint_y", self.fingerprint_y, y),
            Constraint::defining("activation/fingerprint_a", self.fingerprint_a, a),
        ]
    }

    fn terms(&self, terms: &mut Vec<BusTerm>) {
        let range = |column, width: u32| {
            BusTerm::lookup(&[Value::First(column)], Value::Constant(i64::from(width)))
        };
        for lane in 0..self.low.len() {
            let limbs = self.remainder.iter().zip(&self.widths);
            terms.extend(limbs.map(|(limb, &width)| range(limb[lane], width)));
            terms.push(range(self.low[lane], self.low_bits));
            let [high, slope, base] =
                [&self.high, &self.slope, &self.base].map(|columns| Value::First(columns[lane]));
            terms.push(BusTerm::lookup(&[high, slope, base], Value::Fixed(self.tag[lane])));
        }
    }

    fn copied(&self) -> Vec<Column> {
        vec![Column::Second(self.fingerprint_y), Column::Second(self.fingerprint_a)]
    }

    fn opened_next(&self) -> Vec<usize> {
        vec![self.fingerprint_y, self.fingerprint_a]
    }

    fn values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        let Known { rows, fixed, first, challenges: Challenges { sigma, tau, .. }, .. } = *known;
        let lanes = self.low.len();
        let weights = self.weights();
        let powers = |scale| Coefficient::powers(sigma, scale, lanes);
        let (one, high, low) = (powers(Fr::one()), powers(weights.high), powers(weights.low));
        let remainder: Vec<_> = weights.remainder.iter().map(|weight| powers(*weight)).collect();
        let beyond = sigma.pow([lanes as u64]);
        let (mut ys, mut outputs) = (vec![Fr::zero(); rows + 1], vec![Fr::zero(); rows + 1]);
        for row in (0..rows).rev() {
            let (mut sum_y, mut sum_a) = (Combination::default(), Combination::default());
            for j in 0..lanes {
                let (h, l) = (first.at(self.high[j], row), first.at(self.low[j], row));
                sum_y.add(&high[j], h);
                sum_y.add(&low[j], l);
                sum_y.add(&one[j], -i128::from(fixed.at(self.offset[j], row)));
                for (limb, weight) in self.remainder.iter().zip(&remainder) {
                    sum_y.add(&weight[j], first.at(limb[j], row));
                }
                let (slope, base) = (first.at(self.slope[j], row), first.at(self.base[j], row));
                sum_a.add(&one[j], i128::from(slope) * i128::from(l));
                sum_a.add(&one[j], base);
            }
            let next = self.chain.weight_of_next(row, beyond, tau, fixed);
            ys[row] = sum_y.value() + next * ys[row + 1];
            outputs[row] = sum_a.value() + next * outputs[row + 1];
        }
        vec![(self.fingerprint_y, ys), (self.fingerprint_a, outputs)]
    }

    fn fingerprinted(&self) -> Option<Fingerprinted> {
        let groups = self.remainder.iter().chain([&self.low, &self.high, &self.slope, &self.base]);
        Some(Fingerprinted {
            fingerprints: vec![self.fingerprint_y, self.fingerprint_a],
            goes_on: self.chain.columns().collect(),
            cells: groups.flatten().copied().collect(),
        })
    }
}

impl Activation for ActivationBank {
    fn allocate(numbers: &mut Numbers, format: &ActivationBanks, turns: bool) -> Self {
        let ActivationBanks { lanes, shift, low_bits, .. } = *format;
        let widths = format.remainder_limbs();
        let (tag, offset) = (numbers.fixed.many(lanes), numbers.fixed.many(lanes));
        let chain = Chain::allocate(numbers, turns);
        let Numbers { first, second, .. } = numbers;
        ActivationBank {
            shift,
            low_bits,
            tag,
            offset,
            chain,
            remainder: widths.iter().map(|_| first.many(lanes)).collect(),
            low: first.many(lanes),
            high: first.many(lanes),
            slope: first.many(lanes),
            base: first.many(lanes),
            fingerprint_y: second.one(),
            fingerprint_a: second.one(),
            widths,
        }
    }

    fn chain(&self) -> Chain {
        self.chain
    }

    fn lay(&self, Lane { lane, row }: Lane, tag: i64, offset: i64, fixed: &mut [Vec<i64>]) {
        set(fixed, self.tag[lane], row, tag);
        set(fixed, self.offset[lane], row, offset);
    }

    fn fill(&self, Lane { lane, row }: Lane, of: &Decomposition, first: &mut [Vec<i64>]) {
        let mut rest = of.remainder;
        for (limb, width) in self.remainder.iter().zip(&self.widths) {
            set(first, limb[lane], row, rest & ((1 << width) - 1));
            rest >>= width;
        }
        set(first, self.low[lane], row, of.low);
        set(first, self.high[lane], row, of.high);
        set(first, self.slope[lane], row, of.slope);
        set(first, self.base[lane], row, of.base);
    }

    fn accumulator(&self) -> usize {
        self.fingerprint_y
    }

    fn output(&self) -> usize {
        self.fingerprint_a
    }
}

//! Maximum bank: the largest of 0 and a window's rescaled sums, in one step.
//!
//! # Statement
//! In each lane of each active row, for the elements e of a window of height by width and integers with `0 ≤ r_e < 2^S`:
//! `y_e = q_e·2^S + r_e − o` and `m = max(0, max_e q_e)`. `y_e` and `q_e` are no cells: with `d_e = m − q_e`, what stands
//! in cells are the limbs of m, of every d_e and of every r_e, and y enters through the fingerprints below, which another
//! identity equates with the linear layer's values.
//!
//! # Constraints
//! * `maximum/fingerprint` (degree 2 or 3): `D = Σ_j σ^j·m_j + step·σ^L·D'`, and `turn·τ·D'` with boundary terms
//! * `maximum/sums` (degree 3), for each row a of a window:
//!   `Y_a = Σ_j σ^(width·j)·Σ_b σ^b·y_(a,b),j + line·σ^(width·L)·Y_a'`
//! * `maximum/pair` (degree 3): `p = d_1·d_2`, of windows of four elements
//! * `maximum/attained` (degree 5): `m·Π_e d_e = 0`, with p in place of its factors
//! * on the bus: every limb. All of t bits carry the lane's fixed tag: 0 where no window stands, and then they are 0; the last
//!   one of r has the S mod t bits that are left.
//!
//! S and t are those of a format; with S = 0 there is no r, and the elements are taken as they are. `'` is the next row, L
//! the number of lanes. An image row's windows go on over rows where `line` is set: how far apart image rows are is for
//! the reader of the Y_a to say, which joins them by arithmetic.
//!
//! # Soundness
//! Cells are committed before σ, ρ and τ, and identities elsewhere fix each Y_a, hence every y_e. Limbs bound m, d and r,
//! whose recomposition is far below p: so `(q_e, r_e)` is *the* quotient and remainder of `y_e + o` by 2^S, and `m ≥ 0` and
//! `d_e ≥ 0` are true of integers. The product is below p and zero, so that m is 0 or one of the q_e: the largest.
//!
//! # Completeness
//! Holds whenever m and all d_e have as many bits as the limbs, which intervals prove beforehand.
//!
//! # Cost
//! For n elements `limbs·(n + 1) + n·(limbs of r)` small cells, all looked up, and with four elements one more; a
//! fingerprint for the maxima and one for each row of a window, per bank.

use crate::bus::{BusTerm, Value};
use crate::chain::{Chain, Link};
use crate::column::{Column, Numbers, set};
use crate::columns::{Challenges, Query, horner};
use crate::combination::{Coefficient, Combination};
use crate::families::{Lane, Maximum, Window};
use crate::gadget::{Constraint, Fingerprinted, Gadget, Known, On, Role};
use crate::params::MaximumBanks;
use halo2_proofs::arithmetic::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::Expression;

/// Elements of the windows whose first two distances have a cell for their product.
const PAIRED: usize = 4;

/// One bank; the innermost `Vec`s have one entry per lane.
#[derive(Clone, Debug)]
pub struct MaximumBank {
    /// S.
    pub shift: u32,
    /// t.
    pub low_bits: u32,
    /// Widths of the limbs of r.
    pub widths: Vec<u32>,
    /// Height and width of a window.
    pub window: [usize; 2],
    /// Fixed: t where a window stands, else 0.
    pub tag: Vec<usize>,
    /// Fixed: o.
    pub offset: Vec<usize>,
    /// Fixed: which rows of maxima go on.
    pub chain: Chain,
    /// Fixed: which rows of an image row's windows go on.
    pub line: usize,
    /// First phase, per limb: m.
    pub maximum: Vec<Vec<usize>>,
    /// First phase, per element of the window and limb: d.
    pub distance: Vec<Vec<Vec<usize>>>,
    /// First phase, per element of the window and limb: r.
    pub remainder: Vec<Vec<Vec<usize>>>,
    /// First phase, with four elements: the product of the first two distances.
    pub pair: Vec<usize>,
    /// Second phase: fingerprint of the maxima.
    pub fingerprint: usize,
    /// Second phase, per row of the window: fingerprint of its sums y.
    pub sums: Vec<usize>,
}

fn two(exponent: u32) -> Fr {
    Fr::from(2).pow([u64::from(exponent), 0, 0, 0])
}

/// 2^0, 2^t, 2^(2t), …
fn weights(of: usize, low_bits: u32) -> Vec<Fr> {
    std::iter::successors(Some(Fr::one()), |weight| Some(weight * two(low_bits))).take(of).collect()
}

impl MaximumBank {
    fn lanes(&self) -> usize {
        self.tag.len()
    }

    /// A value, from its limbs in a lane.
    fn value(&self, q: &mut Query<'_, '_>, limbs: &[Vec<usize>], lane: usize) -> Expression<Fr> {
        let cells: Vec<_> = limbs.iter().map(|limb| q.first(limb[lane])).collect();
        let weighted = cells.into_iter().zip(weights(limbs.len(), self.low_bits));
        let sum = weighted.map(|(cell, weight)| cell * weight).reduce(|sum, limb| sum + limb);
        sum.unwrap_or(Expression::Constant(Fr::zero()))
    }

    /// y of an element of the window in a lane.
    fn sum(&self, q: &mut Query<'_, '_>, element: usize, lane: usize) -> Expression<Fr> {
        let maximum = self.value(q, &self.maximum, lane);
        let distance = self.value(q, &self.distance[element], lane);
        let remainder = self.value(q, &self.remainder[element], lane);
        (maximum - distance) * two(self.shift) + remainder - q.fixed(self.offset[lane])
    }

    /// The fingerprint of the sums of a row of the window.
    fn row_of_sums(&self, q: &mut Query<'_, '_>, row: usize) -> Expression<Fr> {
        let [_, width] = self.window;
        let sigma = q.challenges().sigma;
        let elements = (0..self.lanes()).flat_map(|lane| (0..width).map(move |b| (lane, b)));
        let sums: Vec<_> =
            elements.map(|(lane, b)| self.sum(q, row * width + b, lane)).collect();
        let next = q.fixed(self.line) * q.second_next(self.sums[row]);
        q.second(self.sums[row]) - horner(&sigma, sums.into_iter(), Some(next))
    }

    /// The fingerprint of the maxima.
    fn maxima(&self, q: &mut Query<'_, '_>, Link { step, turn }: &Link) -> Expression<Fr> {
        let sigma = q.challenges().sigma;
        let next = q.second_next(self.fingerprint);
        let maxima: Vec<_> =
            (0..self.lanes()).map(|lane| self.value(q, &self.maximum, lane)).collect();
        let mut sum = horner(&sigma, maxima.into_iter(), Some(step.clone() * next.clone()));
        if let Some(turn) = turn {
            sum = sum + turn.clone() * next;
        }
        q.second(self.fingerprint) - sum
    }

    /// That p is a product, and that a lane's maximum is attained.
    fn attained(&self, q: &mut Query<'_, '_>, lane: usize) -> Vec<Constraint> {
        let on = |name, polynomial| Constraint::on(name, On::Active, polynomial);
        let mut all = vec![];
        let mut factors: Vec<_> =
            self.distance.iter().map(|distance| self.value(q, distance, lane)).collect();
        if let Some(&pair) = self.pair.get(lane) {
            let pair = q.first(pair);
            let product = factors.drain(..2).reduce(|a, b| a * b);
            all.extend(product.map(|product| on("maximum/pair", pair.clone() - product)));
            factors.push(pair);
        }
        let maximum = self.value(q, &self.maximum, lane);
        let product = factors.into_iter().fold(maximum, |product, factor| product * factor);
        all.push(on("maximum/attained", product));
        all
    }

    /// A value's limbs of t bits, from the lowest on.
    fn fill_limbs(&self, limbs: &[Vec<usize>], at: Lane, value: i64, first: &mut [Vec<i64>]) {
        let mut rest = value;
        for limb in limbs {
            set(first, limb[at.lane], at.row, rest & ((1 << self.low_bits) - 1));
            rest >>= self.low_bits;
        }
    }

    /// What cells weigh in an element's y of a lane, beside σ's powers: of m, d and r.
    fn cells_of(&self, element: usize, lane: usize) -> Vec<(usize, Fr)> {
        let limbs = |limbs: &[Vec<usize>], scale: Fr| {
            let weights = weights(limbs.len(), self.low_bits).into_iter();
            let columns = limbs.iter().map(|limb| limb[lane]);
            columns.zip(weights.map(|weight| weight * scale)).collect::<Vec<_>>()
        };
        let scale = two(self.shift);
        let mut all = limbs(&self.maximum, scale);
        all.extend(limbs(&self.distance[element], -scale));
        all.extend(limbs(&self.remainder[element], Fr::one()));
        all
    }
}

/// Cells of first-phase columns with what they weigh.
type Weighted = Vec<(usize, Coefficient)>;

fn combined(cells: &Weighted, known: &Known<'_>, row: usize, sum: &mut Combination) {
    cells.iter().for_each(|(column, weight)| sum.add(weight, known.first.at(*column, row)));
}

impl Gadget for MaximumBank {
    fn name(&self) -> &'static str {
        "maximum"
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::fixed("tag", &self.tag),
            Role::fixed("offset", &self.offset),
            Role::fixed("step", &[self.chain.step]),
            Role::fixed("turn", self.chain.turn.as_slice()),
            Role::fixed("line", &[self.line]),
            Role::first("maximum", &self.maximum.concat()),
            Role::first("distances", &self.distance.concat().concat()),
            Role::first("remainders", &self.remainder.concat().concat()),
            Role::first("products of two distances", &self.pair),
            Role::second("fingerprint of maxima", &[self.fingerprint]),
            Role::second("fingerprints of sums", &self.sums),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let link = self.chain.query(q);
        let maxima = self.maxima(q, &link);
        let mut all = vec![Constraint::defining("maximum/fingerprint", self.fingerprint, maxima)];
        for (row, &column) in self.sums.iter().enumerate() {
            let sums = self.row_of_sums(q, row);
            all.push(Constraint::defining("maximum/sums", column, sums));
        }
        all.extend((0..self.lanes()).flat_map(|lane| self.attained(q, lane)));
        all
    }

    fn terms(&self, terms: &mut Vec<BusTerm>) {
        for lane in 0..self.lanes() {
            let tagged = |limb: &Vec<usize>| {
                BusTerm::lookup(&[Value::First(limb[lane])], Value::Fixed(self.tag[lane]))
            };
            terms.extend(self.maximum.iter().chain(self.distance.iter().flatten()).map(tagged));
            for limbs in &self.remainder {
                terms.extend(limbs.iter().zip(&self.widths).map(|(limb, &width)| {
                    if width == self.low_bits {
                        return tagged(limb);
                    }
                    let width = Value::Constant(i64::from(width));
                    BusTerm::lookup(&[Value::First(limb[lane])], width)
                }));
            }
        }
    }

    fn copied(&self) -> Vec<Column> {
        std::iter::once(self.fingerprint).chain(self.sums.clone()).map(Column::Second).collect()
    }

    fn opened_next(&self) -> Vec<usize> {
        std::iter::once(self.fingerprint).chain(self.sums.clone()).collect()
    }

    fn values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        let Known { rows, fixed, challenges: Challenges { sigma, tau, .. }, .. } = *known;
        let ([height, width], lanes) = (self.window, self.lanes());
        let power = |exponent: usize| sigma.pow([exponent as u64]);
        let mut maxima: Weighted = vec![];
        for lane in 0..lanes {
            let weights = weights(self.maximum.len(), self.low_bits).into_iter();
            let columns = self.maximum.iter().map(|limb| limb[lane]);
            let weighted = columns.zip(weights.map(|w| Coefficient::new(w * power(lane))));
            maxima.extend(weighted);
        }
        let rows_of_sums = (0..height).map(|a| {
            let mut cells: Weighted = vec![];
            for lane in 0..lanes {
                for b in 0..width {
                    let place = power(lane * width + b);
                    let of = self.cells_of(a * width + b, lane).into_iter();
                    cells.extend(of.map(|(column, w)| (column, Coefficient::new(w * place))));
                }
            }
            cells
        });
        let rows_of_sums: Vec<Weighted> = rows_of_sums.collect();
        // An offset is taken off every sum of a row of the window.
        let of_row = (0..width).map(power).fold(Fr::zero(), |sum, power| sum + power);
        let offsets: Vec<_> =
            (0..lanes).map(|lane| Coefficient::new(of_row * power(lane * width))).collect();
        let (beyond, beyond_sums) = (power(lanes), power(lanes * width));
        let mut fingerprint = vec![Fr::zero(); rows + 1];
        let mut sums = vec![vec![Fr::zero(); rows + 1]; height];
        for row in (0..rows).rev() {
            let mut sum = Combination::default();
            combined(&maxima, known, row, &mut sum);
            let next = self.chain.weight_of_next(row, beyond, tau, fixed);
            fingerprint[row] = sum.value() + next * fingerprint[row + 1];
            let next = if fixed.at(self.line, row) == 0 { Fr::zero() } else { beyond_sums };
            for (cells, sums) in rows_of_sums.iter().zip(&mut sums) {
                let mut sum = Combination::default();
                combined(cells, known, row, &mut sum);
                for (lane, offset) in offsets.iter().enumerate() {
                    sum.add(offset, -i128::from(fixed.at(self.offset[lane], row)));
                }
                sums[row] = sum.value() + next * sums[row + 1];
            }
        }
        std::iter::once((self.fingerprint, fingerprint))
            .chain(self.sums.iter().copied().zip(sums))
            .collect()
    }

    fn fingerprinted(&self) -> Option<Fingerprinted> {
        let limbs = self.distance.iter().chain(&self.remainder).flatten();
        let cells = self.maximum.iter().chain(limbs).flatten().chain(&self.pair);
        Some(Fingerprinted {
            fingerprints: self.opened_next(),
            goes_on: self.chain.columns().chain([self.line]).collect(),
            cells: cells.copied().collect(),
        })
    }
}

impl Maximum for MaximumBank {
    fn allocate(numbers: &mut Numbers, banks: &MaximumBanks, turns: bool) -> Self {
        let MaximumBanks { lanes, shift, low_bits, limbs, window, .. } = *banks;
        let [height, width] = window;
        let (elements, widths) = (height * width, banks.remainder_limbs());
        let (tag, offset) = (numbers.fixed.many(lanes), numbers.fixed.many(lanes));
        let chain = Chain::allocate(numbers, turns);
        let line = numbers.fixed.one();
        let Numbers { first, second, .. } = numbers;
        let mut columns = |count: usize| -> Vec<Vec<usize>> {
            (0..count).map(|_| first.many(lanes)).collect()
        };
        let maximum = columns(limbs);
        let distance = (0..elements).map(|_| columns(limbs)).collect();
        let remainder = (0..elements).map(|_| columns(widths.len())).collect();
        let pair = columns(usize::from(elements == PAIRED)).concat();
        MaximumBank {
            shift,
            low_bits,
            widths,
            window,
            tag,
            offset,
            chain,
            line,
            maximum,
            distance,
            remainder,
            pair,
            fingerprint: second.one(),
            sums: second.many(height),
        }
    }

    fn chain(&self) -> Chain {
        self.chain
    }

    fn line(&self) -> usize {
        self.line
    }

    fn lay(&self, Lane { lane, row }: Lane, offset: i64, fixed: &mut [Vec<i64>]) {
        set(fixed, self.tag[lane], row, i64::from(self.low_bits));
        set(fixed, self.offset[lane], row, offset);
    }

    fn fill(&self, at: Lane, of: &Window<'_>, first: &mut [Vec<i64>]) {
        self.fill_limbs(&self.maximum, at, of.maximum, first);
        let distances = of.elements.iter().map(|(q, _)| of.maximum - q);
        for (limbs, distance) in self.distance.iter().zip(distances.clone()) {
            self.fill_limbs(limbs, at, distance, first);
        }
        for (limbs, (_, remainder)) in self.remainder.iter().zip(of.elements) {
            self.fill_limbs(limbs, at, *remainder, first);
        }
        if let Some(&pair) = self.pair.get(at.lane) {
            set(first, pair, at.row, distances.take(2).product());
        }
    }

    fn output(&self) -> usize {
        self.fingerprint
    }

    fn sums(&self) -> &[usize] {
        &self.sums
    }
}

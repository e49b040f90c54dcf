//! Maximum bank: the largest of a window's elements, and a function of it; before that a rescale of each.
//!
//! # Statement
//! In each lane of each active row, for the elements e of a window of height by width and integers with `0 ≤ r_e < 2^S`:
//! `y_e = (m − d_e)·2^S + r_e − o`, `d_e ≥ 0`, and some d_e is 0. So m is the largest of the quotients `q_e = m − d_e`. The
//! output is m, or, in banks with a function, `slope·l + base` of `m = h·2^t + l` by the table that the fixed tag names. Of a
//! function that grows it is the largest of the function's values. y and q are no cells: y enters through the fingerprints
//! below, which another identity equates with the linear layer's values, or with the elements themselves.
//!
//! # Constraints
//! * `maximum/fingerprint` (degree 3): `D = Σ_j σ^j·a_j + step·σ^L·D'`, and `turn·τ·D'` with boundary terms
//! * `maximum/sums` (degree 3), for each row a of a window:
//!   `Y_a = Σ_j σ^(width·j)·Σ_b σ^b·y_(a,b),j + line·σ^(width·L)·Y_a'`
//! * `maximum/attained` (degree 3 to 5): `Π_e d_e = 0`
//! * `maximum/empty` (degree 3), without a function: `(t − tag)·m = 0`
//! * on the bus: every limb of d and r; with a function l, and the tuple (h, slope, base, tag).
//!
//! S and t are those of a format; with S = 0 there is no r. Without a function S is 0, and the limbs of d carry the lane's tag:
//! t where a window stands, else 0, so that nothing stands where there is none. `'` is the next row, L the number of lanes. An
//! image row's windows go on over rows where `line` is set: how far apart image rows are is for the reader of the Y_a to say,
//! which joins them by arithmetic.
//!
//! # Soundness
//! Cells are committed before σ, ρ and τ, and identities elsewhere fix each Y_a, hence every y_e. Limbs bound d and r, and
//! the table h and l, whose recompositions are far below p: so `(q_e, r_e)` is *the* quotient and remainder of `y_e + o` by
//! 2^S, and `m ≥ q_e` is true of integers. The product of the d_e is zero only if one of them is: m is the largest. Without a
//! function m needs no range: it is equal to an element.
//!
//! # Completeness
//! Holds whenever all d_e have as many bits as their limbs, and h is in the table, which intervals prove beforehand.
//!
//! # Cost
//! For n elements `n·(limbs of d + limbs of r)` small cells, all looked up, and one, or with a function four and two lookups
//! more; a fingerprint for the outputs and one for each row of a window, per bank.

use crate::bus::{BusTerm, Value};
use crate::chain::{Chain, Link};
use crate::column::{Column, Numbers, set};
use crate::columns::{Challenges, Query, horner};
use crate::combination::{Coefficient, Combination};
use crate::families::{Lane, Largest, Maximum, Window};
use crate::gadget::{Constraint, Fingerprinted, Gadget, Known, On, Role};
use crate::params::MaximumBanks;
use halo2_proofs::arithmetic::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::Expression;

/// What is largest, with one column per lane.
#[derive(Clone, Debug)]
pub enum LargestCells {
    /// First phase: m.
    Itself(Vec<usize>),
    /// First phase: what a table says of m.
    Function {
        /// h.
        high: Vec<usize>,
        /// l.
        low: Vec<usize>,
        /// slope.
        slope: Vec<usize>,
        /// base.
        base: Vec<usize>,
    },
}

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
    /// Fixed: which function table; without functions t where a window stands, else 0.
    pub tag: Vec<usize>,
    /// Fixed: o.
    pub offset: Vec<usize>,
    /// Fixed: which rows of outputs go on.
    pub chain: Chain,
    /// Fixed: which rows of an image row's windows go on.
    pub line: usize,
    /// First phase: m.
    pub largest: LargestCells,
    /// First phase, per element of the window and limb: d.
    pub distance: Vec<Vec<Vec<usize>>>,
    /// First phase, per element of the window and limb: r.
    pub remainder: Vec<Vec<Vec<usize>>>,
    /// Second phase: fingerprint of the outputs.
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

    /// m of a lane.
    fn largest(&self, q: &mut Query<'_, '_>, lane: usize) -> Expression<Fr> {
        match &self.largest {
            LargestCells::Itself(cells) => q.first(cells[lane]),
            LargestCells::Function { high, low, .. } => {
                q.first(high[lane]) * two(self.low_bits) + q.first(low[lane])
            }
        }
    }

    /// The output of a lane.
    fn output_of(&self, q: &mut Query<'_, '_>, lane: usize) -> Expression<Fr> {
        match &self.largest {
            LargestCells::Itself(cells) => q.first(cells[lane]),
            LargestCells::Function { low, slope, base, .. } => {
                q.first(slope[lane]) * q.first(low[lane]) + q.first(base[lane])
            }
        }
    }

    /// y of an element of the window in a lane.
    fn sum(&self, q: &mut Query<'_, '_>, element: usize, lane: usize) -> Expression<Fr> {
        let largest = self.largest(q, lane);
        let distance = self.value(q, &self.distance[element], lane);
        let remainder = self.value(q, &self.remainder[element], lane);
        (largest - distance) * two(self.shift) + remainder - q.fixed(self.offset[lane])
    }

    /// The fingerprint of the sums of a row of the window.
    fn row_of_sums(&self, q: &mut Query<'_, '_>, row: usize) -> Expression<Fr> {
        let [_, width] = self.window;
        let sigma = q.challenges().sigma;
        let elements = (0..self.lanes()).flat_map(|lane| (0..width).map(move |b| (lane, b)));
        let sums: Vec<_> = elements.map(|(lane, b)| self.sum(q, row * width + b, lane)).collect();
        let next = q.fixed(self.line) * q.second_next(self.sums[row]);
        q.second(self.sums[row]) - horner(&sigma, sums.into_iter(), Some(next))
    }

    /// The fingerprint of the outputs.
    fn outputs(&self, q: &mut Query<'_, '_>, Link { step, turn }: &Link) -> Expression<Fr> {
        let sigma = q.challenges().sigma;
        let next = q.second_next(self.fingerprint);
        let outputs: Vec<_> = (0..self.lanes()).map(|lane| self.output_of(q, lane)).collect();
        let mut sum = horner(&sigma, outputs.into_iter(), Some(step.clone() * next.clone()));
        if let Some(turn) = turn {
            sum = sum + turn.clone() * next;
        }
        q.second(self.fingerprint) - sum
    }

    /// That some element of a lane's window is the largest; without a function, that nothing stands where there is none.
    fn attained(&self, q: &mut Query<'_, '_>, lane: usize) -> Vec<Constraint> {
        let on = |name, polynomial| Constraint::on(name, On::Active, polynomial);
        let distances = self.distance.iter().map(|distance| self.value(q, distance, lane));
        let distances: Vec<_> = distances.collect();
        let product = distances.into_iter().reduce(|product, distance| product * distance);
        let mut all: Vec<_> = product.map(|p| on("maximum/attained", p)).into_iter().collect();
        if let LargestCells::Itself(cells) = &self.largest {
            let width = Expression::Constant(Fr::from(u64::from(self.low_bits)));
            let empty = (width - q.fixed(self.tag[lane])) * q.first(cells[lane]);
            all.push(on("maximum/empty", empty));
        }
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
        let mut all = match &self.largest {
            LargestCells::Itself(cells) => vec![(cells[lane], scale)],
            LargestCells::Function { high, low, .. } => {
                vec![(high[lane], scale * two(self.low_bits)), (low[lane], scale)]
            }
        };
        all.extend(limbs(&self.distance[element], -scale));
        all.extend(limbs(&self.remainder[element], Fr::one()));
        all
    }

    /// The outputs' sum of a row, by powers of σ.
    fn output_sum(&self, powers: &[Coefficient], known: &Known<'_>, row: usize) -> Combination {
        let mut sum = Combination::default();
        for (lane, power) in powers.iter().enumerate() {
            let at = |columns: &[usize]| known.first.at(columns[lane], row);
            match &self.largest {
                LargestCells::Itself(cells) => sum.add(power, at(cells)),
                LargestCells::Function { low, slope, base, .. } => {
                    sum.add(power, i128::from(at(slope)) * i128::from(at(low)));
                    sum.add(power, at(base));
                }
            }
        }
        sum
    }

    /// What the fixed tag says.
    fn tagged(&self) -> &'static str {
        match self.largest {
            LargestCells::Itself(_) => "width",
            LargestCells::Function { .. } => "tag",
        }
    }

    /// First-phase columns of what is largest.
    fn largest_columns(&self) -> Vec<usize> {
        match &self.largest {
            LargestCells::Itself(cells) => cells.clone(),
            LargestCells::Function { high, low, slope, base } => {
                [high, low, slope, base].into_iter().flatten().copied().collect()
            }
        }
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
            Role::fixed(self.tagged(), &self.tag),
            Role::fixed("offset", &self.offset),
            Role::fixed("step", &[self.chain.step]),
            Role::fixed("turn", self.chain.turn.as_slice()),
            Role::fixed("line", &[self.line]),
            Role::first("largest", &self.largest_columns()),
            Role::first("distances", &self.distance.concat().concat()),
            Role::first("remainders", &self.remainder.concat().concat()),
            Role::second("fingerprint of values", &[self.fingerprint]),
            Role::second("fingerprints of sums", &self.sums),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let link = self.chain.query(q);
        let outputs = self.outputs(q, &link);
        let mut all = vec![Constraint::defining("maximum/fingerprint", self.fingerprint, outputs)];
        for (row, &column) in self.sums.iter().enumerate() {
            let sums = self.row_of_sums(q, row);
            all.push(Constraint::defining("maximum/sums", column, sums));
        }
        all.extend((0..self.lanes()).flat_map(|lane| self.attained(q, lane)));
        all
    }

    fn terms(&self, terms: &mut Vec<BusTerm>) {
        let range = |column, width: Value| BusTerm::lookup(&[Value::First(column)], width);
        let constant = |width: u32| Value::Constant(i64::from(width));
        for lane in 0..self.lanes() {
            let tag = Value::Fixed(self.tag[lane]);
            let width = match &self.largest {
                LargestCells::Itself(_) => tag,
                LargestCells::Function { high, low, slope, base } => {
                    terms.push(range(low[lane], constant(self.low_bits)));
                    let tuple = [high, slope, base].map(|columns| Value::First(columns[lane]));
                    terms.push(BusTerm::lookup(&tuple, tag));
                    constant(self.low_bits)
                }
            };
            terms.extend(self.distance.iter().flatten().map(|limb| range(limb[lane], width)));
            for limbs in &self.remainder {
                let limbs = limbs.iter().zip(&self.widths);
                terms.extend(limbs.map(|(limb, &width)| range(limb[lane], constant(width))));
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
        let powers = Coefficient::powers(sigma, Fr::one(), lanes);
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
            let sum = self.output_sum(&powers, known, row);
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
        let cells = self.largest_columns().into_iter().chain(limbs.flatten().copied());
        Some(Fingerprinted {
            fingerprints: self.opened_next(),
            goes_on: self.chain.columns().chain([self.line]).collect(),
            cells: cells.collect(),
        })
    }
}

impl Maximum for MaximumBank {
    fn allocate(numbers: &mut Numbers, banks: &MaximumBanks, turns: bool) -> Self {
        let MaximumBanks { lanes, shift, low_bits, limbs, window, function, .. } = *banks;
        let [height, width] = window;
        let (elements, widths) = (height * width, banks.remainder_limbs());
        let (tag, offset) = (numbers.fixed.many(lanes), numbers.fixed.many(lanes));
        let chain = Chain::allocate(numbers, turns);
        let line = numbers.fixed.one();
        let Numbers { first, second, .. } = numbers;
        let largest = match function {
            true => LargestCells::Function {
                high: first.many(lanes),
                low: first.many(lanes),
                slope: first.many(lanes),
                base: first.many(lanes),
            },
            false => LargestCells::Itself(first.many(lanes)),
        };
        let mut columns =
            |count: usize| -> Vec<Vec<usize>> { (0..count).map(|_| first.many(lanes)).collect() };
        let distance = (0..elements).map(|_| columns(limbs)).collect();
        let remainder = (0..elements).map(|_| columns(widths.len())).collect();
        MaximumBank {
            shift,
            low_bits,
            widths,
            window,
            tag,
            offset,
            chain,
            line,
            largest,
            distance,
            remainder,
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

    fn lay(&self, Lane { lane, row }: Lane, tag: i64, offset: i64, fixed: &mut [Vec<i64>]) {
        let tag = match self.largest {
            LargestCells::Itself(_) => i64::from(self.low_bits),
            LargestCells::Function { .. } => tag,
        };
        set(fixed, self.tag[lane], row, tag);
        set(fixed, self.offset[lane], row, offset);
    }

    fn fill(&self, at: Lane, of: &Window<'_>, first: &mut [Vec<i64>]) {
        let mut fill = |columns: &[usize], value| set(first, columns[at.lane], at.row, value);
        match (&self.largest, of.largest) {
            (LargestCells::Function { high, low, slope, base }, Largest::Looked(of)) => {
                fill(high, of.high);
                fill(low, of.low);
                fill(slope, of.slope);
                fill(base, of.base);
            }
            (LargestCells::Itself(cells), Largest::Itself(value)) => fill(cells, value),
            // A window of another kind of bank: none of its cells is right.
            (LargestCells::Function { .. }, Largest::Itself(_))
            | (LargestCells::Itself(_), Largest::Looked(_)) => {}
        }
        for (limbs, (distance, _)) in self.distance.iter().zip(of.elements) {
            self.fill_limbs(limbs, at, *distance, first);
        }
        for (limbs, (_, remainder)) in self.remainder.iter().zip(of.elements) {
            self.fill_limbs(limbs, at, *remainder, first);
        }
    }

    fn output(&self) -> usize {
        self.fingerprint
    }

    fn sums(&self) -> &[usize] {
        &self.sums
    }
}
